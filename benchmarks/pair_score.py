"""Pairs and characters per CPU second of the pair score, by length of the pair, on one core.

    python -m benchmarks.pair_score DIR [--pairs 16384]

DIR is a built dataset. The distinct pairs of each corpus that the score was learnt from are put together by length
(characters of both sides), and taken as they come; the fastest of five runs counts, since the work is the same each time.
Batches that are not full are slower, so that groups of few pairs are left out.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from rich.console import Console

from benchmarks.machine import describe_machine, figures_table, pin_to_one_core
from builders.clean.pairs.learn import CORPORA, read_corpus
from builders.clean.pairs.score import BATCH, score_pairs, usual_of
from builders.clean.pairs.table import Usual

RUNS = 5
BORDERS = (0, 40, 80, 160, 320)
"""Characters with which the groups begin."""


def fastest(japanese: pa.Array, english: pa.Array, usual: Usual | None) -> float:
    """CPU seconds of the fastest of some runs."""
    seconds = []
    for _ in range(RUNS):
        start = time.process_time()
        score_pairs(japanese, english, usual)
        seconds.append(time.process_time() - start)
    return min(seconds)


def main() -> None:
    """Measures every group and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path, metavar="DIR", help="a built dataset")
    parser.add_argument("--pairs", type=int, default=8 * BATCH, help="at most, of each group (default: %(default)s)")
    options = parser.parse_args()
    pin_to_one_core()
    pa.set_cpu_count(1)
    columns = ("corpus", "characters", "pairs", "mean", "pairs/s", "characters/s")
    table = figures_table(describe_machine("numpy"), *columns, names=2)
    for config in CORPORA:
        japanese, english = read_corpus(options.directory, config)
        lengths = pc.add(pc.utf8_length(japanese), pc.utf8_length(english)).to_numpy()
        groups = np.searchsorted(BORDERS, lengths, side="right")
        chosen = {f"from {first}": np.flatnonzero(groups == group) for group, first in enumerate(BORDERS, 1)}
        for name, places in {**chosen, "any": np.arange(len(lengths))}.items():
            places = places[: options.pairs]
            if len(places) < BATCH:
                continue
            seconds = fastest(japanese.take(pa.array(places)), english.take(pa.array(places)), usual_of(config))
            counts = (len(places), lengths[places].mean(), len(places) / seconds, lengths[places].sum() / seconds)
            table.add_row(config.removeprefix("translation-"), name, *(f"{count:,.0f}" for count in counts))
    Console().print(table)


if __name__ == "__main__":
    main()
