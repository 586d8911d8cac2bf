"""The leak report of `stats --benchmark`: a table, and on demand JSON Lines and a chart."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from builders.commands import terminal

if TYPE_CHECKING:
    from builders.clean.leak_report import Leaks


def show(console: Console, options: argparse.Namespace) -> None:
    """Looks for the benchmarks that are named in what is named, and prints which records hold which items."""
    if options.leaks:
        _require_own(options.leaks)
    found = _look(console, options)
    table = terminal.table("Records that hold items of a benchmark")
    for head in ("benchmark", "corpus", "match"):
        table.add_column(head, overflow="fold")
    for head in ("records", "different items"):
        table.add_column(head, justify="right")
    for (benchmark, corpus, match), count in found.counts().items():
        same = (benchmark, corpus, match)
        items = {leak.item for leak in found.leaks if (leak.benchmark, leak.corpus, leak.match) == same}
        names = (terminal.plain(benchmark), terminal.plain(corpus))
        table.add_row(*names, match, f"{count:,}", f"{len(items):,}")
    console.print(table)
    named = ", ".join(f"{name} {count:,}" for name, count in found.items.items())
    looked_at = f"{sum(found.records.values()):,} records looked at. Items: {named}"
    terminal.say(console, f"{looked_at}; {found.skipped:,} of them are too short to be told.")
    if options.leaks:
        _write(console, found, options.leaks)


def _look(console: Console, options: argparse.Namespace) -> Leaks:
    from builders.clean import leak_report
    from builders.clean.overlap.benchmarks import collect
    from builders.tree import report

    if options.directory.is_file():
        with terminal.RecordBars(console, transient=True) as bars:
            bars.start("reading")
            return leak_report.of_file(
                options.directory, options.benchmark, lambda records: bars.advance("reading", records)
            )
    content = report.load_known(options.directory)
    benchmarks = collect(options.directory, content, options.benchmark)
    records = sum(config.records for config in content.configs.values())
    with terminal.counting(console, "reading", records) as advance:
        return leak_report.of_dataset(options.directory, content, benchmarks, advance)


def _require_own(directory: Path) -> None:
    """Refuses what others wrote before anything is read."""
    from builders.clean import leak_report
    from builders.documents import charts
    from builders.files import require_own

    require_own(directory / leak_report.JSONL, leak_report.is_ours)
    require_own(directory / leak_report.PNG, charts.is_ours)


def _write(console: Console, found: Leaks, directory: Path) -> None:
    from builders.clean import leak_report
    from builders.documents import charts
    from builders.files import unwritable, write_atomically

    drawn = {f"{benchmark} in {corpus}, {match}": count for (benchmark, corpus, match), count in found.counts().items()}
    png = charts.bars(drawn, "Records that hold items of a benchmark", "records")
    try:
        leak_report.write(found, directory / leak_report.JSONL)
        write_atomically(directory / leak_report.PNG, png)
    except OSError as error:
        raise unwritable(directory, error, "Name another directory with --leaks.") from error
    paths = f"{directory / leak_report.JSONL}, {directory / leak_report.PNG}"
    terminal.say(console, f"Written: {paths}")
