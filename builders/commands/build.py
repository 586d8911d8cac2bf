"""`python -m builders build`"""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from builders import build, catalogue, download, engines
from builders.build import Leaf
from builders.commands import summary
from builders.commands.options import add_source_options, obtain_with

SUMMARY = "Build configs into a directory of Parquet files with card and report."
EXAMPLES = """\
  python -m builders build --sample --out build/sample          everything, from the invented samples
  python -m builders build translation --out build/full         download, verify and build eight corpora
  python -m builders build jsquad easy-ja --sources ~/corpora --out build/some
  python -m builders build --sources ~/corpora --best-effort --out build/full

exit code: 0 everything asked for was built; 1 stopped by an error; 2 wrong usage;
3 finished under --best-effort, but at least one config has no records."""

INCOMPLETE = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `build`."""
    parser.add_argument(
        "configs", nargs="*", metavar="CONFIG", help="configs to build (default: all; see `python -m builders list`)"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="directory of the finished tree")
    add_source_options(parser)
    parser.add_argument(
        "--workers", type=_positive, default=engines.cores(), metavar="N", help="processes (default: %(default)s)"
    )


def main(options: argparse.Namespace) -> int:
    """Builds, and ends with a table of what came of every config."""
    console = Console()
    with download.byte_progress(console) as bars:
        leaves = build.plan(options.configs or [catalogue.DEFAULT], obtain_with(options, bars))
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("records"),
        TimeElapsedColumn(),
        console=console,
    ) as bars:
        report = build.run(leaves, options.out, workers=options.workers, progress=_Bars(bars))
    asked = {leaf.config: report["leaves"][leaf.config] for leaf in leaves}
    summary.show(console, asked)
    empty = [config for config, entry in asked.items() if not entry["records"]]
    if empty:
        console.print(f"[bold red]Without records, and so not in {options.out}:[/] {', '.join(empty)}")
        return INCOMPLETE
    console.print(f"Built in {options.out}. Check it with: python -m builders verify {options.out}")
    return 0


class _Bars(build.Progress):
    """One bar per leaf; its length is the paper's count where the raw files are the pinned ones, else unknown."""

    def __init__(self, bars: Progress):
        self._bars, self._ids = bars, {}

    def start(self, leaf: Leaf) -> None:
        known = all(file.status == "verified" for file in leaf.files)
        total = leaf.task.paper if known else None
        self._ids[leaf.config] = self._bars.add_task(leaf.config, total=total)

    def records(self, leaf: Leaf, count: int) -> None:
        self._bars.advance(self._ids[leaf.config], count)

    def finish(self, leaf: Leaf, records: int) -> None:
        self._bars.update(self._ids[leaf.config], total=max(records, 1), completed=records or 1)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number
