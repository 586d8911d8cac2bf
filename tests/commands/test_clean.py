"""`clean`, `build --clean` and `explain`, as they are typed."""

from __future__ import annotations

import shutil

import pytest

from builders.__main__ import main
from builders.clean import settings
from builders.tree import report
from builders.tree.verify import verify


@pytest.fixture(autouse=True)
def usual_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")


def test_the_rules_are_printed_as_yaml(tmp_path, capsys):
    assert main(["clean", "--show-rules"]) == 0

    printed = capsys.readouterr().out
    (tmp_path / "rules.yaml").write_text(printed, encoding="utf-8")
    assert settings.load(tmp_path / "rules.yaml") == settings.defaults()
    for rule in settings.ORDER:
        assert f": {rule.reason}\n{rule.name}:\n" in printed


def test_the_funnel_is_printed(clean_dataset, tmp_path, capsys):
    shutil.copytree(clean_dataset, tmp_path / "out")
    assert main(["clean", str(tmp_path / "out"), "--workers", "1"]) == 0

    printed = capsys.readouterr().out
    content = report.load(tmp_path / "out")
    clean = content.clean.configs
    numbers = [
        sum(entry.rows_read for entry in content.configs.values()),
        sum(sum(entry.rejected.values()) for entry in content.configs.values()),
        sum(entry.records for entry in content.configs.values()),
        sum(sum(entry.dropped.values()) for entry in clean.values()),
        sum(entry.records for entry in clean.values()),
    ]
    assert ["sum", *(f"{number:,}" for number in numbers)] in [line.split() for line in printed.splitlines()]
    assert ["aio-dev", "7", "0", "9", "0"] in [line.split() for line in printed.splitlines()]


def test_without_a_dataset(capsys):
    assert main(["clean"]) == 1
    assert "No dataset is named." in capsys.readouterr().err


def test_a_directory_that_is_no_dataset(tmp_path, capsys):
    assert main(["clean", str(tmp_path)]) == 1
    assert "is no built dataset" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_build_and_clean_in_one_command(tmp_path, capsys):
    arguments = ["build", "easy-ja", "--sample", "--clean", "--out", str(tmp_path / "out"), "--workers", "1"]
    assert main(arguments) == 0

    assert report.load(tmp_path / "out").clean.configs["easy-ja"].records_read == 33
    assert verify(tmp_path / "out") == []
    assert "Curated edition in" in capsys.readouterr().out


def test_rules_without_clean_are_refused_before_anything_is_built(tmp_path, capsys):
    arguments = ["build", "easy-ja", "--sample", "--rules", "rules.yaml", "--out", str(tmp_path / "out")]
    assert main(arguments) == 1
    assert "--rules and --benchmark are for the curated edition." in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_explain_prints_all_of_it(clean_dataset, capsys):
    assert main(["explain", "tab_delimited:ja-en:line-8", "--built", str(clean_dataset)]) == 0

    printed = capsys.readouterr().out
    for text in ("jpn-eng.zip", "sha256", "年老いた灯台守は", "exact-duplicate", "tab_delimited:ja-en:line-6"):
        assert text in printed


def test_explain_says_what_is_not_there(clean_dataset, capsys):
    assert main(["explain", "nobody", "--built", str(clean_dataset)]) == 1
    assert 'no record and no rejected row "nobody"' in capsys.readouterr().err
