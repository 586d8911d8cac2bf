"""`python -m builders stats`"""

from __future__ import annotations

import argparse
from functools import reduce
from operator import add
from pathlib import Path

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from builders import build, charts, lengths, report, stats, tokens, tree
from builders.errors import BuildError
from builders.stats import Figures, Statistics

SUMMARY = "Count lengths, the share of Japanese, and duplicates of a built tree."
EXAMPLES = """\
  python -m builders stats build/sample
  python -m builders stats build/full --tokenizer ~/models/llama --charts build/charts
  python -m builders stats build/full --tokenizer ~/models/llama --card"""
PAIRS = 10
"""Pairs of sources that are printed, those with the most records in common."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `stats`."""
    parser.add_argument("directory", type=Path, metavar="DIR", help="a tree that `build` wrote")
    parser.add_argument(
        "--tokenizer",
        type=Path,
        metavar="DIR",
        help="measure lengths in tokens, not characters: directory of a model's tokenizer.json or tokenizer.model",
    )
    parser.add_argument(
        "--card", action="store_true", help="write the tokens into the tree's report and card; needs --tokenizer"
    )
    parser.add_argument("--charts", type=Path, metavar="DIR", help="also draw records.png and lengths.png there")


def main(options: argparse.Namespace) -> int:
    """Prints the figures of every config, then what the sources have in common."""
    if options.card and not options.tokenizer:
        raise BuildError("--card writes numbers of tokens.", "Name a tokenizer too, with --tokenizer DIR.")
    console = Console()
    content = report.read(options.directory)
    length_of = tokens.counter(options.tokenizer) if options.tokenizer else stats.characters
    unit = "tokens" if options.tokenizer else "characters"
    found = _measure(options.directory, content, length_of, console)
    figures = {
        name: reduce(add, (found.leaves[leaf] for leaf in config.leaves))
        for name, config in tree.configs(content).items()
    }
    console.print(_lengths_table(figures, tree.configs(content), unit))
    console.print("sum: of inputs and outputs; ja: kana, kanji and Japanese punctuation among their characters.\n")
    _print_duplicates(console, found, content)
    if options.charts:
        _draw(options.charts, found, content, unit)
        console.print(f"Drawn: {options.charts / 'records.png'}, {options.charts / 'lengths.png'}")
    if options.card:
        name = options.tokenizer.resolve().name
        content["tokens"] = {"tokenizer": name, "leaves": {leaf: _tokens(of) for leaf, of in found.leaves.items()}}
        build.describe(content, options.directory)
        console.print(f"The card of {options.directory} has the tokens now.")
    return 0


def _tokens(figures: Figures) -> int:
    return sum(figures.lengths[column].total for column in lengths.COUNTED)


def _measure(directory: Path, content: dict, length_of: stats.LengthOf, console: Console) -> Statistics:
    columns = (TextColumn("reading"), BarColumn(), MofNCompleteColumn(), TextColumn("records"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bars:
        bar = bars.add_task("", total=sum(entry["records"] for entry in content["leaves"].values()))
        return stats.measure(directory, content, length_of, lambda records: bars.advance(bar, records))


def _lengths_table(figures: dict[str, Figures], configs: dict[str, tree.Config], unit: str) -> Table:
    table = Table(title=f"Lengths in {unit}", title_justify="left", box=box.SIMPLE_HEAD, padding=0)
    table.add_column("config", no_wrap=True)
    for name in ("records", "input:\nmean, median", "output:\nmean, median", "sum", "ja"):
        table.add_column(name, justify="right", no_wrap=True)
    last_group = max((name for name in configs if len(configs[name].leaves) > 1), key=list(configs).index, default="")
    for name, figure in figures.items():
        sides = [figure.lengths[column] for column in lengths.COUNTED]
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


def _print_duplicates(console: Console, found: Statistics, content: dict) -> None:
    records: dict[str, int] = {}
    for leaf, figures in found.leaves.items():
        source = content["leaves"][leaf]["corpus"]
        records[source] = records.get(source, 0) + figures.records
    title = "Equal records (in instruction, input and output)"
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, padding=0)
    table.add_column("source")
    for name in ("records", "repeated in it", "in other sources too"):
        table.add_column(name, justify="right")
    for source, count in sorted((source, count) for source, count in records.items() if count):
        repeated, shared = (part.get(source, 0) for part in (found.duplicates.repeated, found.duplicates.shared))
        table.add_row(source, f"{count:,}", f"{repeated:,}", f"{shared:,}")
    console.print(table)
    for (one, other), common in list(found.duplicates.pairs.items())[:PAIRS]:
        console.print(f"{one} and {other} have {common:,} in common.", highlight=False)


def _draw(directory: Path, found: Statistics, content: dict, unit: str) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    counts = {leaf: figures.records for leaf, figures in found.leaves.items()}
    everything = reduce(add, found.leaves.values(), Figures())
    series = {name: everything.lengths[name].histogram() for name in lengths.COUNTED}
    drawn = {
        "records.png": charts.bars(counts, "Records per config", "records"),
        "lengths.png": charts.histogram(series, lengths.EDGES, "Lengths of inputs and outputs", unit),
    }
    for name, png in drawn.items():
        report.write_atomically(directory / name, png)
