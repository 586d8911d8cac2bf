"""The options that several commands have: where raw files come from, where the result goes, how many processes."""

from __future__ import annotations

import argparse
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from builders.errors import BuildError

if TYPE_CHECKING:
    from rich.progress import Progress

    from builders.build.plan import Obtain

SAMPLES = Path(__file__).resolve().parents[2] / "samples"


def named_directory(text: str) -> Path:
    """A directory on the command line: "", which a shell gives for an unset variable, would be the one it runs in."""
    if not text.strip():
        raise argparse.ArgumentTypeError("is empty; name a directory")
    return Path(text)


def add_dataset_argument(parser: argparse.ArgumentParser) -> None:
    """Adds the argument that names a built dataset."""
    parser.add_argument("directory", type=named_directory, metavar="DIR", help="output directory of `build`")


def add_worker_option(parser: argparse.ArgumentParser) -> None:
    """Adds --workers."""
    parser.add_argument(
        "--workers", type=positive, default=cores(), metavar="N", help="processes (default: %(default)s)"
    )


def add_clean_options(parser: argparse.ArgumentParser) -> None:
    """Adds --rules and --benchmark."""
    parser.add_argument(
        "--rules", type=Path, metavar="FILE", help="YAML file of switches and thresholds (see `clean --show-rules`)"
    )
    add_benchmark_option(parser, "also leave out what matches the items of this JSON Lines file")


def add_benchmark_option(parser: argparse.ArgumentParser, what: str) -> None:
    """Adds --benchmark, which may come several times."""
    parser.add_argument(
        "--benchmark",
        action="append",
        default=[],
        metavar="FILE[:ROLE=FIELD,...]",
        help=f"{what}; roles of fields are question, answer, passage and side",
    )


def cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def add_source_options(parser: argparse.ArgumentParser) -> None:
    """Adds --sources, --sample, --best-effort and --dump-date."""
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--sources",
        type=named_directory,
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


def obtain_with(options: argparse.Namespace, progress: Progress | None = None) -> Obtain:
    """The way to a corpus's raw files that the options ask for.

    Raises:
        BuildError: the source directory does not exist.
    """
    from builders import download

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


def obtain_named(options: argparse.Namespace) -> Obtain | None:
    """The way to the raw files, where the options name some: a look at a record starts no download."""
    return obtain_with(options) if options.sources or options.sample else None


def add_out_option(parser: argparse.ArgumentParser) -> None:
    """Adds --out, the output directory that a command makes."""
    parser.add_argument(
        "--out",
        type=named_directory,
        required=True,
        metavar="DIR",
        help="output directory; new, empty or built before",
    )


def positive(text: str) -> int:
    """A number of things from the command line: 1 or more."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f'must be a whole number, 1 or more, not "{text}"')
    return number
