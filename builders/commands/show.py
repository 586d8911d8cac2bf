"""`python -m builders show`"""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from builders import catalogue
from builders.commands.options import add_source_options, obtain_with
from builders.corpus import Corpus, Task
from builders.errors import BuildError, FormatError
from builders.records import SCHEMA, make_records
from builders.rows import Rows

SUMMARY = "Print raw rows of a corpus beside the records they become."
EXAMPLES = """\
  python -m builders show coursera --sample
  python -m builders show jsquad -n 2 --sources ~/corpora"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `show`."""
    parser.add_argument("corpus", help="name of a corpus (see `python -m builders list`)")
    parser.add_argument("-n", type=int, default=5, metavar="ROWS", help="rows of each kind to print (default: 5)")
    add_source_options(parser)


def main(options: argparse.Namespace) -> int:
    """Prints the first rows of each view, and what each task makes of them."""
    corpus = catalogue.corpus_named(options.corpus)
    files = obtain_with(options)(corpus)
    present = {file.name: file.path for file in files if file.path is not None}
    console = Console()
    console.print(f"[bold]{corpus.title}[/]  {corpus.homepage}  {corpus.licence.name}")
    for view, rows in _first_rows(corpus, present, options.n).items():
        for index in range(min(options.n, rows.batch.num_rows)):
            one = Rows(rows.batch.slice(index, 1), view=view)
            _print_row(console, corpus, one)
    return 0


def _first_rows(corpus: Corpus, present: dict[str, Path], count: int) -> dict[str, Rows]:
    """The first batch that has rows, of each view that a task is made from."""
    missing = {template.view for task in corpus.tasks for template in task.templates}
    found: dict[str, Rows] = {}
    try:
        for rows in itertools.chain.from_iterable(map(corpus.read, corpus.split(present))):
            if rows.view in missing and rows.batch.num_rows:
                found[rows.view] = rows
                missing.remove(rows.view)
            if not missing:
                break
    except FormatError as error:
        raise BuildError(f"{corpus.name}: {error}", "Replace the raw file by a fresh copy.") from error
    return found


def _print_row(console: Console, corpus: Corpus, rows: Rows) -> None:
    table = Table(title=f"row {rows.batch.column('key')[0]}", title_justify="left", show_header=False, expand=True)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold", ratio=1)
    for name, value in rows.batch.to_pylist()[0].items():
        table.add_row(name, Text(str(value)))
    for task in corpus.tasks:
        _add_records(table, corpus, task, rows)
    console.print(table)


def _add_records(table: Table, corpus: Corpus, task: Task, rows: Rows) -> None:
    for _, records, rejects in make_records(rows, corpus, task):
        for record in records.cast(SCHEMA).to_pylist():
            table.add_section()
            table.add_row("config", task.config)
            for name in ("instruction", "input", "output", "id"):
                table.add_row(name, Text(record[name]))
        for reject in rejects:
            table.add_section()
            table.add_row("rejected", f"{task.config}: {reject.reason}")
