"""Which records hold which items of a benchmark, wherever in the record they stand.

An item's text is cut into character n-grams; an inverted index says where each stands. A record that has one of the
rarer n-grams is laid over the item so that the n-grams meet, and compared character by character. The score is the
share of the item that the record covers, each character weighted by how rare its n-grams are among the items: what all
questions have in common ("といえば何でしょう") weighs little. Cells are compared one after another without their
templates, so it does not matter which cell holds the text, or whether it is split over two.

Out of reach: paraphrases and translations of an item, and texts of fewer than `SHORTEST` characters, which anybody may
have written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.lib.stride_tricks import sliding_window_view

from builders.clean.items import Item
from builders.clean.ngrams import ranges, rolling, sums
from builders.clean.normalize import CELLS, Payloads, as_text, normalize

SHORTEST = 8
"""Normalized characters from which on a text can be told by overlap."""
THRESHOLD = 0.73
"""Share of a text, weighted by rarity, that a record must cover where it holds the item's other text (its answer, or
its other side) too."""
ALONE = 0.9
"""Share that tells an item without its other text, from `LONG` characters on."""
LONG = (20, 40)
"""Characters of a text that is told without its other text: of Japanese, and of Latin letters."""
SIZES = (4, 6, 10)
"""Lengths of the n-grams that lead from a record to a text: for texts under 12 characters, longer ones, and Latin texts
of 40 or more. A text of which one character in ten is replaced nearly always keeps one such n-gram."""
_FROM_LENGTH = (SHORTEST, 12, 40)
_RARE = 16  # an n-gram that more texts have leads nowhere in particular
_AT_LEAST = 4  # but the rarest of a text are always used
_SLOT_BITS = 22  # 4 MiB a table: it stays in the processor's cache
_LATIN = 0x250  # code points below are Latin letters and digits
_AROUND = 16  # characters of a wording around an answer
_MOST = 0.8  # share of an answer's characters that must be there
_PROBES = 12
_LIKELY = 0.4
_PARTS = 1 << 20
_UNIT = 1 << 10
_CHUNK = 1 << 16
_STRETCH = 4  # a text found in pieces may have moved apart by a quarter of its length


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

    @classmethod
    def none(cls) -> Hits:
        """No hits."""
        whole, share = np.zeros(0, np.int64), np.zeros(0)
        return cls(whole, whole, share, whole, whole)


@dataclass(frozen=True)
class _Seeds:
    """N-grams of one size: their hashes, ascending; where each stands; a table that says which hashes may be there."""

    hashes: np.ndarray
    bounds: np.ndarray
    text: np.ndarray
    place: np.ndarray
    table: np.ndarray


class Index:
    """Texts of benchmark items, ready to be looked for. Holds arrays only, and can be sent to another process.

    Args:
        items: the items.

    Attributes:
        items: the same.
        item: number of the item of each text, int64.
        skipped: items that have no text of at least `SHORTEST` characters.
    """

    def __init__(self, items: Sequence[Item]):
        self.items = list(items)
        telling = [(number, text) for number, item in enumerate(self.items) for text in item.telling]
        normalized = _normalize([text for _, text in telling])
        long = np.flatnonzero(np.diff(normalized.offsets) >= SHORTEST)
        self._others = self._other_texts(normalized, [number for number, _ in telling], long)
        self.item = np.array([telling[text][0] for text in long], np.int64)
        places, self.bounds = ranges(normalized.offsets[long], np.diff(normalized.offsets)[long])
        self.codes = normalized.codes[places]
        self.lengths = np.diff(self.bounds)
        latin = sums(self.codes < _LATIN, self.bounds) > self.lengths / 2
        self._latin = latin
        self._is_long = self.lengths >= np.where(latin, LONG[1], LONG[0])
        self._is_single = np.array([not others for others in self._others], bool)
        self.weights = self._rarity()
        self.totals = sums(self.weights, self.bounds)
        self._seeds = {size: self._seed(size) for size in SIZES}
        self._probe_places, self._probe_codes, self._probe_shares = self._probes()
        self.skipped = len(self.items) - len(np.unique(self.item))

    def _other_texts(self, normalized: Payloads, item: Sequence[int], chosen: np.ndarray) -> list[list[np.ndarray]]:
        """For each chosen text, the normalized other texts of its item: the answer of a question, the other sides."""
        of_item: dict[int, list[int]] = {}
        for text, number in enumerate(item):
            of_item.setdefault(number, []).append(text)
        answers = _normalize([item.answer for item in self.items])
        others = []
        for text in chosen:
            number = item[text]
            texts = [normalized.record(other) for other in of_item[number] if other != text]
            others.append([other for other in (*texts, answers.record(number)) if len(other)])
        return others

    def _owner(self) -> np.ndarray:
        return np.repeat(np.arange(len(self.lengths)), self.lengths)

    def _grams(self, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Hash, text and place of all n-grams that lie within a text."""
        owner = self._owner()
        hashes = rolling(self.codes, (size,))[size]
        inside = owner[: len(hashes)] == owner[size - 1 :][: len(hashes)]
        place = np.flatnonzero(inside)
        text = owner[place]
        return hashes[place], text, place - self.bounds[text]

    def _rarity(self) -> np.ndarray:
        """Weight of each character: the mean of log(1 + texts / texts that have it) over its n-grams.

        Whole numbers, so that a sum does not depend on what else is summed up in the same array.
        """
        size = SIZES[0]
        hashes, text, place = self._grams(size)
        rarity = np.log1p(len(self.lengths) / _texts_with(hashes, text))
        total, count = np.zeros(len(self.codes)), np.zeros(len(self.codes))
        for step in range(size):
            np.add.at(total, self.bounds[text] + place + step, rarity)
            np.add.at(count, self.bounds[text] + place + step, 1)
        return np.rint(_UNIT * total / np.maximum(count, 1)).astype(np.int64)

    def _seed(self, size: int) -> _Seeds:
        hashes, text, place = self._grams(size)
        mine = self._size_of_text()[text] == size
        hashes, text, place = hashes[mine], text[mine], place[mine]
        frequency = _texts_with(hashes, text)
        order = np.lexsort((place, frequency, text))
        first = np.searchsorted(text[order], np.arange(len(self.lengths)))
        rank = np.empty(len(order), np.int64)
        rank[order] = np.arange(len(order)) - first[text[order]]
        kept = np.flatnonzero((frequency <= _RARE) | (rank < _AT_LEAST))
        kept = kept[np.argsort(hashes[kept], kind="stable")]
        unique, starts = np.unique(hashes[kept], return_index=True)
        table = np.zeros(1 << _SLOT_BITS, np.uint8)
        table[_slots(unique)] = 1
        return _Seeds(unique, np.append(starts, len(kept)), text[kept], place[kept], table)

    def _probes(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Places of some characters spread evenly over each text, the characters, and their shares of the weight."""
        places = ((np.arange(_PROBES) + 0.5) * self.lengths[:, None] / _PROBES).astype(np.int64)
        weights = self.weights[self.bounds[:-1, None] + places]
        shares = (weights * _PARTS // weights.sum(axis=1, keepdims=True)).astype(np.int32)
        return places, self.codes[self.bounds[:-1, None] + places], shares

    def _size_of_text(self) -> np.ndarray:
        level = np.searchsorted(_FROM_LENGTH, self.lengths, side="right") - 1
        return np.array(SIZES)[np.where(self._latin, level, np.minimum(level, 1))]

    def scan(self, payloads: Payloads, threshold: float = THRESHOLD) -> Hits:
        """Looks for all texts in records.

        Args:
            payloads: the records' payload.
            threshold: least score of a hit.
        """
        record, text, shift = self._candidates(payloads)
        if not len(record):
            return Hits.none()
        return self._score(payloads, record, text, shift, threshold)

    def leaks(self, payloads: Payloads) -> Hits:
        """The hits that tell an item.

        A long text tells it alone. A short one does where it is a question and fills a cell of the record; else the
        record must hold the item's other text too. An item of one text must be covered as a long one is.

        Args:
            payloads: the records' payload.
        """
        hits = self.scan(payloads)
        sure = (hits.score >= ALONE) & (self._is_long | self._is_single)[hits.text]
        for number in np.flatnonzero(~sure):
            sure[number] = self._is_told(payloads, hits, number)
        return hits.chosen(sure)

    def _is_told(self, payloads: Payloads, hits: Hits, number: int) -> bool:
        """Whether a hit that is not sure by itself is one."""
        text, record = int(hits.text[number]), int(hits.record[number])
        item = self.items[self.item[text]]
        if item.question and hits.score[number] == 1 and self.text(text) in payloads.cells(record):
            return True
        start, end = (payloads.offsets[record] + place[number] for place in (hits.start, hits.end))
        return any(_holds(payloads, record, start, end, other) for other in self._others[text])

    def text(self, number: int) -> str:
        """A text of the index, normalized."""
        return as_text(self.codes[self.bounds[number] : self.bounds[number + 1]])

    def _candidates(self, payloads: Payloads) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Record, text, and where in `payloads.codes` the text would begin, for all places where a seed meets."""
        found = [
            _lookup(seeds, hashes, payloads.offsets, size)
            for (size, seeds), hashes in zip(
                self._seeds.items(), rolling(payloads.codes, SIZES).values(), strict=True
            )
        ]
        record, text, shift = (np.concatenate(part) for part in zip(*found, strict=True))
        likely = self._probe(payloads, text, shift)
        record, text, shift = record[likely], text[likely], shift[likely]
        order = np.lexsort((shift, text, record))
        record, text, shift = record[order], text[order], shift[order]
        new = np.ones(len(order), bool)
        new[1:] = (record[1:] != record[:-1]) | (text[1:] != text[:-1]) | (shift[1:] != shift[:-1])
        return record[new], text[new], shift[new]

    def _probe(self, payloads: Payloads, text: np.ndarray, shift: np.ndarray) -> np.ndarray:
        """Which places are worth a full comparison: a few characters of the text tell most of them apart."""
        likely = np.zeros(len(text), bool)
        for start in range(0, len(text), _CHUNK):
            part = slice(start, start + _CHUNK)
            places = shift[part, None] + self._probe_places[text[part]]
            wanted = self._probe_codes[text[part]]
            found = payloads.codes.take(places, mode="clip") == wanted
            likely[part] = (found * self._probe_shares[text[part]]).sum(axis=1) >= _LIKELY * _PARTS
        return likely

    def _score(self, payloads: Payloads, record, text, shift, threshold: float) -> Hits:
        lengths = self.lengths[text]
        of_text, bounds = ranges(self.bounds[text], lengths)
        of_record, _ = ranges(shift, lengths)
        first, last = (np.repeat(payloads.offsets[record + side], lengths) for side in (0, 1))
        inside = (of_record >= first) & (of_record < last)
        equal = inside & (payloads.codes[np.where(inside, of_record, 0)] == self.codes[of_text])
        equal = _in_runs(equal, bounds)
        pair = np.ones(len(record), bool)
        pair[1:] = (record[1:] != record[:-1]) | (text[1:] != text[:-1])
        pairs = np.flatnonzero(pair)
        number = np.cumsum(pair) - 1
        alone = sums(self.weights[of_text] * equal, bounds)
        best = np.lexsort((-alone, number))[pairs]
        near = np.abs(shift - shift[best][number]) <= np.maximum(lengths // _STRETCH, 2)
        equal &= np.repeat(near, lengths)
        of_pair, pair_bounds = ranges(self.bounds[text[pairs]], lengths[pairs])
        covered = np.zeros(len(of_pair), bool)
        targets = of_text + np.repeat(pair_bounds[number] - self.bounds[text], lengths)
        covered[targets[equal]] = True
        score = sums(self.weights[of_pair] * covered, pair_bounds) / self.totals[text[pairs]]
        hit = score >= threshold
        start, end = _span(of_record, equal, bounds, pairs, payloads.offsets[record[pairs]])
        return Hits(record[pairs][hit], text[pairs][hit], score[hit], start[hit], end[hit])


def _normalize(texts: Sequence[str]) -> Payloads:
    column, empty = pa.array(texts, pa.string()), pa.array([""] * len(texts), pa.string())
    return normalize([column, *[empty] * (CELLS - 1)])


def _holds(payloads: Payloads, record: int, start: int, end: int, text: np.ndarray) -> bool:
    """Whether a record holds a text, but for a few characters, in a cell of about its length or beside a span."""
    around = max(len(text) // 2, _AROUND)
    bounds = payloads.bounds[CELLS * record : CELLS * (record + 1) + 1]
    places = [(first, last) for first, last in zip(bounds[:-1], bounds[1:], strict=True)]
    places = [(first, last) for first, last in places if last - first <= len(text) + around]
    places += [(start - len(text) - around, start), (end, end + len(text) + around)]
    for first, last in places:
        part = payloads.codes[max(first, bounds[0]) : min(last, bounds[-1])]
        if len(part) >= len(text) and (sliding_window_view(part, len(text)) == text).mean(axis=1).max() >= _MOST:
            return True
    return False


def _texts_with(hashes: np.ndarray, text: np.ndarray) -> np.ndarray:
    """For each n-gram, how many texts have it."""
    both = np.unique(hashes.astype(np.uint64) << np.uint64(32) | text.astype(np.uint64))
    unique, counts = np.unique((both >> np.uint64(32)).astype(np.uint32), return_counts=True)
    return counts[np.searchsorted(unique, hashes)]


def _slots(hashes: np.ndarray) -> np.ndarray:
    slots = hashes * np.uint32(0x85EBCA6B)
    slots >>= np.uint32(32 - _SLOT_BITS)
    return slots


def _lookup(seeds: _Seeds, hashes: np.ndarray, offsets: np.ndarray, size: int) -> tuple[np.ndarray, ...]:
    """Record, text and place of the text's beginning, for all n-grams of records that are seeds."""
    empty = np.zeros(0, np.int64)
    if not len(seeds.hashes):
        return empty, empty, empty
    place = np.flatnonzero(seeds.table.take(_slots(hashes), mode="clip"))
    number = np.minimum(np.searchsorted(seeds.hashes, hashes[place]), len(seeds.hashes) - 1)
    record = np.searchsorted(offsets, place, side="right") - 1
    same = (seeds.hashes[number] == hashes[place]) & (place + size <= offsets[record + 1])
    place, number, record = place[same], number[same], record[same]
    counts = np.diff(seeds.bounds)[number]
    posting, _ = ranges(seeds.bounds[number], counts)
    return np.repeat(record, counts), seeds.text[posting], np.repeat(place, counts) - seeds.place[posting]


def _in_runs(equal: np.ndarray, bounds: np.ndarray) -> np.ndarray:
    """Keeps the characters that are equal together with a neighbour of the same text."""
    next_one = np.zeros(len(equal), bool)
    next_one[:-1] = equal[1:]
    next_one[bounds[1:] - 1] = False
    together = equal & next_one
    alone = together.copy()
    alone[1:] |= together[:-1]
    return alone


def _span(place, equal, bounds, pairs, start_of_record) -> tuple[np.ndarray, np.ndarray]:
    """First and last equal character of each pair, counted from the record's beginning."""
    far = np.iinfo(np.int64).max
    starts = bounds[pairs]
    first = np.minimum.reduceat(np.where(equal, place, far), starts)
    last = np.maximum.reduceat(np.where(equal, place, -1), starts)
    return first - start_of_record, last + 1 - start_of_record
