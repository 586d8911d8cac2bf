"""Scores: how much of a text stands in a record, character by character, each weighted by how rare it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from builders.clean.overlap.index import Index, Places
from builders.clean.texts.ngrams import first_of_each, ranges, sums
from builders.clean.texts.normalize import Payloads

_CHARACTERS = 1 << 21  # compared at a time
_STRETCH = 4  # a text found in pieces may have moved apart by a quarter of its length
_DOUBTFUL = 0.43  # from here on it is worth looking for the rest of a text nearby
_NEARBY = (-3, -2, -1, 1, 2, 3)  # characters that were put in or left out on the way
_SOME = 0.15  # share that must agree at a place nearby, before it is compared in full
_RUN = 2  # a single equal character between two different ones is chance
_RUN_NEARBY = 3


@dataclass(frozen=True)
class Hits:
    """Texts of items found in records, ordered by record and text.

    Args:
        record: number of the record among those scanned, int64.
        text: number of the text in the index, int64.
        score: covered share, float64; 1 for a whole text.
        start, end: first and last character of the record's normalized payload that belong to the text, int64; the end
            is one behind.
    """

    record: np.ndarray
    text: np.ndarray
    score: np.ndarray
    start: np.ndarray
    end: np.ndarray

    def __len__(self) -> int:
        return len(self.record)

    def chosen(self, mask: np.ndarray) -> Hits:
        """The hits of a boolean mask."""
        columns = (self.record, self.text, self.score, self.start, self.end)
        return Hits(*(column[mask] for column in columns))


def score(index: Index, payloads: Payloads, places: Places) -> Hits:
    """Scores every text at the places where it may stand in a record.

    Args:
        index: the texts.
        payloads: the records' payload.
        places: as `Index.places` gives them.

    Returns:
        A hit for each record and text among the places, whatever its score.
    """
    pair = places.record << np.int64(32) | places.text
    begins = np.flatnonzero(np.diff(pair, prepend=-1))
    reached = np.cumsum(index.lengths[places.text])[begins] if len(begins) else np.zeros(0, np.int64)
    lots = np.flatnonzero(np.diff(reached // _CHARACTERS, prepend=-1))
    ends = [*begins[lots[1:]].tolist(), len(places)]
    starts = [0, *ends[:-1]]
    parts = [_score(index, payloads, places.chosen(slice(*lot))) for lot in zip(starts, ends, strict=True)]
    columns = zip(*((part.record, part.text, part.score, part.start, part.end) for part in parts), strict=True)
    return Hits(*(np.concatenate(column) for column in columns))


def _score(index: Index, payloads: Payloads, places: Places) -> Hits:
    equal, bounds = _compare(index, payloads, places, _RUN)
    hits, best = _combine(index, payloads, places, equal, bounds)
    doubtful = np.flatnonzero((hits.score >= _DOUBTFUL) & (hits.score < 1))
    if not len(doubtful):
        return hits
    again, _ = _with_nearby(index, payloads, places, places.chosen(best[doubtful]))
    for name in ("score", "start", "end"):
        getattr(hits, name)[doubtful] = getattr(again, name)
    return hits


def _with_nearby(index: Index, payloads: Payloads, places: Places, best: Places) -> tuple[Hits, np.ndarray]:
    """Scores again the pairs of `best`, with the places a few characters before and behind it."""
    key, wanted = (part.record << np.int64(32) | part.text for part in (places, best))
    own = places.chosen(wanted[np.minimum(np.searchsorted(wanted, key), len(wanted) - 1)] == key)
    moved = [Places(best.record, best.text, best.shift + step) for step in _NEARBY]
    nearby = index.likely(payloads, Places.joined(moved), _SOME)
    parts = [(own, _compare(index, payloads, own, _RUN)), (nearby, _compare(index, payloads, nearby, _RUN_NEARBY))]
    both = Places.joined([own, nearby])
    order = np.lexsort((both.shift, both.text, both.record))
    lengths = index.lengths[both.text]
    starts = np.concatenate(([0], np.cumsum(lengths)))[order]
    taken, bounds = ranges(starts, lengths[order])
    return _combine(
        index, payloads, both.chosen(order), np.concatenate([equal for _, (equal, _) in parts])[taken], bounds
    )


def _compare(index: Index, payloads: Payloads, places: Places, run: int) -> tuple[np.ndarray, np.ndarray]:
    """Which characters of the texts are equal, in runs of at least some length; and where each text begins among them."""
    lengths = index.lengths[places.text]
    of_text, bounds = ranges(index.bounds[places.text], lengths)
    of_record, _ = ranges(places.shift, lengths)
    first, last = (np.repeat(payloads.offsets[places.record + side], lengths) for side in (0, 1))
    inside = (of_record >= first) & (of_record < last)
    equal = inside & (payloads.codes[np.where(inside, of_record, 0)] == index.codes[of_text])
    return _in_runs(equal, bounds, run), bounds


def _in_runs(equal: np.ndarray, bounds: np.ndarray, run: int) -> np.ndarray:
    """Keeps the characters that are equal together with their neighbours of the same text."""
    begins = equal.copy()
    for step in range(1, run):
        begins[:-step] &= equal[step:]
        begins[np.maximum(bounds[1:] - step, bounds[:-1])] = False
    together = begins.copy()
    for step in range(1, run):
        together[step:] |= begins[:-step]
    return together


def _combine(
    index: Index, payloads: Payloads, places: Places, equal: np.ndarray, bounds: np.ndarray
) -> tuple[Hits, np.ndarray]:
    """One hit per record and text out of all its places that are close to the best; and which place is the best."""
    record, text, lengths = places.record, places.text, index.lengths[places.text]
    pair = first_of_each(record, text)
    pairs, number = np.flatnonzero(pair), np.cumsum(pair) - 1
    of_text, _ = ranges(index.bounds[text], lengths)
    alone = sums(index.weights[of_text] * equal, bounds)
    best = np.lexsort((-alone, number))[pairs]
    near = np.abs(places.shift - places.shift[best][number]) <= np.maximum(lengths // _STRETCH, 3)
    equal &= np.repeat(near, lengths)
    of_pair, pair_bounds = ranges(index.bounds[text[pairs]], lengths[pairs])
    covered = np.zeros(len(of_pair), bool)
    targets = of_text + np.repeat(pair_bounds[number] - index.bounds[text], lengths)
    covered[targets[equal]] = True
    share = sums(index.weights[of_pair] * covered, pair_bounds) / index.totals[text[pairs]]
    start, end = _span(ranges(places.shift, lengths)[0], equal, bounds[pairs], payloads.offsets[record[pairs]])
    return Hits(record[pairs], text[pairs], share, start, end), best


def _span(
    place: np.ndarray, equal: np.ndarray, starts: np.ndarray, start_of_record: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """First and last equal character of each pair, counted from the record's beginning."""
    first = np.minimum.reduceat(np.where(equal, place, np.iinfo(np.int64).max), starts)
    last = np.maximum.reduceat(np.where(equal, place, -1), starts)
    return np.minimum(first, last + 1) - start_of_record, last + 1 - start_of_record
