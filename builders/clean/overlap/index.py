"""Texts of benchmark items as an inverted index of character n-grams: from records to the places worth a comparison."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from builders.clean.overlap.items import Item
from builders.clean.texts.ngrams import first_of_each, ranges, rank_in_run, rolling, sums
from builders.clean.texts.normalize import CELLS, Payloads, as_text, normalize
from builders.tree.hashes import distinct

SHORTEST = 8
"""Normalized characters from which on a text can be told by overlap."""
LONG = (20, 40)
"""Characters of a text that says enough by itself: of Japanese, and of Latin letters."""
SIZES = (4, 6, 10)
"""Lengths of the n-grams that lead from a record to a text: for texts under 12 characters, longer ones, and Latin texts
of 40 or more. A text of which one character in ten is replaced nearly always keeps one such n-gram."""
LIKELY = 0.4
"""Share of a text's weight that must agree before it is compared in full."""
_FROM_LENGTH = (SHORTEST, 12, 40)
_RARE = 16  # an n-gram that more texts have leads nowhere in particular
_AT_LEAST = 2  # but the rarest of a text are always used
_TEXTS = 256  # of an n-gram: so many texts that begin alike are one template
_PLACES = 16  # of a text in a record: a text that fits in more places repeats itself
_SLOT_BITS = 22  # 4 MiB a table at most: it stays in the processor's cache
_SPARSE = 7  # bits more than there are n-grams: one slot in 128 is taken
_LATIN = 0x250  # code points below are Latin letters and digits
_UNIT = 1 << 10
_PROBES = 12
_PARTS = 1 << 20
_CHUNK = 1 << 16


