"""Measures the pair score on a corpus that it was not trained on, kind of fault by kind of fault.

    python -m builders.clean.evaluate --built DIR

For each corpus of `builders.clean.pairs.learn.CORPORA` in the output directory DIR a table is learnt from the others alone.
The best F1 is that of the best threshold for the kind; the last column uses one threshold for all kinds, the best for
the three kinds of Bicleaner together. Good pairs and faulty ones are as many.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from builders.clean.evaluate import plain_table
from builders.clean.pairs.books import read_books
from builders.clean.pairs.faults import BICLEANER, FAULTS
from builders.clean.pairs.learn import CORPORA, learn_table, read_corpus
from builders.clean.pairs.score import combine, expert_logits, measure_usual, relate
from builders.clean.pairs.table import TranslationTable, Usual

Scores = npt.NDArray[np.float64]
PAIRS = 4000


@dataclass(frozen=True)
class Result:
    """What was measured for one kind of fault on one held-out corpus.

    Args:
        corpus: the config that was held out.
        kind: the fault, or a mixture.
        area: share of (good, faulty) pairs of pairs in which the good one scores higher.
        best_f1: of the score at the best threshold for the kind.
        expert_f1: of the best single expert at its best threshold.
        precision, recall, f1: at the common threshold; a good pair that is kept counts as found.
    """

    corpus: str
    kind: str
    area: float
    best_f1: float
    expert_f1: float
    precision: float
    recall: float
    f1: float


def measure_held_out(directory: Path) -> Iterator[Result]:
    """Yields the results of each corpus, learnt from the other ones."""
    books = read_books()
    for config in CORPORA:
        others = [read_corpus(directory, other) for other in CORPORA if other != config]
        japanese, english = (pa.concat_arrays(sides) for sides in zip(*others, strict=True))
        table = learn_table(japanese, english, books)
        yield from measure_table(table, config, *read_corpus(directory, config))


def measure_table(table: TranslationTable, corpus: str, japanese: pa.Array, english: pa.Array) -> Iterator[Result]:
    """Yields the results of one table on one corpus."""
    draw = random.Random(7)
    usual = measure_usual(japanese, english, table)
    chosen = draw.sample(range(len(japanese)), min(PAIRS, len(japanese)))
    texts = [japanese[place].as_py() for place in chosen], [english[place].as_py() for place in chosen]
    following = [english[(place + 1) % len(english)].as_py() for place in chosen]
    good = _scores(table, texts, usual)
    faulty = {}
    for kind, fault in FAULTS.items():
        sides = (texts[0], following) if kind == "neighbour's line" else fault(texts[0], texts[1], draw)
        if sides[0]:
            faulty[kind] = _scores(table, sides, usual)
    faulty["Bicleaner's three"] = np.concatenate([faulty[kind] for kind in BICLEANER])
    common = _best(good[:, 0], faulty["Bicleaner's three"][:, 0])[1]
    for kind, bad in faulty.items():
        precision, recall, f1 = _rates(good[:, 0], bad[:, 0], common)
        best = [_best(good[:, place], bad[:, place])[0] for place in range(good.shape[1])]
        yield Result(corpus, kind, _area(good[:, 0], bad[:, 0]), best[0], max(best[1:]), precision, recall, f1)


def _scores(table: TranslationTable, sides: tuple[list[str], list[str]], usual: Usual) -> Scores:
    """The score first, then what each expert says by itself; a row a pair."""
    japanese, english = (pa.array(side, pa.string()) for side in sides)
    relative = relate(expert_logits(japanese, english, usual.ratio, table), usual)
    scores: Scores = np.c_[combine(relative), relative]
    return scores


def _rates(good: Scores, bad: Scores, threshold: float) -> tuple[float, float, float]:
    """Precision, recall and F1 of keeping what reaches the threshold, as if good and bad were as many."""
    kept, slipped = float((good >= threshold).mean()), float((bad >= threshold).mean())
    return kept / max(kept + slipped, 1e-9), kept, 2 * kept / (kept + slipped + 1)


def _best(good: Scores, bad: Scores) -> tuple[float, float]:
    """The best F1 and its threshold."""
    thresholds = np.quantile(good, np.linspace(0, 0.6, 200))
    values = [_rates(good, bad, threshold)[2] for threshold in thresholds]
    return max(values), float(thresholds[int(np.argmax(values))])


def _area(good: Scores, bad: Scores) -> float:
    order = np.argsort(np.argsort(np.concatenate([good, bad]), kind="stable"), kind="stable")
    return float((order[: len(good)].sum() - len(good) * (len(good) - 1) / 2) / (len(good) * len(bad)))


def to_text(results: list[Result]) -> str:
    """The results as a table of plain text."""
    head = ("held out", "fault", "area", "best F1", "one expert", "precision", "recall", "F1")
    lines = []
    for each in results:
        numbers = (each.area, each.best_f1, each.expert_f1, each.precision, each.recall, each.f1)
        lines.append((each.corpus.removeprefix("translation-"), each.kind, *(f"{number:.3f}" for number in numbers)))
    return plain_table(head, lines)
