"""Records that repeat another record of the dataset, each with the one that stays in its place.

Candidates come from sketches; every one is verified on its text (`builders.clean.duplicates.near`). The order in which records
stand for others is fixed: the longer payload first, then the better source, then the place in the dataset. A record is
removed only for one that itself stays, so nothing is lost along a chain of small changes, and the result does not
depend on who worked on what.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from builders.clean.duplicates.near import WORDS, is_near
from builders.clean.duplicates.sketches import SLOTS
from builders.clean.texts.ngrams import first_of_each, rank_in_run
from builders.clean.texts.normalize import CELLS, Payloads
from builders.tree.hashes import distinct

NONE, EXACT, NEAR = 0, 1, 2
"""Kinds: no duplicate; equal as text or after normalization; verified near duplicate."""
SHORTEST = 20
"""Normalized characters of the shortest payload that is compared beyond equality."""
BAND = 2
"""Slots in which candidates must agree, in at least one of `SLOTS / BAND` bands."""
AGREEING = 4
"""Slots in which candidates must agree in all."""
_NEIGHBOURS = 4  # records with the same band that each is compared with, beside the first of them
_ALIKE = 0.85  # of lengths
_FETCHED = 1 << 18  # pairs whose payload is fetched at a time; four times as many take 650 MB more and no less time
_AT_A_TIME = 1 << 19  # pairs whose sketches are compared at a time
_CHARACTERS = 1 << 21  # verified at a time

Fetch = Callable[[np.ndarray], Payloads]
"""Gives the payload of records by their numbers (int64, ascending), in that order."""


@dataclass(frozen=True)
class Duplicates:
    """What became of each record.

    Args:
        kind: `NONE`, `EXACT` (equal cells, as text), or `NEAR`, uint8.
        representative: number of the record that stays in place of this one; -1 where there is none, int64.
    """

    kind: np.ndarray
    representative: np.ndarray


class Columns(Protocol):
    """The columns of `Sketches`. Each is asked for once, and held only while it is needed."""

    @property
    def key(self) -> np.ndarray: ...
    @property
    def raw(self) -> np.ndarray: ...
    @property
    def cells(self) -> np.ndarray: ...
    @property
    def slots(self) -> np.ndarray: ...
    @property
    def length(self) -> np.ndarray: ...


@dataclass(frozen=True)
class _Compared:
    """The columns that candidates are compared by."""

    slots: np.ndarray
    cells: np.ndarray
    length: np.ndarray


def find(sketches: Columns, quality: np.ndarray, fetch: Fetch) -> Duplicates:
    """Finds duplicates.

    Args:
        sketches: of all records, in the dataset's order (`Sketches`, or the same columns from elsewhere).
        quality: of each record's source, 0 the best, uint8.
        fetch: reads payloads again.
    """
    length = sketches.length
    order = _order(length, quality)
    representative = _equal(sketches.key, length, order)
    rank = np.empty(len(order), np.uint32)
    rank[order] = np.arange(len(order), dtype=np.uint32)
    alone = order[(representative < 0)[order] & (length[order] >= SHORTEST)]
    pairs = _candidates(_Compared(sketches.slots, sketches.cells, length), alone, rank)
    kept, other = _verified(*pairs, order, fetch)
    near = _without_chains(kept, other, len(order))
    found = near >= 0
    representative[order[found]] = order[near[found]]
    _follow(representative)
    kind = np.where(representative < 0, NONE, NEAR).astype(np.uint8)
    removed, raw = np.flatnonzero(kind), sketches.raw
    kind[removed[raw[removed] == raw[representative[removed]]]] = EXACT
    return Duplicates(kind, representative)


def _order(length: np.ndarray, quality: np.ndarray) -> np.ndarray:
    """Numbers of all records, those that stand for others first."""
    longest_first = (np.uint64(0xFFFFFFFF) - length.astype(np.uint64)) << np.uint64(8) | quality.astype(np.uint64)
    return np.argsort(longest_first, kind="stable").astype(np.uint32)


def _equal(key: np.ndarray, length: np.ndarray, order: np.ndarray) -> np.ndarray:
    """For each record, the first with the same key; -1 for that one itself, and for empty payloads."""
    records = order[np.argsort(key[order, 0], kind="stable")]
    keys = key[records]
    new = first_of_each(keys[:, 0], keys[:, 1])
    first = records[np.flatnonzero(new)[np.cumsum(new) - 1]]
    representative = np.full(len(order), -1, np.int64)
    repeated = ~new & (length[records] > 0)
    representative[records[repeated]] = first[repeated]
    return representative


def _candidates(sketches: _Compared, alone: np.ndarray, rank: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of ranks, the first one smaller, that agree in a band and in most slots; ascending by the second."""
    found = [np.zeros(0, np.uint64)]
    for band in range(0, SLOTS, BAND):
        keys = _band(sketches, alone, band)
        shared = _shared(keys)
        # records that also agree in the next band stand side by side, however many agree in this one
        order = np.lexsort((_band(sketches, alone[shared], (band + BAND) % SLOTS), keys[shared]))
        records = alone[shared[order]]
        for one, other in _neighbours(keys[shared[order]]):
            found.append(_agreeing(sketches, rank, records[one], records[other]))
    together = np.concatenate(found)
    found.clear()
    pairs = distinct(together)
    return (pairs & np.uint64(0xFFFFFFFF)).astype(np.int64), (pairs >> np.uint64(32)).astype(np.int64)


