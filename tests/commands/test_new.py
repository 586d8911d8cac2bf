"""`new`: what it writes is a whole corpus; names that cannot be one are refused before anything is written."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from builders.commands.new import ROOT, write_corpus
from builders.errors import BuildError

COPIED = ("builders", "samples", "tests", "pyproject.toml", "dataset_infos.json", "llm-japanese-dataset.py")


@pytest.fixture
def checkout(tmp_path) -> Path:
    """A copy of this checkout."""
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def run(checkout: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-B", "-m", *arguments], cwd=checkout, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def contents(checkout: Path) -> dict[str, bytes]:
    return {path.relative_to(checkout).as_posix(): path.read_bytes() for path in checkout.rglob("*") if path.is_file()}


@pytest.mark.slow
def test_a_new_corpus_passes_every_test_and_edits_no_list(checkout):
    before = contents(checkout)
    printed = run(checkout, "builders", "new", "demo_x")
    assert "Wrote builders/corpora/demo_x.py\nWrote samples/demo_x/demo_x.tsv\n" in printed
    assert "python -m tests.corpora.regenerate demo_x" in printed
    assert "demo_x:question:1" in run(checkout, "builders", "show", "demo_x", "--sample", "-n", "1")
    run(checkout, "tests.corpora.regenerate", "demo_x")
    run(checkout, "tests.documents.regenerate")
    generic = ("tests/corpora/test_every_corpus.py", "tests/test_catalogue.py", "tests/documents/test_infos.py")
    run(checkout, "pytest", "-q", "-p", "no:cacheprovider", *generic)
    run(checkout, "ruff", "check", "--no-cache", "builders")
    run(checkout, "ruff", "format", "--no-cache", "--check", "builders/corpora/demo_x.py")
    after = contents(checkout)
    assert {name for name in after if after[name] != before.get(name)} == {
        "builders/corpora/demo_x.py",
        "samples/demo_x/demo_x.tsv",
        *(f"tests/corpora/golden/demo_x.{kind}" for kind in ("records.jsonl", "rejected.jsonl", "versions.json")),
        "dataset_infos.json",
    }


@pytest.mark.slow
def test_a_slip_in_a_new_corpus_is_told_by_its_cause(checkout):
    run(checkout, "builders", "new", "demo_x")
    module = checkout / "builders" / "corpora" / "demo_x.py"
    module.write_text(module.read_text().replace('"{question}", "", "{answer}"', '"{answer}", "", "{question}"'))
    done = subprocess.run(
        [sys.executable, "-B", "-m", "tests.corpora.regenerate", "demo_x"],
        cwd=checkout,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert (
        'builders/corpora/demo_x.py: the output of the template "question" holds the question: is it swapped with another?'
    ) in done.stderr


@pytest.mark.parametrize("name", ["", "Demo", "2demo", "demo-x", "demo__x", "demo_", "_demo", "デモ", "class", "../x"])
def test_a_name_that_is_none_is_refused(tmp_path, name):
    with pytest.raises(BuildError) as error:
        write_corpus(tmp_path, name)
    assert str(error.value) == (
        f'"{name}" cannot be the name of a corpus: it is a Python module, and a config where "-" stands for "_".\n'
        'Next step: Use lower-case letters and digits, a letter first, and single "_" between them.'
    )
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["all", "extended", "papers", "typo_correction"])
def test_a_name_that_a_config_or_group_has_is_refused(tmp_path, name):
    with pytest.raises(BuildError) as error:
        write_corpus(tmp_path, name)
    config = name.replace("_", "-")
    assert str(error.value) == f'There is a config "{config}" already.\nNext step: Choose another name.'
    assert not list(tmp_path.iterdir())


def test_a_corpus_or_a_sample_that_is_there_is_left_alone(tmp_path):
    module, sample = write_corpus(tmp_path, "demo_x")
    for path, there in ((module, module), (sample, sample.parent)):
        path.write_text("mine")
        with pytest.raises(BuildError) as error:
            write_corpus(tmp_path, "demo_x")
        assert str(error.value) == (
            f"{there} exists already.\nNext step: Choose another name, or change what is there."
        )
        assert path.read_text() == "mine"
        path.unlink()
