"""Which records hold which items of a benchmark, wherever in the record they stand.

An item's text is cut into character n-grams; an inverted index says where each stands. A record that has one of the
rarer n-grams is laid over the item so that the n-grams meet, and compared character by character. The score is the
share of the item that the record covers, each character weighted by how rare its n-grams are among the items: what all
questions have in common ("といえば何でしょう") weighs little. Cells are compared one after another without their
templates, so it does not matter which cell holds the text, or whether it is split over two.

Out of reach: paraphrases and translations of an item; texts of fewer than `index.SHORTEST` characters, which anybody may
have written; and a pair of which one word is another on both sides, which looks like one with two typing errors.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from builders.clean.overlap import align
from builders.clean.overlap.align import Hits
from builders.clean.overlap.index import Index
from builders.clean.texts.normalize import CELLS, Payloads

SCORE = 0.73
"""Share of a text, weighted by rarity, that a record must cover."""
ALONE = 0.9
"""Share that tells an item of one text, and a long side without the other."""
BOTH_SIDES = 1.63
"""Sum of the scores of two sides, where one of them is not enough."""
_OTHER = 0.6  # least score of the weaker side
_AROUND = 16  # characters of a wording around an answer
_AROUND_NEARLY = 8  # around the answer to a question that is not there to the last character
_MOST = 0.8  # share of an answer's characters that must be there


def scan(index: Index, payloads: Payloads, threshold: float = SCORE) -> Hits:
    """Looks for all texts in records.

    Args:
        index: the texts.
        payloads: the records' payload.
        threshold: least score of a hit.
    """
    hits = align.score(index, payloads, index.places(payloads))
    return hits.chosen(hits.score >= threshold)


def leaks(index: Index, payloads: Payloads) -> Hits:
    """The hits that tell an item of a benchmark.

    A question is told where a long one is there to the last character, where a short one fills a cell of the record,
    and else where the record holds its answer too. A side of a pair is told where it is long, and else with the other
    side. An item of one text is told by that.

    Args:
        index: the items.
        payloads: the records' payload.
    """
    hits = scan(index, payloads, _OTHER)
    columns = (hits.record.tolist(), hits.text.tolist(), hits.score.tolist())
    scores: dict[tuple[int, int | None], float] = {
        (record, text): score for record, text, score in zip(*columns, strict=True)
    }
    told = np.zeros(len(hits), bool)
    for number in np.flatnonzero(hits.score >= SCORE).tolist():
        told[number] = _is_told(index, payloads, hits, number, scores)
    return hits.chosen(told)


def _is_told(
    index: Index, payloads: Payloads, hits: Hits, number: int, scores: dict[tuple[int, int | None], float]
) -> bool:
    text, record, score = int(hits.text[number]), int(hits.record[number]), float(hits.score[number])
    is_question = bool(index.items[index.item[text]].question)
    if not index.others[text] or index.is_long[text]:
        if score >= (1 if is_question and index.others[text] else ALONE):
            return True
    if is_question and score == 1 and index.text(text) in payloads.cells(record):
        return True
    start, end = (int(payloads.offsets[record] + place[number]) for place in (hits.start, hits.end))
    around = _AROUND if score == 1 else _AROUND_NEARLY
    for codes, other in index.others[text]:
        if (record, other) in scores:
            if score + scores[record, other] >= BOTH_SIDES:
                return True
        elif _holds(payloads, record, start, end, codes, around) and (
            score == 1 or not is_question or not _answers_otherwise(payloads, record, start, end, codes)
        ):
            return True
    return False


def _answers_otherwise(payloads: Payloads, record: int, start: int, end: int, answer: np.ndarray) -> bool:
    """Whether a record whose question resembles an item's, in a span, gives another answer that is as short."""
    first, last = payloads.bounds[CELLS * record + CELLS - 1 : CELLS * (record + 1) + 1].tolist()
    asks = start < last and end > first
    short = 0 < last - first <= len(answer) + _AROUND_NEARLY
    return short and not asks and not _stands_in(payloads.codes[first:last], answer)


def _holds(payloads: Payloads, record: int, start: int, end: int, text: np.ndarray, around: int) -> bool:
    """Whether a record holds a text, but for a few characters, in a cell of about its length or beside a span."""
    around = max(len(text) // 2, around)
    bounds = payloads.bounds[CELLS * record : CELLS * (record + 1) + 1].tolist()
    places = [(first, last) for first, last in zip(bounds[:-1], bounds[1:], strict=True)]
    places = [(first, last) for first, last in places if last - first <= len(text) + around]
    places += [(start - len(text) - around, start), (end, end + len(text) + around)]
    return any(
        _stands_in(payloads.codes[max(first, bounds[0]) : min(last, bounds[-1])], text) for first, last in places
    )


def _stands_in(codes: np.ndarray, text: np.ndarray) -> bool:
    """Whether a text stands somewhere in a longer one, but for a few characters."""
    if len(codes) < len(text):
        return False
    return bool((sliding_window_view(codes, len(text)) == text).mean(axis=1).max() >= _MOST)
