"""`diff`, as it is typed: what is printed, and what is written."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace

import pytest

from builders.__main__ import main
from builders.documents import changes, describe
from builders.tree import report
from tests.diff.datasets import PAIRS, build
from tests.support.digests import digests


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Two versions; in the second one pair has another Japanese side, one pair is new and one is gone."""
    directory = tmp_path_factory.mktemp("built")
    old = build(directory / "old")
    pairs = {number: pair for number, pair in PAIRS.items() if number != 2}
    pairs |= {3: (PAIRS[3][0], "三番目の文です。"), 9: ("Nine\x1b[31m.", "九。")}
    new = build(directory / "new", pairs)
    describe(replace(report.load(new), version="1.0.1"), new)
    return old, new


@pytest.fixture(autouse=True)
def wide(monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")


def run(*arguments) -> int:
    return main(["diff", *map(str, arguments)])


def test_what_is_printed(built, capsys):
    old, new = built

    assert run(old, new) == 0

    printed = re.sub(r" +\n", "\n", capsys.readouterr().out)
    assert f"old: {old}, version 1.0.0\nnew: {new}, version 1.0.1\n" in printed
    assert re.search(r"config +before +after +added +removed +changed", printed)
    assert re.search(r"translation-tab-delimited +14 +14 +2 +2 +2\n", printed)
    assert "changed: input 1, output 1" in printed and "raw file jpn-eng.zip is another one: sha256" in printed
    changed = "translation-tab-delimited, changed: tab_delimited:ja-en:3-3\ninput  [-3-]{+三+}番目の文です。\n"
    assert changed in printed
    assert "translation-tab-delimited, added: tab_delimited:ja-en:9-9\n" in printed
    assert r"Nine\x1b[31m." in printed and "\x1b" not in printed
    assert "translation-tab-delimited, removed: tab_delimited:en-ja:2-2\n" in printed


def test_no_difference(built, tmp_path, capsys):
    old, _ = built

    assert run(old, shutil.copytree(old, tmp_path / "copy")) == 0

    assert capsys.readouterr().out.endswith("No record differs: 14 records in 1 config are the same.\n")


def test_the_changelog_is_written_and_nothing_else(built, tmp_path, capsys):
    old, new = built
    before = digests(old.parent.parent)
    path = tmp_path / "CHANGELOG.md"
    path.write_text("# Ours\n\n## 1.0.1 (2026-12-01)\n\n- By hand.\n\n## 1.0.0\n", "utf-8")

    assert run(old, new, "--changelog", path) == 0
    assert capsys.readouterr().out.endswith(f"Written: {path}\n")

    by_hand, line = changes.read(path.read_text("utf-8"))["1.0.1"].lines
    assert by_hand == "By hand."
    assert line.startswith("`translation-tab-delimited`: 2 added, 2 removed, 2 changed (input 1, output 1). Raw file")
    assert " `jpn-eng.zip` is another one: sha256 " in line
    once = path.read_bytes()
    assert run(old, new, "--changelog", path) == 0 and path.read_bytes() == once
    assert digests(old.parent.parent) == before and [file.name for file in tmp_path.iterdir()] == ["CHANGELOG.md"]


def refused(capsys, *arguments) -> str:
    assert run(*arguments) == 1
    return capsys.readouterr().err


def test_what_stops_it(built, tmp_path, capsys):
    old, new = built
    nowhere = tmp_path / "nowhere"
    same = shutil.copytree(old, tmp_path / "same")

    (tmp_path / "empty").mkdir()

    assert f"Error: {tmp_path / 'empty'} holds no report.json" in refused(capsys, old, tmp_path / "empty")
    assert f'"{nowhere}" is no directory, and no revision on the Hub.' in refused(capsys, old, nowhere)
    assert f"{old} and {old} are the same dataset." in refused(capsys, old, old)
    told = refused(capsys, old, same, "--changelog", tmp_path / "CHANGELOG.md")
    assert "Error: Both are version 1.0.0, so there is no new version to write a changelog for." in told
    assert "Next step: Raise __version__ in builders/__init__.py" in told
    assert f"{tmp_path} is a directory, so it is not replaced." in refused(capsys, old, new, "--changelog", tmp_path)
    (tmp_path / "latin").write_bytes("Änderungen".encode("latin-1"))
    assert f"{tmp_path / 'latin'} cannot be read: 'utf-8' codec" in refused(
        capsys, old, new, "--changelog", tmp_path / "latin"
    )
    for name in ("a@b", "izumi-lab/llm-japanese-dataset"):
        assert f'"{name}" is no directory, and no revision on the Hub.' in refused(capsys, name, new)
    assert not (tmp_path / "CHANGELOG.md").exists()
