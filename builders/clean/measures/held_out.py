"""Measures the pair score on pairs that it was not trained on, kind of fault by kind of fault.

    python -m builders.clean.evaluate --built DIR

For each corpus of `builders.clean.pairs.learn.CORPORA` in the output directory DIR a table is learnt from the others alone,
and another from the others and every other pair of it, measured on the rest: the difference is what the words of a
corpus are worth. The best F1 is that of the best threshold for the kind; the last columns use one threshold for all kinds,
the best for the three kinds of Bicleaner together. `alignment` is the best F1 of what the rule decides by, which is deaf to
single words. Good pairs and faulty ones are as many; no corpus is free of faults, so that nothing can keep all that pass as
good.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from builders.clean.evaluate import plain_table
from builders.clean.pairs.books import read_books
from builders.clean.pairs.faults import BICLEANER, FAULTS
from builders.clean.pairs.learn import CORPORA, learn_table, read_corpus
from builders.clean.pairs.score import alignment_columns, combine, expert_logits, measure_usual, relate
from builders.clean.pairs.table import TranslationTable, Usual

Scores = npt.NDArray[np.float64]
PAIRS = 4000
THRESHOLDS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9)
"""Of the curve."""


@dataclass(frozen=True)
class Result:
    """What was measured for one kind of fault on one held-out corpus.

    Args:
        corpus: the config that was held out.
        kind: the fault, or a mixture.
        area: share of (good, faulty) pairs of pairs in which the good one scores higher.
        best_f1: of the score at the best threshold for the kind.
        expert_f1: of the best single expert at its best threshold.
        alignment_f1: of the alignment at its best threshold.
        precision, recall, f1: at the common threshold; a good pair that is kept counts as found.
    """

    corpus: str
    kind: str
    area: float
    best_f1: float
    expert_f1: float
    alignment_f1: float
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True)
class Point:
    """What keeping the pairs from a threshold on gives, for the three kinds of Bicleaner together.

    Args:
        corpus: as in `Result`.
        threshold: of the score.
        precision, recall, f1: as in `Result`.
    """

    corpus: str
    threshold: float
    precision: float
    recall: float
    f1: float


def measure_held_out(directory: Path) -> Iterator[tuple[list[Result], list[Point]]]:
    """Yields the results and the curve of each corpus, learnt from the others, and from them and every other of its pairs."""
    books = read_books()
    corpora = {config: read_corpus(directory, config) for config in CORPORA}
    for config, sides in corpora.items():
        others = [corpus for other, corpus in corpora.items() if other != config]
        odd = pa.array(np.arange(len(sides[0])) % 2 == 1)
        known, rest = (tuple(side.filter(half) for side in sides) for half in (odd, pc.invert(odd)))
        for name, learnt, left in ((config, others, sides), (f"{config}, half", [*others, known], rest)):
            japanese, english = (pa.concat_arrays(side) for side in zip(*learnt, strict=True))
            yield measure_table(learn_table(japanese, english, books), name, *left)


def measure_table(
    table: TranslationTable, corpus: str, japanese: pa.Array, english: pa.Array
) -> tuple[list[Result], list[Point]]:
    """The results and the curve of one table on one corpus."""
    good, faulty = _score_faults(table, japanese, english)
    three = np.concatenate([faulty[kind] for kind in BICLEANER])
    faulty["Bicleaner's three"] = three
    common = _best(good[:, 0], three[:, 0])[1]
    results = []
    for kind, bad in faulty.items():
        best = [_best(good[:, place], bad[:, place])[0] for place in range(good.shape[1])]
        rates = _rates(good[:, 0], bad[:, 0], common)
        results.append(Result(corpus, kind, _area(good[:, 0], bad[:, 0]), best[0], max(best[2:]), best[1], *rates))
    points = [Point(corpus, threshold, *_rates(good[:, 0], three[:, 0], threshold)) for threshold in THRESHOLDS]
    return results, points


def _score_faults(table: TranslationTable, japanese: pa.Array, english: pa.Array) -> tuple[Scores, dict[str, Scores]]:
    """Scores of some pairs as they are, and with each kind of fault."""
    draw = random.Random(7)
    usual = measure_usual(japanese, english, table)
    chosen = draw.sample(range(len(japanese)), min(PAIRS, len(japanese)))
    texts = [japanese[place].as_py() for place in chosen], [english[place].as_py() for place in chosen]
    following = [english[(place + 1) % len(english)].as_py() for place in chosen]
    faulty = {}
    for kind, fault in FAULTS.items():
        sides = (texts[0], following) if kind == "neighbour's line" else fault(texts[0], texts[1], draw)
        if sides[0]:
            faulty[kind] = _scores(table, sides, usual)
    return _scores(table, texts, usual), faulty


def _scores(table: TranslationTable, sides: tuple[list[str], list[str]], usual: Usual) -> Scores:
    """The score first, the alignment, then what each expert says by itself; a row a pair."""
    japanese, english = (pa.array(side, pa.string()) for side in sides)
    relative = relate(expert_logits(japanese, english, usual.ratio, table), usual)
    scores: Scores = np.c_[combine(relative), combine(relative[:, alignment_columns(table)]), relative]
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


def to_text(measured: Iterable[tuple[list[Result], list[Point]]]) -> str:
    """The results, then the curves, as tables of plain text."""
    all_results, all_points = zip(*measured, strict=True)
    head = ("held out", "fault", "area", "best F1", "one expert", "alignment", "precision", "recall", "F1")
    lines = [
        _line(
            each.corpus, each.kind, each.area, each.best_f1, each.expert_f1, each.alignment_f1, each.precision,
            each.recall, each.f1,
        )
        for results in all_results
        for each in results
    ]  # fmt: skip
    curve = [
        _line(each.corpus, f"{each.threshold:g}", each.precision, each.recall, each.f1)
        for points in all_points
        for each in points
    ]
    return plain_table(head, lines) + "\n" + plain_table(("held out", "score from", "precision", "recall", "F1"), curve)


def _line(corpus: str, name: str, *numbers: float) -> tuple[str, ...]:
    return (corpus.removeprefix("translation-"), name, *(f"{number:.3f}" for number in numbers))
