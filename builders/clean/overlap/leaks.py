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

from collections.abc import Iterator, Sequence
from itertools import pairwise

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
_WORDS = ((0x30A1, 0x30FF), (0x4E00, 0x9FFF))  # katakana, kanji: the code points of one word stand together


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
    and else where the record holds its answer too. One that is not there to the last character must be asked, not only
    touched on: a short one is most of its cell, and the answer has a cell of its own or comes behind it. A side of a pair
    is told where it is long, and else with the other side. An item of one text is told by that.

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
    verbatim = score == 1 and end - start == index.lengths[text]
    for codes, other in index.others[text]:
        if (record, other) in scores:
            if score + scores[record, other] >= BOTH_SIDES:
                return True
        elif is_question and not verbatim:
            short = not index.is_long[text]
            if not (short and _says_more(payloads, record, start, end)) and _answers(
                payloads, record, start, end, codes
            ):
                return True
        else:
            around = max(len(codes) // 2, _AROUND if verbatim else _AROUND_NEARLY)
            beside = [(start - len(codes) - around, start), (end, end + len(codes) + around)]
            if _holds(payloads, record, codes, around, beside):
                return True
    return False


def _says_more(payloads: Payloads, record: int, start: int, end: int) -> bool:
    """Whether a span is a small part of the cells in which it stands: some words of another, longer text."""
    bounds = payloads.bounds[CELLS * record : CELLS * (record + 1) + 1]
    first, last = np.searchsorted(bounds, start, side="right") - 1, np.searchsorted(bounds, end)
    return bool(bounds[last] - bounds[first] > end - start + _AROUND)


def _answers(payloads: Payloads, record: int, start: int, end: int, answer: np.ndarray) -> bool:
    """Whether a record whose question resembles an item's, in a span, gives the item's answer: in a cell of its own, at
    the beginning of one, or behind the question, and no other answer that is as short."""
    around = max(len(answer) // 2, _AROUND_NEARLY)
    bounds = payloads.bounds[CELLS * record : CELLS * (record + 1) + 1].tolist()
    first, last = bounds[-2:]
    asks = start < last and end > first
    if not asks and 0 < last - first <= len(answer) + _AROUND_NEARLY:
        return _stands_as_word(payloads.codes[first:last], answer)
    own_end = next(bound for bound in bounds if bound >= end)
    places = [(bound, bound + len(answer) + 1) for bound in bounds[:-1]]  # one character more, to see where a word ends
    places.append((end, min(end + len(answer) + around, own_end)))
    return any(_stands_as_word(codes, answer) for codes in _parts(payloads, record, answer, around, places))


def _holds(payloads: Payloads, record: int, text: np.ndarray, around: int, places: Sequence[tuple[int, int]]) -> bool:
    """Whether a record holds a text, but for a few characters, in a cell of about its length or at some places."""
    return any(_standing(codes, text).any() for codes in _parts(payloads, record, text, around, places))


def _parts(
    payloads: Payloads, record: int, text: np.ndarray, around: int, places: Sequence[tuple[int, int]]
) -> Iterator[np.ndarray]:
    """The cells of a record that are hardly longer than a text, and what stands at some places."""
    bounds = payloads.bounds[CELLS * record : CELLS * (record + 1) + 1].tolist()
    cells = [(first, last) for first, last in pairwise(bounds) if last - first <= len(text) + around]
    for first, last in (*cells, *places):
        yield payloads.codes[max(first, bounds[0]) : min(last, bounds[-1])]


def _stands_as_word(codes: np.ndarray, text: np.ndarray) -> bool:
    """Whether a text stands in a longer one, and not as a part of a longer word: 実家 is no 家, and 警察官 no 警察."""
    places = np.flatnonzero(_standing(codes, text))
    within = np.zeros(len(places), bool)
    for first, last in _WORDS:
        kind = np.pad((codes >= first) & (codes <= last), 1)  # place p of the text is place p + 1 here
        ends = places + len(text)
        within |= kind[places] & kind[places + 1] | kind[ends] & kind[ends + 1]
    return bool((~within).any())


def _standing(codes: np.ndarray, text: np.ndarray) -> np.ndarray:
    """At which places a text stands in a longer one, but for a few characters; a boolean mask."""
    if len(codes) < len(text):
        return np.zeros(0, bool)
    same: np.ndarray = (sliding_window_view(codes, len(text)) == text).mean(axis=1) >= _MOST
    return same
