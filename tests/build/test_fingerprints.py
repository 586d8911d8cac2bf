"""A change rebuilds what it can change, and nothing else."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from builders import catalogue
from builders.build import fingerprints
from builders.corpus import Part

ROOT = Path(__file__).resolve().parents[2]
PRINT = """
from builders import catalogue
from builders.build.fingerprints import fingerprint
from builders.corpus import Part
for config, (corpus, task) in catalogue.TASK_CONFIGS.items():
    print(config, fingerprint(corpus, task, Part("all", {}), ()))
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the package that a test may change."""
    shutil.copytree(ROOT / "builders", tmp_path / "builders", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def all_fingerprints(root: Path) -> dict[str, str]:
    """Fingerprint by config, as a checkout computes it in a process of its own."""
    done = subprocess.run([sys.executable, "-c", PRINT], cwd=root, capture_output=True, text=True, check=True)
    return dict(line.split(" ") for line in done.stdout.splitlines())


def changed_by(root: Path, *files: str, text: str = "\n# a remark\n") -> set[str]:
    """The configs that are built anew after something was added to files."""
    before = all_fingerprints(root)
    for file in files:
        with open(root / "builders" / file, "a", encoding="utf-8") as module:
            module.write(text)
    after = all_fingerprints(root)
    return {config for config in after if before.get(config) != after[config]}


def test_what_writes_no_record_rebuilds_nothing(checkout):
    files = ("hub/publish.py", "documents/card.py", "commands/build.py", "build/run.py", "catalogue.py")
    assert changed_by(checkout, *files) == set()


def test_a_reader_rebuilds_the_corpora_that_it_reads(checkout):
    reader = "formats/aozora.py" if (ROOT / "builders/formats/aozora.py").is_file() else "formats/aozora/__init__.py"
    assert changed_by(checkout, "corpora/aozora.py", reader) == {"knowledge-aozora"}
    assert changed_by(checkout, "formats/spreadsheet.py") == {"easy-ja", "translation-easy-ja"}


def test_the_writer_rebuilds_everything(checkout):
    assert changed_by(checkout, "build/records.py") == set(catalogue.TASK_CONFIGS)


def test_an_instruction_text_rebuilds_the_tasks_that_have_it(checkout):
    path = checkout / "builders" / "instructions.py"
    before = all_fingerprints(checkout)
    path.write_text(path.read_text("utf-8").replace("言い換えてください", "書き換えてください"), encoding="utf-8")
    after = all_fingerprints(checkout)
    assert {config for config in after if before[config] != after[config]} == {"easy-ja"}


def test_a_correction_rebuilds_its_corpus(checkout):
    more = '\n[new]\ncorpus = "aio"\nkey = "dev-0"\ncolumn = "answer"\nwas = "a"\nbecomes = "b"\nreason = "wrong"\n'
    assert changed_by(checkout, "build/patches.toml", text=more) == {"knowledge-aio"}


def test_versions_raw_files_and_parts_count():
    corpus, task = catalogue.TASK_CONFIGS["jsquad"]
    part, files = Part("valid", {}), (("valid-v1.1.json", "0" * 64, "verified"),)
    first = fingerprints.fingerprint(corpus, task, part, files)
    assert fingerprints.fingerprint(corpus, task, part, files) == first
    others = [
        (replace(task, version=task.version + 1), part, files),
        (task, Part("train", {}), files),
        (task, part, (("valid-v1.1.json", "1" * 64, "verified"),)),
    ]
    assert first not in {fingerprints.fingerprint(corpus, *other) for other in others}


@pytest.mark.parametrize("corpus", catalogue.CORPORA)
def test_corpora_read_nothing_of_the_modules_that_count_by_value(corpus):
    """Instruction texts and licenses reach a record through `CORPUS` only: no function of the module names them."""
    tree = ast.parse((ROOT / "builders" / "corpora" / f"{corpus}.py").read_bytes())
    imported = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module in fingerprints.BY_VALUE
        for alias in node.names
    }
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    used = {node.id for function in functions for node in ast.walk(function) if isinstance(node, ast.Name)}
    assert not imported & used
