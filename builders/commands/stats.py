"""`python -m builders stats`"""

from __future__ import annotations

import argparse
from dataclasses import replace
from functools import reduce
from operator import add
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from builders.commands import leaks, terminal
from builders.commands.audit import print_findings
from builders.commands.options import add_benchmark_option, add_dataset_argument, named_directory
from builders.errors import BuildError

if TYPE_CHECKING:
    from builders.tree.reader import BuiltConfig
    from builders.tree.report import Report
    from builders.tree.stats import Figures, Statistics

SUMMARY = "Count lengths, the share of Japanese, and duplicates of a built dataset."
EXAMPLES = """\
  python -m builders stats build/sample
  python -m builders stats build/full --tokenizer ~/models/llama --charts build/charts
  python -m builders stats build/full --tokenizer ~/models/llama --card
  python -m builders stats build/full --audit
  python -m builders stats build/full --benchmark exam.jsonl --leaks build/leaks
  python -m builders stats records.jsonl --benchmark exam.jsonl:question=q,answer=a"""
RECORDS, LENGTHS = "records.png", "lengths.png"
"""The charts that are drawn."""
PAIRS = 10
"""Pairs of sources that are printed, those with the most records in common."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `stats`."""
    add_dataset_argument(parser)
    parser.add_argument(
        "--tokenizer",
        type=named_directory,
        metavar="DIR",
        help="measure lengths in tokens, not characters: directory of a model's tokenizer.json or tokenizer.model",
    )
    parser.add_argument(
        "--card", action="store_true", help="write the tokens into the dataset's report and card; needs --tokenizer"
    )
    parser.add_argument(
        "--audit", action="store_true", help="also check every record by rules, and show three examples of each finding"
    )
    add_benchmark_option(parser, "instead, report which records hold items of this JSON Lines file; DIR may be one too")
    parser.add_argument(
        "--leaks", type=named_directory, metavar="DIR", help="with --benchmark: write leaks.jsonl and leaks.png there"
    )
    parser.add_argument(
        "--charts", type=named_directory, metavar="DIR", help="also draw records.png and lengths.png there"
    )


def main(options: argparse.Namespace) -> int:
    """Prints the figures of every config, then what the sources have in common."""
    from builders.tree import audit, reader, report, stats, tokens

    if options.card and not options.tokenizer:
        raise BuildError("--card writes numbers of tokens.", "Name a tokenizer too, with --tokenizer DIR.")
    if options.charts:
        _require_own(options.charts)
    console = Console()
    if options.benchmark:
        leaks.show(console, options)
        return 0
    if options.leaks:
        raise BuildError("--leaks writes what benchmarks were found.", "Name one too, with --benchmark FILE.")
    load = report.load_known if options.audit or options.card else report.load
    content = load(options.directory)
    length_of = tokens.counter(options.tokenizer) if options.tokenizer else stats.characters
    unit = "tokens" if options.tokenizer else "characters"
    records = sum(config.records for config in content.configs.values())
    with terminal.counting(console, "reading", records) as advance:
        found = stats.measure(options.directory, content, length_of, advance)
    configs = reader.configs(content)
    figures = {name: reduce(add, (found.configs[task] for task in config.tasks)) for name, config in configs.items()}
    console.print(_lengths_table(figures, configs, unit))
    console.print("sum: of inputs and outputs; ja: kana, kanji and Japanese punctuation among their characters.\n")
    _print_duplicates(console, found, content)
    if options.audit:
        with terminal.counting(console, "checking", records) as advance:
            findings = audit.audit(options.directory, content, advance)
        print_findings(console, findings)
    if options.charts:
        _draw(options.charts, found, unit)
        terminal.say(console, f"Drawn: {options.charts / RECORDS}, {options.charts / LENGTHS}")
    if options.card:
        _write_tokens(options.directory, content, found, options.tokenizer.resolve().name)
        terminal.say(console, f"The card of {options.directory} has the tokens now.")
    return 0


def _write_tokens(directory: Path, content: Report, found: Statistics, tokenizer: str) -> None:
    from builders.documents import describe
    from builders.files import unwritable
    from builders.tree.report import TokenCounts

    counted = {name: _tokens(figures) for name, figures in found.configs.items()}
    try:
        describe(replace(content, tokens=TokenCounts(tokenizer, counted)), directory)
    except OSError as error:
        raise unwritable(directory, error, "Make it writable, then run the same command again.") from error


def _tokens(figures: Figures) -> int:
    return sum(distribution.total for distribution in figures.lengths.values())


def _lengths_table(figures: dict[str, Figures], configs: dict[str, BuiltConfig], unit: str) -> Table:
    table = terminal.table(f"Lengths in {unit}")
    table.add_column("config", no_wrap=True)
    for name in ("records", "input:\nmean, median", "output:\nmean, median", "sum", "ja"):
        table.add_column(name, justify="right", no_wrap=True)
    last_group = max((name for name in configs if len(configs[name].tasks) > 1), key=list(configs).index, default="")
    for name, figure in figures.items():
        sides = list(figure.lengths.values())
        cells = [f"{side.mean:,.1f} {side.median:6,.0f}" for side in sides]
        total = _short(sum(side.total for side in sides))
        japanese = f"{100 * figure.japanese / max(figure.characters, 1):.0f} %"
        table.add_row(name, f"{figure.records:,}", *cells, total, japanese, end_section=name == last_group)
    return table


def _short(number: int) -> str:
    """A large number in three or four digits."""
    for factor, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= factor:
            return f"{number / factor:,.1f} {unit}"
    return str(number)


def _print_duplicates(console: Console, found: Statistics, content: Report) -> None:
    records: dict[str, int] = {}
    for name, figures in found.configs.items():
        source = content.configs[name].corpus
        records[source] = records.get(source, 0) + figures.records
    table = terminal.table("Equal records (in instruction, input and output)")
    table.add_column("source")
    for name in ("records", "repeated in it", "in other sources too"):
        table.add_column(name, justify="right")
    for source, count in sorted((source, count) for source, count in records.items() if count):
        repeated, shared = (part.get(source, 0) for part in (found.duplicates.repeated, found.duplicates.shared))
        table.add_row(terminal.plain(source), f"{count:,}", f"{repeated:,}", f"{shared:,}")
    console.print(table)
    for (one, other), common in list(found.duplicates.pairs.items())[:PAIRS]:
        terminal.say(console, f"{one} and {other} have {common:,} in common.")


def _require_own(directory: Path) -> None:
    """Refuses what others drew before anything is read."""
    from builders.documents import charts
    from builders.files import require_own

    for name in (RECORDS, LENGTHS):
        require_own(directory / name, charts.is_ours)


def _draw(directory: Path, found: Statistics, unit: str) -> None:
    from builders.documents import charts
    from builders.files import unwritable, write_atomically
    from builders.tree import lengths
    from builders.tree.stats import Figures

    counts = {name: figures.records for name, figures in found.configs.items()}
    everything = reduce(add, found.configs.values(), Figures())
    series = {name: everything.lengths[name].histogram() for name in lengths.COUNTED}
    drawn = {
        RECORDS: charts.bars(counts, "Records per config", "records"),
        LENGTHS: charts.histogram(series, lengths.EDGES, "Lengths of inputs and outputs", unit),
    }
    try:
        for name, png in drawn.items():
            write_atomically(directory / name, png)
    except OSError as error:
        raise unwritable(directory, error, "Name another directory with --charts.") from error
