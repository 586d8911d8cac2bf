"""`python -m builders build`"""

from __future__ import annotations

import argparse
from pathlib import Path

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from builders import build, catalogue, download, engines
from builders.build import Leaf
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
    _print_table(console, asked)
    _print_notes(console, asked)
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


def _print_table(console: Console, entries: dict[str, dict]) -> None:
    """Counts per config, then the rejects and the differences in words."""
    keys = ("rows_read", "records", "rejected", "paper", "difference")
    rows = {
        config: {**entry, "rejected": sum(entry["rejects"].values())} for config, entry in entries.items()
    }
    sums = {key: sum(row[key] for row in rows.values()) for key in keys}
    # narrow enough for 80 columns and the paper's seven-digit counts
    table = Table(title="Built", title_justify="left", show_footer=True, box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("config", footer="sum", no_wrap=True)
    for key, head in zip(keys, ("rows", "records", "rejects", "paper", "difference"), strict=True):
        table.add_column(head, justify="right", no_wrap=True, footer=_number(key, sums[key]))
    for config, row in rows.items():
        table.add_row(config, *(_number(key, row[key]) for key in keys))
    console.print(table)
    rejects = {config: [f"{n:,} {reason}" for reason, n in row["rejects"].items()] for config, row in rows.items()}
    _print_words(console, "Rejected, by reason", rejects)
    reasons = {config: [row["why"]] for config, row in rows.items() if row["why"]}
    corrections = {config: [f"{name}: {outcome}" for name, outcome in row["patches"].items()] for config, row in rows.items()}
    _print_words(console, "Corrections of single rows (builders/patches.toml)", corrections)
    _print_words(console, "Why counts differ from the paper's", reasons)


def _number(key: str, value: int) -> str:
    return f"{value:+,}" if key == "difference" and value else f"{value:,}"


def _print_words(console: Console, title: str, lines: dict[str, list[str]]) -> None:
    if not any(lines.values()):
        return
    table = Table(title=title, title_justify="left", show_header=False, box=None, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for config, texts in lines.items():
        if texts:
            table.add_row(config, Text("\n".join(texts)))
    console.print(table)
    console.print()


def _print_notes(console: Console, entries: dict[str, dict]) -> None:
    """Names the raw files that are not the pinned ones."""
    seen = set()
    for entry in entries.values():
        for file in entry["files"]:
            if file["status"] in ("missing", "changed") and (entry["corpus"], file["name"]) not in seen:
                seen.add((entry["corpus"], file["name"]))
                reason = f" ({file['reason']})" if file["reason"] not in ("", file["status"]) else ""
                console.print(f"[yellow]{file['status']}:[/] {entry['corpus']}/{file['name']}{reason}", soft_wrap=True)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number
