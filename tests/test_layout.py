"""Every config has one glob, which finds its files and no others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from builders import catalogue, layout
from builders.corpus import License

PREFIXES = ("", "clean/")
"""Task configs stand at the top, and a second edition of them may stand in a folder."""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Empty files with the names of the whole catalogue's, and others that a published dataset holds."""
    directory = tmp_path_factory.mktemp("tree")
    paths = [f"{prefix}{path}" for prefix in PREFIXES for name in catalogue.TASK_CONFIGS for path in _paths(name)]
    for path in [*paths, "README.md", "rejected/jsquad.jsonl", "plots/records.png", ".building/jsquad/0/00000.parquet"]:
        (directory / path).parent.mkdir(parents=True, exist_ok=True)
        (directory / path).touch()
    return directory


def _paths(config: str) -> list[str]:
    return layout.shard_paths(config, 2)


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("config", catalogue.CONFIGS)
def test_a_glob_finds_the_files_of_its_config_in_their_order(config: str, prefix: str, tree: Path) -> None:
    found = [path.relative_to(tree).as_posix() for path in tree.glob(prefix + layout.glob(config))]
    visible = sorted(path for path in found if not path.startswith("."))  # as `datasets` leaves hidden folders out

    assert visible == [f"{prefix}{path}" for name in catalogue.CONFIGS[config] for path in _paths(name)]


def test_a_task_that_came_later_is_found_by_extended_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    corpus, task = catalogue.TASK_CONFIGS["jsquad"]
    monkeypatch.setitem(catalogue.TASK_CONFIGS, "typo-later", (corpus, replace(task, paper_count=None)))

    (path,) = map(Path, layout.shard_paths("typo-later", 1))

    assert path.name == "extended-sharealike-00000-of-00001.parquet"
    assert [group for group, glob in layout.GROUP_GLOBS.items() if path.match(glob)] == ["extended"]


@pytest.mark.parametrize(
    ("clauses", "word"),
    [
        ({}, "permissive"),
        ({"share_alike": True}, "sharealike"),
        ({"commercial": False}, "noncommercial"),
        ({"commercial": False, "share_alike": True}, "noncommercial"),
    ],
)
def test_the_strictest_clause_of_the_license_names_the_file(
    clauses: dict[str, Any], word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus, task = catalogue.TASK_CONFIGS["jsquad"]
    license = License("X", "X", "https://example.org", **clauses)
    monkeypatch.setitem(catalogue.TASK_CONFIGS, "jsquad", (replace(corpus, license=license), task))

    assert layout.shard_paths("jsquad", 1) == [f"jsquad/train-{word}-00000-of-00001.parquet"]
