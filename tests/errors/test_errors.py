"""Bad input gets its message, exit code 1, and no tree."""

from __future__ import annotations

import pytest

from tests.errors import cases


@pytest.mark.parametrize("case", cases.CASES)
def test_message(case, tmp_path):
    code, text = cases.message(case, tmp_path)
    golden = (cases.DIRECTORY / f"{case}.txt").read_text(encoding="utf-8")
    assert text == golden, f"if that is meant: {cases.COMMAND}, and read the diff"
    assert code == 1
    assert not (tmp_path / "out" / "report.json").exists()


def test_every_golden_message_has_its_case():
    assert {path.stem for path in cases.DIRECTORY.iterdir()} == set(cases.CASES)


@pytest.mark.parametrize("case", cases.CASES)
def test_every_message_says_what_to_do_next(case):
    text = (cases.DIRECTORY / f"{case}.txt").read_text(encoding="utf-8")
    assert text.startswith("Error: ") and "\nNext step: " in text and "Traceback" not in text
