"""Reads damaged samples of every corpus, and prints a table of what came of it.

    python -m tests.fuzz [CORPUS ...] [--cases 50000] [--first 0] [--workers N]
    python -m tests.fuzz CORPUS --again NUMBER      one case again, in this process, with its traceback

The exit code is 1 where a case ended otherwise than in records, rejected rows or a named error, took over 10 seconds of
CPU time or over 1 GB.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from builders.catalogue import CORPORA
from tests.fuzz import cases
from tests.fuzz.cases import OUTCOMES, Outcome
from tests.fuzz.workers import LIMITS, MEMORY, outcomes, too_slow

LOGGED = 5_000
"""Cases between two lines of a log; a terminal has a bar."""


class Tally:
    """What came of the cases of one corpus."""

    def __init__(self, name: str):
        self.name, self.counts, self.faults = name, Counter[str](), Counter[str]()
        self.examples: dict[str, int] = {}
        self.slowest, self.memory, self._start, self._seconds = 0.0, 0, time.monotonic(), 0.0

    def add(self, outcome: Outcome) -> str:
        """Counts an outcome; returns the fault if it is one, else nothing."""
        what = outcome.what
        if what in OUTCOMES and outcome.memory > MEMORY:
            what = "over 1 GB"
        if what in OUTCOMES and outcome.seconds > LIMITS.cpu:
            what = too_slow(LIMITS)
        if what in OUTCOMES:
            self.counts[what] += 1
        else:
            self.faults[what] += 1
            self.examples.setdefault(what, outcome.number)
        self.slowest = max(self.slowest, outcome.seconds)
        self.memory = max(self.memory, outcome.memory)
        self._seconds = time.monotonic() - self._start
        return "" if what in OUTCOMES else what

    @property
    def row(self) -> list[str]:
        cases = self.counts.total() + self.faults.total()
        numbers = [cases, *(self.counts[what] for what in OUTCOMES), self.faults.total()]
        rate = cases / self._seconds
        return [
            self.name,
            *map("{:,}".format, numbers),
            f"{self.slowest:.2f} s",
            f"{self.memory >> 20} MB",
            f"{rate:.0f}",
        ]


def main() -> int:
    """Fuzzes the named corpora, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.splitlines()[0])
    parser.add_argument("corpora", nargs="*", metavar="CORPUS", help="all, if none is named")
    parser.add_argument("--cases", type=int, default=50_000, help="for each corpus (50,000)")
    parser.add_argument("--first", type=int, default=0, help="number of the first case (0)")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes (all cores)")
    parser.add_argument("--again", type=int, metavar="NUMBER", help="read one case again and print its traceback")
    options = parser.parse_args()
    names = options.corpora or list(CORPORA)
    if options.again is not None:
        with tempfile.TemporaryDirectory() as directory:
            print(
                cases.outcome_of(CORPORA[names[0]], cases.write_case(CORPORA[names[0]], options.again, Path(directory)))
            )
        return 0
    return _show([_fuzzed(name, options) for name in names])


def _fuzzed(name: str, options: argparse.Namespace) -> Tally:
    tally, console = Tally(name), Console(stderr=True)
    found = outcomes(name, range(options.first, options.first + options.cases), options.workers)
    shown = track(found, name, options.cases, console=console, transient=True, disable=not console.is_terminal)
    for done, outcome in enumerate(shown, 1):
        if fault := tally.add(outcome):
            print(f"{name} --again {outcome.number}: {fault}", file=sys.stderr)
        if done % LOGGED == 0 and not console.is_terminal:
            print(f"{name}: {done:,} of {options.cases:,} cases, {tally.faults.total()} faults", file=sys.stderr)
    print(f"{name}: {tally.faults.total()} faults", file=sys.stderr)
    return tally


def _show(tallies: list[Tally]) -> int:
    table = Table("corpus", "cases", *OUTCOMES, "faults", "slowest", "memory", "cases/s")
    for tally in tallies:
        table.add_row(*tally.row)
    console = Console(width=140)
    console.print(table)
    for tally in tallies:
        for fault, count in tally.faults.most_common():
            again = f"python -m tests.fuzz {tally.name} --again {tally.examples[fault]}"
            console.print(f"{tally.name}: {count:,} x {fault}\n    {again}", markup=False, highlight=False)
    return 1 if any(tally.faults for tally in tallies) else 0


if __name__ == "__main__":
    sys.exit(main())
