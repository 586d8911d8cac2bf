"""Real raw files, wherever somebody has some: the counts that must come out of each.

`raw_files.toml` has a table per file, by its sha256. What lies in `LJD_SOURCES` under `<corpus>/<file name>` and is in
it is read; other files say nothing about this project.

    make test-sources SOURCES=~/corpora
"""

from __future__ import annotations

import os
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from builders import catalogue
from builders.__main__ import main
from builders.commands.build import INCOMPLETE
from builders.files import sha256
from builders.tree import report
from builders.tree.verify import verify
from tests.support.reading import count_records

KNOWN = tomllib.loads((Path(__file__).parent / "raw_files.toml").read_text(encoding="utf-8"))


@cache
def present() -> dict[str, Path]:
    """Paths of the files that the table knows, by sha256."""
    directory = Path(os.environ.get("LJD_SOURCES") or "/nonexistent")
    paths = {directory / entry["corpus"] / entry["file"] for entry in KNOWN.values()}
    found = {sha256(path): path for path in sorted(paths) if path.is_file()}
    return {digest: path for digest, path in found.items() if digest in KNOWN}


@pytest.mark.parametrize("digest", KNOWN, ids=lambda digest: f"{KNOWN[digest]['corpus']}-{digest[:8]}")
def test_counts(digest: str, tmp_path: Path):
    path = present().get(digest)
    if path is None:
        pytest.skip("LJD_SOURCES has no file of this sha256")
    entry = KNOWN[digest]
    for name in (entry["file"], *entry.get("with", [])):
        (tmp_path / name).symlink_to(path.with_name(name))
    counts = count_records(catalogue.CORPORA[entry["corpus"]], tmp_path, entry.get("date", ""))
    assert counts == Counter(entry["records"])


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    sources = os.environ.get("LJD_SOURCES")
    if not sources:
        pytest.skip("LJD_SOURCES is not set: no real raw files here")
    out = tmp_path_factory.mktemp("real") / "built"
    code = main(["build", "extended", "--sources", sources, "--best-effort", "--out", str(out)])
    assert code in (0, INCOMPLETE)
    return out


def test_every_difference_from_the_paper_has_a_reason(built):
    for name, config in report.load(built).configs.items():
        assert bool(config.difference) == bool(config.why), name


def test_configs_without_records_are_those_without_raw_files(built):
    for name, config in report.load(built).configs.items():
        missing = {file.name for file in config.files if file.status == "missing"}
        assert bool(config.records) == bool(len(config.files) - len(missing)), name


def test_what_was_built_is_sound(built):
    assert verify(built) == []
