"""Precision and recall of every rule, on the labelled data of the repository and on seeded edits.

    python -m builders.clean.evaluate [MEASURE ...] [--built DIR]

A measure is named in `MEASURES`; it gives rows, and all rows are printed as one table. With a built dataset, `overlap` is
also measured on what was found in its records; and with `rules` the pair score on each of its corpora, learnt from the
others: minutes of work.
"""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

MEASURES: dict[str, str] = {
    "duplicates": "builders.clean.measures.duplicates",
    "overlap": "builders.clean.measures.overlap",
    "read-pairs": "builders.clean.measures.read_pairs",
    "rules": "builders.clean.measures.rules",
}
"""The module whose `measure()` gives rows, by name: of the two rules that compare records with other texts, of the pair
score on pairs that were read, and of all the other rules together."""
LABELLED = Path(__file__).parent / "labelled"
"""Labelled data: `<rule>.jsonl`, one labelled case a line."""


@dataclass(frozen=True)
class Row:
    """Counts of one kind of case.

    Args:
        rule: name of the rule.
        case: what is measured: `labelled`, or the kind of a made case.
        positives, negatives: cases of which the rule should, and should not, find something.
        found: positives that it found.
        wrong: negatives in which it found something.
    """

    rule: str
    case: str
    positives: int
    negatives: int
    found: int
    wrong: int

    @property
    def recall(self) -> str:
        """Found positives of all positives, two decimals more than per cent need; "-" where there are none."""
        return f"{self.found / self.positives:.4f}" if self.positives else "-"

    @property
    def precision(self) -> str:
        """Positives among what was found; "-" where nothing was found or nothing could be wrong."""
        return f"{self.found / (self.found + self.wrong):.4f}" if self.negatives and self.found + self.wrong else "-"

    @classmethod
    def of(cls, rule: str, case: str, wanted: Sequence[bool], got: Sequence[bool]) -> Row:
        """Counts cases.

        Args:
            wanted: by case, whether the rule should find something.
            got: by case, whether it did.
        """
        pairs = list(zip(wanted, got, strict=True))
        positives = sum(1 for want, _ in pairs if want)
        found = sum(1 for want, is_found in pairs if want and is_found)
        wrong = sum(1 for want, is_found in pairs if not want and is_found)
        return cls(rule, case, positives, len(pairs) - positives, found, wrong)


def labelled(name: str) -> list[dict[str, Any]]:
    """The labelled cases of a rule, as its file has them."""
    return [orjson.loads(line) for line in (LABELLED / f"{name}.jsonl").read_bytes().splitlines()]


def measure(rules: Iterable[str]) -> list[Row]:
    """Rows of some rules, in the order of their names."""
    rows: list[Row] = []
    for rule in sorted(rules):
        function: Callable[[], list[Row]] = importlib.import_module(MEASURES[rule]).measure
        rows += function()
    return rows


def table(rows: Sequence[Row]) -> str:
    """The rows as a table of plain text."""
    head = ("rule", "case", "positives", "negatives", "recall", "precision")
    lines = [
        (row.rule, row.case, f"{row.positives:,}", f"{row.negatives:,}", row.recall, row.precision) for row in rows
    ]
    return plain_table(head, lines)


def plain_table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """A table of plain text; the first two columns are texts, the others numbers."""
    widths = [max(len(line[place]) for line in (head, *lines)) for place in range(len(head))]
    written = []
    for line in (head, *lines):
        cells = [
            cell.ljust(width) if place < 2 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        written.append("  ".join(cells).rstrip())
    return "\n".join(written) + "\n"


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rules", nargs="*", choices=[*sorted(MEASURES), []], metavar="RULE", help=", ".join(MEASURES))
    parser.add_argument("--built", type=Path, metavar="DIR", help="also measure on a built dataset")
    options = parser.parse_args()
    chosen = options.rules or MEASURES
    print(table(measure(chosen)), end="")
    if options.built and "overlap" in chosen:
        from builders.clean.measures.found import measure_found

        print("\n" + table(measure_found(options.built)), end="")
    if options.built and "rules" in chosen:
        from builders.clean.measures import held_out

        print("\n" + held_out.to_text(held_out.measure_held_out(options.built)), end="")


if __name__ == "__main__":
    main()