@dataclass(frozen=True)
class Places:
    """Where texts may stand in records, ordered by record, text and place.

    Args:
        record: number of the record, int64.
        text: number of the text in the index, int64.
        shift: where in the payloads' codes the text would begin, int64; may be before the record's beginning.
    """

    record: np.ndarray
    text: np.ndarray
    shift: np.ndarray

    def __len__(self) -> int:
        return len(self.record)

    @classmethod
    def joined(cls, parts: Sequence[Places]) -> Places:
        """Places of several lots, one after another."""
        columns = [(part.record, part.text, part.shift) for part in parts]
        return cls(*(np.concatenate(column) for column in zip(*columns, strict=True)))

    def chosen(self, which: np.ndarray | slice) -> Places:
        """Some of the places, by mask, number or slice."""
        return Places(self.record[which], self.text[which], self.shift[which])

    def sorted(self) -> Places:
        """The places in order, each once."""
        places = self.chosen(np.lexsort((self.shift, self.text, self.record)))
        return places.chosen(first_of_each(places.record, places.text, places.shift))


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
        codes, bounds: the normalized texts, one after another.
        weights, totals: weight of each character, and of each text, int64.
        others: for each text, the normalized other texts of its item, with their numbers in the index; None for one that
            is not in it (an answer, a side of under `SHORTEST` characters).
        is_long: which texts say enough by themselves.
        skipped: items that have no text of at least `SHORTEST` characters.
    """

    def __init__(self, items: Sequence[Item]):
        self.items = list(items)
        telling = [(number, text) for number, item in enumerate(self.items) for text in item.telling]
        normalized = _normalize([text for _, text in telling])
        long = np.flatnonzero(np.diff(normalized.offsets) >= SHORTEST)
        self.others = self._other_texts(normalized, [number for number, _ in telling], long)
        self.item = np.array([telling[text][0] for text in long], np.int64)
        places, self.bounds = ranges(normalized.offsets[long], np.diff(normalized.offsets)[long])
        self.codes = normalized.codes[places]
        self.lengths = np.diff(self.bounds)
        latin = sums(self.codes < _LATIN, self.bounds) > self.lengths / 2
        self._latin = latin
        self.is_long = self.lengths >= np.where(latin, LONG[1], LONG[0])
        self.weights = self._rarity()
        self.totals = sums(self.weights, self.bounds)
        self._seeds = {size: self._seed(size) for size in SIZES}
        self._probe_places, self._probe_codes, self._probe_shares = self._probes()
        self.skipped = len(self.items) - len(np.unique(self.item))

    def _other_texts(
        self, normalized: Payloads, item: Sequence[int], chosen: np.ndarray
    ) -> list[list[tuple[np.ndarray, int | None]]]:
        """For each chosen text, the other texts of its item: the answer of a question, the other sides of a side.

        Each with its number in the index, where it is in the index.
        """
        of_item: dict[int, list[int]] = {}
        for text, number in enumerate(item):
            of_item.setdefault(number, []).append(text)
        answers = _normalize([item.answer for item in self.items])
        numbers: dict[int, int] = {text: number for number, text in enumerate(chosen.tolist())}
        others = []
        for text in chosen.tolist():
            found = [(normalized.record(other), numbers.get(other)) for other in of_item[item[text]] if other != text]
            found.append((answers.record(item[text]), None))
            others.append([(codes, number) for codes, number in found if len(codes)])
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
        kept = kept[np.lexsort((place[kept], text[kept], hashes[kept]))]
        kept = kept[first_of_each(hashes[kept], text[kept])]
        kept = kept[rank_in_run(hashes[kept]) < _TEXTS]
        unique, starts = np.unique(hashes[kept], return_index=True)
        bits = min(len(unique).bit_length() + _SPARSE, _SLOT_BITS)
        table = np.zeros(1 << bits, bool)
        table[_slots(unique, bits)] = True
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

    def text(self, number: int) -> str:
        """A text of the index, normalized."""
        return as_text(self.codes[self.bounds[number] : self.bounds[number + 1]])

    def places(self, payloads: Payloads) -> Places:
        """Where texts may stand in records: where an n-gram leads, and a few characters agree.

        Args:
            payloads: the records' payload.
        """
        hashes = rolling(payloads.codes, SIZES)
        found = [_lookup(seeds, hashes[size], payloads.offsets, size) for size, seeds in self._seeds.items()]
        places = Places.joined(found)
        places = self.likely(payloads, places, LIKELY).sorted()
        return places.chosen(rank_in_run(places.record << np.int64(32) | places.text) < _PLACES)

    def likely(self, payloads: Payloads, places: Places, share: float) -> Places:
        """The places where a few characters, spread over the text, agree: a cheap test before a full comparison.

        Args:
            payloads: the records' payload.
            places: where texts may stand.
            share: of the weight of those characters.
        """
        agreeing = np.zeros(len(places), bool)
        for start in range(0, len(places), _CHUNK):
            part = slice(start, start + _CHUNK)
            text = places.text[part]
            around = places.shift[part, None] + self._probe_places[text]
            found = payloads.codes.take(around, mode="clip") == self._probe_codes[text]
            agreeing[part] = (found * self._probe_shares[text]).sum(axis=1) >= share * _PARTS
        return places.chosen(agreeing)


def _normalize(texts: Sequence[str]) -> Payloads:
    column, empty = pa.array(texts, pa.string()), pa.array([""] * len(texts), pa.string())
    return normalize([column, *[empty] * (CELLS - 1)])


def _texts_with(hashes: np.ndarray, text: np.ndarray) -> np.ndarray:
    """For each n-gram, how many texts have it."""
    both = distinct(hashes.astype(np.uint64) << np.uint64(32) | text.astype(np.uint64))
    unique, counts = np.unique((both >> np.uint64(32)).astype(np.uint32), return_counts=True)
    return counts[np.searchsorted(unique, hashes)]


def _slots(hashes: np.ndarray, bits: int) -> np.ndarray:
    slots = hashes * np.uint32(0x85EBCA6B)
    slots >>= np.uint32(32 - bits)
    return slots


def _lookup(seeds: _Seeds, hashes: np.ndarray, offsets: np.ndarray, size: int) -> Places:
    """Record, text and place of the text's beginning, for all n-grams of records that are seeds."""
    empty = np.zeros(0, np.int64)
    if not len(seeds.hashes):
        return Places(empty, empty, empty)
    bits = len(seeds.table).bit_length() - 1
    place = np.flatnonzero(seeds.table.take(_slots(hashes, bits), mode="clip"))
    number = np.minimum(np.searchsorted(seeds.hashes, hashes[place]), len(seeds.hashes) - 1)
    record = np.searchsorted(offsets, place, side="right") - 1
    same = (seeds.hashes[number] == hashes[place]) & (place + size <= offsets[record + 1])
    place, number, record = place[same], number[same], record[same]
    counts = np.diff(seeds.bounds)[number]
    posting, _ = ranges(seeds.bounds[number], counts)
    shift = np.repeat(place, counts) - seeds.place[posting]
    return Places(np.repeat(record, counts), seeds.text[posting], shift)
