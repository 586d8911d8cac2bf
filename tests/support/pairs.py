"""A source directory with one small delimited corpus, for tests of what a build does with files."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

from builders import download
from builders.build import engines
from builders.build.engines import Engine
from builders.build.plan import plan_configs
from builders.build.run import run_build
from builders.documents import describe
from builders.tree.report import Report

CONFIG = "translation-tab-delimited"
ARCHIVE = "tab_delimited/jpn-eng.zip"


def write_pairs(sources: Path, lines: Iterable[str]) -> Path:
    """Writes `jpn-eng.zip` with these lines into a source directory and returns the archive's path."""
    path = sources / ARCHIVE
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(zipfile.ZipInfo("jpn.txt"), "".join(f"{line}\n" for line in lines))
    return path


def numbered(count: int) -> list[str]:
    """That many different pairs."""
    return [f"Sentence number {number}.\t{number}番目の文です。" for number in range(count)]


def build_pairs(
    sources: Path,
    out: Path,
    configs: Sequence[str] = (CONFIG,),
    *,
    best_effort: bool = False,
    workers: int = 1,
    chat: bool = False,
    engine: Engine = engines.run,
) -> Report:
    """Builds from a source directory; returns the report."""
    plans = plan_configs(configs, partial(download.obtain, sources=sources, best_effort=best_effort))
    return run_build(plans, out, workers=workers, describe=describe, chat=chat, engine=engine)
