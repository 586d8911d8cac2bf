"""What is shown while a command works and when it ends: bars on a terminal, plain lines in a log, one style of table."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import TracebackType

from rich import box
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Table
from rich.text import Text

from builders.visible import visible

PAUSE = 10.0
"""Seconds between two lines about the same work, where the output is no terminal."""


def table(title: str) -> Table:
    """An empty table in the one style: a heading, a line below the heads, nothing around the cells."""
    return Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))


def plain(text: str, style: str = "") -> Text:
    """A text that others wrote, of the data, a path or a report, for a cell or a line: nothing in it is markup, and
    control characters are shown as `visible` has them."""
    return Text(visible(text), style)


def say(console: Console, text: str, style: str = "") -> None:
    """Prints such a text, in one line however long."""
    console.print(plain(text, style), soft_wrap=True)


def print_pairs(console: Console, title: str, pairs: Iterable[tuple[str, str | Text]]) -> None:
    """Prints names and what is said of them, a line each, between a title and an empty line; nothing without any.

    Args:
        console: where it is shown.
        title: in one line, however long: that of a `Table` would be folded to the table's width.
        pairs: a `str` is shown as `plain` has it, as the title is.
    """
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    for name, said in pairs:
        table.add_row(plain(name), plain(said) if isinstance(said, str) else said)
    if table.row_count:
        say(console, title, "bold")
        console.print(table)
        console.print()


def byte_bars(console: Console) -> Progress:
    """Bars of files that are downloaded or checked: bytes, speed and time left; what `download.obtain` expects."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(compact=True),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


class RecordBars:
    """Counts the records of several pieces of work: a bar each on a terminal, else a line now and then.

    Args:
        console: where it is shown.
        transient: whether the bars go away at the end.
    """

    def __init__(self, console: Console, *, transient: bool = False):
        self._console = console
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("records"))
        self._bars = Progress(
            *columns, TimeElapsedColumn(), console=console, transient=transient, disable=not console.is_terminal
        )
        self._ids: dict[str, TaskID] = {}
        self._counts: dict[str, int] = {}
        self._totals: dict[str, int | None] = {}
        self._told = time.monotonic()

    def __enter__(self) -> RecordBars:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def start(self, name: str, total: int | None = None) -> None:
        """A piece of work begins; `total` records are to come, where that is known."""
        self._ids[name] = self._bars.add_task(name, total=total)
        self._counts[name], self._totals[name] = 0, total

    def advance(self, name: str, records: int) -> None:
        """So many more records are done."""
        self._bars.advance(self._ids[name], records)
        self._counts[name] += records
        if not self._console.is_terminal and time.monotonic() - self._told >= PAUSE:
            self._told = time.monotonic()
            total = self._totals[name]
            say(self._console, f"{name}: {self._counts[name]:,}{f' of {total:,}' if total else ''} records")

    def finish(self, name: str, records: int) -> None:
        """A piece of work has ended with so many records."""
        self._bars.update(self._ids[name], total=records, completed=records)
        if not self._console.is_terminal:
            say(self._console, f"{name}: {records:,} records, done")


@contextmanager
def counting(console: Console, what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Shows how many records of one piece of work are done; the bar goes away at its end.

    Args:
        console: where it is shown.
        what: is done (`reading`).
        total: number of records.

    Yields:
        To be called with a number of records just done.
    """
    with RecordBars(console, transient=True) as bars:
        bars.start(what, total)
        yield lambda records: bars.advance(what, records)
