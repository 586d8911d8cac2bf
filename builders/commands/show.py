"""`python -m builders show`"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from builders.commands import terminal
from builders.commands.options import add_source_options, named_directory, obtain_with
from builders.errors import BuildError, FormatError

if TYPE_CHECKING:
    from builders.corpus import Corpus, Task
    from builders.rows import Rows

SUMMARY = "Print raw rows of a corpus beside the records they become, or records of a built dataset."
EXAMPLES = """\
  python -m builders show coursera --sample                          rows and records of a corpus
  python -m builders show jsquad -n 2 --sources ~/corpora
  python -m builders show knowledge-aozora --built build/full -n 20  records drawn at random
  python -m builders show all --built build/full -n 50 --seed 7"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `show`."""
    parser.add_argument("name", help="a corpus or a config (see `python -m builders list`)")
    parser.add_argument("-n", type=int, default=5, metavar="ROWS", help="rows of each kind to print (default: 5)")
    parser.add_argument(
        "--built", type=named_directory, metavar="DIR", help="print records of this output directory instead"
    )
    parser.add_argument(
        "--seed", type=int, default=0, metavar="S", help="draws other records with --built (default: 0)"
    )
    add_source_options(parser)


def main(options: argparse.Namespace) -> int:
    """Prints rows beside records, or records."""
    console = Console()
    if options.built:
        return _show_built(console, options)
    for corpus in _corpora(options.name):
        files = obtain_with(options)(corpus)
        present = {file.name: file.path for file in files if file.path is not None}
        title = Text.assemble((corpus.title, "bold"), f"  {corpus.homepage}  {corpus.license.name}")
        console.print(title)
        for row in _first_rows(corpus, present, options.n):
            console.print(_row_table(corpus, row))
    return 0


def _corpora(name: str) -> list[Corpus]:
    """The corpus of that name, or those of the config of that name.

    Raises:
        BuildError: there is neither; suggests the nearest.
    """
    from builders import catalogue

    if name in catalogue.CORPORA:
        return [catalogue.CORPORA[name]]
    if name in catalogue.CONFIGS:
        corpora = [catalogue.TASK_CONFIGS[config][0] for config in catalogue.CONFIGS[name]]
        return list({corpus.name: corpus for corpus in corpora}.values())
    raise BuildError(
        f'There is no corpus and no config "{name}".',
        catalogue.suggestion(name, [*catalogue.CORPORA, *catalogue.CONFIGS]),
    )


def _show_built(console: Console, options: argparse.Namespace) -> int:
    from builders import catalogue
    from builders.schema import TEXTS
    from builders.tree import report
    from builders.tree.sample import draw

    name = options.name
    if name not in catalogue.CONFIGS and name in catalogue.CORPORA:
        name = catalogue.CORPORA[name].tasks[0].config
    content = report.load(options.built)
    for record in draw(options.built, content, name, options.n, options.seed):
        table = _two_columns(record["id"])
        for column in (*TEXTS, "license"):
            table.add_row(column, terminal.plain(record[column]))
        console.print(table)
    return 0


def _first_rows(corpus: Corpus, present: dict[str, Path], count: int) -> Iterator[Rows]:
    """The first rows of each record type that a task is made from, one at a time.

    Raises:
        BuildError: a raw file cannot be read.
    """
    from builders.rows import Rows

    missing = {template.record_type: count for task in corpus.tasks for template in task.templates}
    try:
        for rows in itertools.chain.from_iterable(map(corpus.read, corpus.split(present))):
            for index in range(min(missing.get(rows.record_type, 0), rows.batch.num_rows)):
                yield Rows(rows.batch.slice(index, 1), record_type=rows.record_type)
                missing[rows.record_type] -= 1
            if not any(missing.values()):
                return
    except FormatError as error:
        raise BuildError(f"{corpus.name}: {error}", "Replace the raw file by a fresh copy.") from error


def _row_table(corpus: Corpus, rows: Rows) -> Table:
    table = _two_columns(f"row {rows.batch.column('key')[0]}")
    for name, value in rows.batch.to_pylist()[0].items():
        table.add_row(name, terminal.plain(str(value)))
    for task in corpus.tasks:
        _add_records(table, corpus, task, rows)
    return table


def _two_columns(title: str) -> Table:
    table = Table(title=terminal.plain(title), title_justify="left", show_header=False, expand=True)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold", ratio=1)
    return table


def _add_records(table: Table, corpus: Corpus, task: Task, rows: Rows) -> None:
    from builders.build.records import make_records
    from builders.schema import SCHEMA, TEXTS

    for _, records, rejected in make_records(rows, corpus, task):
        for record in records.cast(SCHEMA).to_pylist():
            table.add_section()
            table.add_row("config", task.config)
            for name in (*TEXTS, "id"):
                table.add_row(name, terminal.plain(record[name]))
        for row in rejected:
            table.add_section()
            table.add_row("rejected", terminal.plain(f"{task.config}: {row.reason}"))
