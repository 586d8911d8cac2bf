"""The options that say where raw files come from: the same for every command that reads them."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path

from rich.progress import Progress

from builders import download
from builders.corpus import Corpus
from builders.download import SourceFile
from builders.errors import BuildError

SAMPLES = Path(__file__).resolve().parents[2] / "samples"


def add_source_options(parser: argparse.ArgumentParser) -> None:
    """Adds --sources, --sample, --best-effort and --dump-date."""
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--sources",
        type=Path,
        metavar="DIR",
        help="read raw files from DIR/<corpus>/<file name as upstream has it>, and touch no network",
    )
    where.add_argument("--sample", action="store_true", help="read the small invented files of samples/ instead")
    parser.add_argument(
        "--best-effort",
        action="store_true",
        help="go on without a raw file that is missing, and with one that is not the pinned one; "
        "the report and the card say so",
    )
    parser.add_argument(
        "--dump-date",
        metavar="YYYYMMDD",
        help="date of the Wikipedia and Wikinews dumps (default: the newest dump in --sources, or upstream's latest)",
    )


def obtain_with(
    options: argparse.Namespace, progress: Progress | None = None
) -> Callable[[Corpus], tuple[SourceFile, ...]]:
    """The way to a corpus's raw files that the options ask for.

    Raises:
        BuildError: the source directory does not exist.
    """
    sources = SAMPLES if options.sample else options.sources
    if sources is not None and not sources.is_dir():
        raise BuildError(
            f"There is no directory {sources}.", "Name the directory that holds <corpus>/<raw file> with --sources."
        )
    return partial(
        download.obtain,
        sources=sources,
        best_effort=options.best_effort,
        dump_date=options.dump_date,
        progress=progress,
    )