def _band(sketches: _Compared, records: np.ndarray, first: int) -> np.ndarray:
    """Two neighbouring slots of records as one number, uint64."""
    return np.ascontiguousarray(sketches.slots[records, first : first + BAND]).view(np.uint64).ravel()


def _shared(keys: np.ndarray) -> np.ndarray:
    """Places of the keys that come more than once."""
    order = np.argsort(keys, kind="stable")
    same = keys[order[1:]] == keys[order[:-1]]
    repeated = np.zeros(len(keys), bool)
    repeated[1:] |= same
    repeated[:-1] |= same
    return np.sort(order[repeated])


def _neighbours(keys: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Places in an ascending array that have the same key: each with the next few, and with the first."""
    distance = rank_in_run(keys)
    for step in range(1, _NEIGHBOURS + 1):
        for other in _lots(np.flatnonzero(distance >= step)):
            yield other - step, other
    for other in _lots(np.flatnonzero(distance > _NEIGHBOURS)):
        yield other - distance[other], other


def _lots(places: np.ndarray) -> list[np.ndarray]:
    """An array in pieces, so that what is worked out for each of its numbers stays small."""
    return np.array_split(places, len(places) // _AT_A_TIME + 1)


def _agreeing(sketches: _Compared, rank: np.ndarray, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Pairs that are alike in length and sketch, as one number each: the greater rank, then the smaller."""
    lengths = sketches.length[one].astype(np.float64), sketches.length[other].astype(np.float64)
    alike = np.minimum(*lengths) >= _ALIKE * np.maximum(*lengths)
    same = (sketches.cells[one] == sketches.cells[other]).sum(axis=1)
    alike &= (same >= CELLS - 1) | (np.minimum(*lengths) >= 2 * WORDS)  # what `is_near` asks for at least
    one, other = one[alike], other[alike]
    agreeing = (sketches.slots[one] == sketches.slots[other]).sum(axis=1) >= AGREEING
    ranks = rank[one[agreeing]].astype(np.uint64), rank[other[agreeing]].astype(np.uint64)
    pairs: np.ndarray = np.maximum(*ranks) << np.uint64(32) | np.minimum(*ranks)
    return pairs


def _verified(kept: np.ndarray, other: np.ndarray, order: np.ndarray, fetch: Fetch) -> tuple[np.ndarray, np.ndarray]:
    """The candidates that are near duplicates, as ranks."""
    good = np.zeros(len(kept), bool)
    for start in range(0, len(kept), _FETCHED):
        part = slice(start, start + _FETCHED)
        records = distinct(order[np.concatenate((kept[part], other[part]))]).astype(np.int64)
        payloads = fetch(records)
        first, second = (np.searchsorted(records, order[ranks[part]]) for ranks in (kept, other))
        good[part] = _in_lots(payloads, first, second)
    return kept[good], other[good]


def _in_lots(payloads: Payloads, kept: np.ndarray, other: np.ndarray) -> np.ndarray:
    """`is_near` for any number of pairs, in lots of about `_CHARACTERS`."""
    reached = np.cumsum(np.diff(payloads.offsets)[kept])
    ends = np.unique(np.searchsorted(reached, np.arange(_CHARACTERS, reached[-1] + _CHARACTERS, _CHARACTERS)) + 1)
    near = np.zeros(len(kept), bool)
    for start, end in zip([0, *ends.tolist()], [*ends.tolist(), len(kept)], strict=True):
        near[start:end] = is_near(payloads, kept[start:end], other[start:end])
    return near


def _without_chains(kept: np.ndarray, other: np.ndarray, count: int) -> np.ndarray:
    """For each rank, the first rank that stays and is near it; -1 where it stays itself.

    Args:
        kept, other: near ranks, the first one smaller; ascending by the second, then by the first.
        count: number of ranks.
    """
    removed: dict[int, int] = {}
    for smaller, greater in zip(kept.tolist(), other.tolist(), strict=True):
        if smaller not in removed:
            removed.setdefault(greater, smaller)
    representative = np.full(count, -1, np.int64)
    representative[list(removed)] = list(removed.values())
    return representative


def _follow(representative: np.ndarray) -> None:
    """Lets records that equal a removed one point to the one that stays in its place."""
    removed = np.flatnonzero(representative >= 0)
    target = representative[removed]
    beyond = representative[target]
    representative[removed] = np.where(beyond >= 0, beyond, target)
