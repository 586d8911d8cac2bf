"""Precision and recall of what decides that a record was, nearly, trained on: ``seen.Trained.near`` on labelled pairs.

    python -m finetune.evaluation.measure_near [--data DIR]

A line of ``labelled/near.jsonl`` is a record that is asked, one that was trained on, and ``seen``: true if the trained
record pairs what is asked about, in whatever wording and direction, with something that, copied out, would be taken for a
right answer. Tone, articles and synonyms are free; another person, thing, number, tense, negation or language, a word too
much or too little that changes what is said, and a wrong answer under the same question make it false.

All pairs are of real records, under licenses that ask for no more than a name: Tatoeba's sentences (`tab_delimited` and
`tanaka`), the easy Japanese corpora and Coursera's subtitles, credited in each dataset's NOTICE. One reader judged them.
Equal texts, and records of the same row, are in none of them: those are told without limits. Of 491,304 records
250 of each source and task were asked, 3,000 in all, and from what they are near or similar to pairs were drawn with a seed:

- near: from all pairs that the rule, as it was, calls near.
- only near: a pair each of asked records that are left out for being near, and for no equal text (129 of the 3,000).
- band: a pair each of asked records that would be left out too if ``ALIKE`` were 0.7 (136 more).
- similar: from the three nearest by their common pairs of letters (Jaccard; as many of 0.35 to 0.5 as of 0.5 to 0.6, 0.6
  to 0.7, 0.7 to 0.8 and above) that the rule does not call near.
- numbers, part: from what only the comparison of numerals, or of a question's parts, keeps from being near.

They were read mixed and without what the rule says of them, but for 45 of the band, numbers and part. Precision of the first
two is the rule's; recall is that of these pairs, drawn close to the border, and not that of a dataset. ``kind`` says which
texts are alike: both questions, a question and an answer (back), or only question and answer together (whole).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from rich.console import Console
from rich.table import Table
from scipy.stats import binomtest

from finetune import command
from finetune.evaluation import near, seen

if TYPE_CHECKING:
    from numpy.typing import NDArray

LABELLED = Path(__file__).parent / "labelled" / "near.jsonl"
COLUMNS = ("instruction", "input", "output")
SPLITS = ("chosen on", "test")
"""Pairs that thresholds are judged by, and those that only say what they are worth."""
KINDS = ("question", "back", "whole")
DRAWN = ("near", "only near", "band", "similar", "numbers", "part")
ALIKE = (0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
PART = (0.4, 0.5, 0.6, 0.7, 0.8)
WIDTH = 140
"""Of what is printed, in whatever terminal: it is compared with what was printed before."""
HEAD = ("pairs", "limits", "seen", "not", "recall", "95 %", "precision", "95 %")


def pairs() -> list[dict[str, Any]]:
    """Read the labelled pairs."""
    return [json.loads(line) for line in LABELLED.read_text("utf-8").splitlines()]


def decide(
    cases: Sequence[dict[str, Any]], limits: near.Limits = near.USUAL, usual: pa.Table | None = None
) -> list[bool]:
    """Tell of which pairs the rule says that the asked record was trained on.

    Args:
        cases: Labelled pairs. All trained records are known at once: none is near what another pair asks.
        limits: The rule's.
        usual: Records whose texts tell what is rare; the trained ones if nothing is given.
    """
    asked, trained = (
        pa.Table.from_pylist(
            [{**dict(zip(COLUMNS, case[side], strict=True)), "id": case["from"][place]} for case in cases]
        )
        for place, side in enumerate(("asked", "trained"))
    )
    return list(map(bool, seen.Trained(trained, limits, usual).near(asked)))


def measure(usual: pa.Table | None = None) -> list[tuple[str, ...]]:
    """Make the lines of the table: the rule as it is on each split, kind and draw, then other limits.

    Other limits are tried on the pairs that they may be chosen on, and on no others.
    """
    cases = pairs()
    labels, found = np.array([case["seen"] for case in cases]), np.array(decide(cases, usual=usual))
    lines = []
    for split in SPLITS:
        of_split = np.array([case["split"] == split for case in cases])
        lines.append(_line(split, near.USUAL, labels[of_split], found[of_split]))
        for name, values in (("kind", KINDS), ("drawn", DRAWN)):
            for value in values:
                chosen = of_split & np.array([case[name] == value for case in cases])
                lines.append(_line(f"{split}, {name} {value}", near.USUAL, labels[chosen], found[chosen]))
    judged = np.array([case["split"] == SPLITS[0] for case in cases])
    others = [near.Limits(alike=alike) for alike in ALIKE] + [near.Limits(part=part) for part in PART]
    for limits in others:
        found = np.array(decide(cases, limits, usual))
        lines.append(_line(SPLITS[0], limits, labels[judged], found[judged]))
    return lines


def table(lines: Iterable[Sequence[str]]) -> Table:
    """Set lines as a table; the first two columns are texts, the others numbers."""
    shown = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for place, head in enumerate(HEAD):
        shown.add_column(head, justify="left" if place < 2 else "right", no_wrap=True)
    for line in lines:
        shown.add_row(*line)
    return shown


def _line(name: str, limits: near.Limits, labels: NDArray[np.bool_], found: NDArray[np.bool_]) -> tuple[str, ...]:
    right = int((labels & found).sum())
    positives, called = int(labels.sum()), int(found.sum())
    return (
        name,
        f"ALIKE {limits.alike:g}, PART {limits.part:g}",
        str(positives),
        str(len(labels) - positives),
        *_share(right, positives),
        *_share(right, called),
    )


def _share(right: int, of: int) -> tuple[str, str]:
    """A share as its counts, and its 95 % interval after Wilson."""
    if not of:
        return "-", "-"
    interval = binomtest(right, of).proportion_ci(method="wilson")
    return f"{right}/{of} = {right / of:.2f}", f"{interval.low:.2f} to {interval.high:.2f}"


def _measure(arguments: argparse.Namespace) -> None:
    usual = None
    if arguments.data:
        from finetune import data

        usual = data.table(data.read(arguments.data), COLUMNS)
    Console(width=WIDTH).print(table(measure(usual)), highlight=False)


def _parser() -> argparse.ArgumentParser:
    parser = command.parser(
        "evaluation.measure_near",
        "Print precision and recall of what tells that a record was, nearly, trained on.",
        "--data build/full",
    )
    parser.add_argument("--data", metavar="DIR", help="judge what is rare by this dataset's texts, as a training does")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; see ``--help``. Returns the exit status."""
    return command.run(_parser(), _measure, argv)


if __name__ == "__main__":
    sys.exit(main())
