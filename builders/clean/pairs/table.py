"""What words translate to, as learnt from parallel corpora: the table behind the score of translation pairs.

The table holds hashes, not text: English words (see `units.stem_ends`) and Japanese character n-grams, and for
each the few units of the other language that explain it best, with a weight (IBM model 1, natural logarithm of how
much likelier the unit is beside that translation). Beside them, how often English words follow one another, in the corpora
and in books.
`builders.clean.pairs.learn` writes `pairs.npz`; scoring only reads it, so it needs no download.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from builders.clean.pairs.units import Hashes, Ints, character_hashes

FILE = Path(__file__).with_name("pairs.npz")
WEIGHT_STEP = 1 / 30
"""Weights are stored as bytes, in steps of this."""
FLUENCIES = ("fluency", "books")
"""Fields of `TranslationTable` that say how usual neighbours are."""
_SLOT_BITS = 20
_SLOT = np.uint64((1 << _SLOT_BITS) - 1)
_NONE = np.uint64(np.iinfo(np.uint64).max)  # -1 as a signed number
_BITS = (1 << np.arange(8)).astype(np.uint8)


class Vocabulary:
    """Numbers of known hashes; a hash that shares its slot with a commoner one was left out when learning.

    Args:
        keys: the known hashes; their position is their number.
    """

    def __init__(self, keys: npt.NDArray[np.uint32]):
        self.keys = keys.astype(np.uint64)
        # a key and its number in one integer: half as many far reads
        self._slots = np.full(1 << _SLOT_BITS, _NONE)
        numbers = np.arange(len(keys), dtype=np.uint64)
        self._slots[slots_of(self.keys)] = (self.keys << np.uint64(_SLOT_BITS)) | numbers

    def __len__(self) -> int:
        return len(self.keys)

    def numbers(self, hashes: Hashes) -> Ints:
        """The number of each hash, -1 where it is unknown."""
        found = self._slots.take(slots_of(hashes))
        numbers: Ints = np.where(found >> np.uint64(_SLOT_BITS) == hashes, found & _SLOT, _NONE).view(np.int64)
        return numbers


def slots_of(hashes: Hashes) -> Ints:
    """The slot of each hash."""
    return (hashes & _SLOT).view(np.int64)


@dataclass(frozen=True)
class Direction:
    """Translations of the units of one language.

    Args:
        translations: numbers of the other language's units, a row a unit, the best first, -1 where there are no more.
        weights: of the same shape, 0 or more.
        missing: log-odds, 0 or less, that a good pair lacks every translation of the unit; a value a unit.
    """

    translations: npt.NDArray[np.int32]
    weights: npt.NDArray[np.float32]
    missing: npt.NDArray[np.float32]

    @cached_property
    def targets(self) -> Ints:
        """By number of the other language's unit, its number from 1 on among those that translate anything; 0 for others.

        The last value is 0 and stands for all units behind it.
        """
        known = np.unique(self.translations[self.translations >= 0])
        targets = np.zeros(int(known.max(initial=0)) + 2, np.int64)
        targets[known] = np.arange(1, len(known) + 1)
        return targets

    @cached_property
    def ranked(self) -> list[tuple[npt.NDArray[np.unsignedinteger], npt.NDArray[np.float32]]]:
        """By rank of a translation, for each unit: the target, 0 where there are no more; and its weight."""
        targets = np.where(self.translations >= 0, self.targets[self.translations], 0)
        # the smallest type: all of them stay in the cache
        targets = targets.astype(np.min_scalar_type(int(targets.max(initial=0))))
        return [(targets[:, rank].copy(), self.weights[:, rank].copy()) for rank in range(targets.shape[1])]

    @cached_property
    def width(self) -> int:
        """Bytes with a bit for each target."""
        return int(self.targets.max()) // 8 + 1


@dataclass(frozen=True)
class Fluency:
    """How often English words, and two words in a row, stand in some texts.

    Args:
        words: known words. A pair is as known as its hash.
        counts: of each word.
        pairs: known pairs of words.
        pair_counts: of each pair, up to 65,535.
        total: words in all.
        begins: how often a text begins; 0 where that is not known.
    """

    words: Vocabulary
    counts: npt.NDArray[np.float32]
    pairs: Vocabulary
    pair_counts: npt.NDArray[np.float32]
    total: float
    begins: float


@dataclass(frozen=True)
class Usual:
    """What is usual in a corpus: scores say how far a pair is from it.

    Args:
        ratio: median and spread of the length ratio (`features.length_ratio`).
        low, middle: the 5 % quantile and the median of what each expert gives.
    """

    ratio: tuple[float, float]
    low: npt.NDArray[np.float64]
    middle: npt.NDArray[np.float64]


@dataclass(frozen=True)
class TranslationTable:
    """Everything that scoring needs.

    Args:
        english, japanese: units of both languages.
        to_japanese, to_english: their translations.
        fluency: of English, as the corpora have it.
        books: the same, as books have it (see `builders.clean.pairs.books`).
        experts: by name, a weight a feature, the constant first (see `builders.clean.pairs.score`).
        features: names of the features, in the order of the weights.
        usual: what is usual in the configs that it was learnt from; "" for all together.
        sources: names and licenses of the corpora that it was learnt from.
    """

    english: Vocabulary
    japanese: Vocabulary
    to_japanese: Direction
    to_english: Direction
    fluency: Fluency
    books: Fluency
    experts: dict[str, npt.NDArray[np.float64]] = field(default_factory=dict)
    features: tuple[str, ...] = ()
    usual: dict[str, Usual] = field(default_factory=dict)
    sources: tuple[str, ...] = ()

    @cached_property
    def characters(self) -> Ints:
        """The number of each folded character of the BMP among the Japanese units; -1 where it is unknown."""
        return self.japanese.numbers(character_hashes())


def save_table(table: TranslationTable, path: Path = FILE) -> None:
    """Writes a table; the same table gives the same bytes."""
    np.savez_compressed(path, allow_pickle=False, **_pack(table))


@cache
def load_table(path: Path = FILE) -> TranslationTable:
    """Reads a table that `save_table` wrote; it is kept, since it is read-only."""
    with np.load(path, allow_pickle=False) as stored:
        return _unpack(dict(stored))


def _pack(table: TranslationTable) -> dict[str, Any]:
    arrays: dict[str, Any] = {
        "english": table.english.keys.astype(np.uint32),
        "japanese": table.japanese.keys.astype(np.uint32),
        "features": np.array(table.features),
        "sources": np.array(table.sources),
        "experts": np.array(list(table.experts)),
        "usual": np.array(list(table.usual)),
        "usual_values": np.array([[*each.ratio, *each.low, *each.middle] for each in table.usual.values()]),
    }
    for name, direction in (("to_japanese", table.to_japanese), ("to_english", table.to_english)):
        known = direction.translations >= 0
        arrays[f"{name}_sizes"] = known.sum(1).astype(np.uint8)
        arrays[f"{name}_units"] = direction.translations[known]
        arrays[f"{name}_weights"] = np.rint(direction.weights[known] / WEIGHT_STEP).astype(np.uint8)
        arrays[f"{name}_missing"] = direction.missing.astype(np.float16)
    for name in FLUENCIES:
        usual: Fluency = getattr(table, name)
        arrays[f"{name}_words"] = usual.words.keys.astype(np.uint32)
        arrays[f"{name}_counts"] = usual.counts.astype(np.uint32)
        arrays[f"{name}_pairs"] = usual.pairs.keys.astype(np.uint32)
        arrays[f"{name}_pair_counts"] = np.minimum(usual.pair_counts, 65535).astype(np.uint16)
        arrays[f"{name}_totals"] = np.array([usual.total, usual.begins])
    return arrays | {f"expert_{name}": weights for name, weights in table.experts.items()}


def _unpack(stored: dict[str, Any]) -> TranslationTable:
    return TranslationTable(
        Vocabulary(stored["english"]),
        Vocabulary(stored["japanese"]),
        _unpack_direction(stored, "to_japanese"),
        _unpack_direction(stored, "to_english"),
        _unpack_fluency(stored, "fluency"),
        _unpack_fluency(stored, "books"),
        {str(name): stored[f"expert_{name}"] for name in stored["experts"]},
        tuple(map(str, stored["features"])),
        {
            str(name): _unpack_usual(values)
            for name, values in zip(stored["usual"], stored["usual_values"], strict=True)
        },
        tuple(map(str, stored["sources"])),
    )


def _unpack_fluency(stored: dict[str, Any], name: str) -> Fluency:
    return Fluency(
        Vocabulary(stored[f"{name}_words"]),
        stored[f"{name}_counts"].astype(np.float32),
        Vocabulary(stored[f"{name}_pairs"]),
        stored[f"{name}_pair_counts"].astype(np.float32),
        *map(float, stored[f"{name}_totals"]),
    )


def _unpack_usual(values: npt.NDArray[np.float64]) -> Usual:
    experts = (len(values) - 2) // 2
    return Usual((float(values[0]), float(values[1])), values[2 : 2 + experts], values[2 + experts :])


def _unpack_direction(stored: dict[str, Any], name: str) -> Direction:
    sizes = stored[f"{name}_sizes"].astype(np.int64)
    shape = (len(sizes), int(sizes.max(initial=1)))
    known = np.arange(shape[1]) < sizes[:, None]
    translations, weights = np.full(shape, -1, np.int32), np.zeros(shape, np.float32)
    translations[known] = stored[f"{name}_units"]
    weights[known] = stored[f"{name}_weights"] * np.float32(WEIGHT_STEP)
    return Direction(translations, weights, stored[f"{name}_missing"].astype(np.float32))


def best_translation(
    units: Ints, owners: Ints, others: Ints, other_owners: Ints, direction: Direction
) -> npt.NDArray[np.float32]:
    """The weight of each unit's best translation that stands on the other side of its pair; 0 where none does.

    A bit for each pair and each unit that translates anything says which stand on the other side.

    Args:
        units, owners: numbers of the units and of the pairs they stand in, pairs counted from 0.
        others, other_owners: those of the other side.
        direction: from the units' language to the other.
    """
    there = direction.targets.take(others, mode="clip")
    known = np.flatnonzero(there)
    there, width = there[known], direction.width
    pairs = 1 + max(int(owners.max(initial=0)), int(other_owners.max(initial=0)))
    seen = np.zeros(pairs * width, np.uint8)
    np.bitwise_or.at(seen, other_owners[known] * width + (there >> 3), _BITS[there & 7])
    best = np.zeros(len(units), np.float32)
    left, rows = np.arange(len(units)), owners * width
    for targets, weights in direction.ranked:
        wanted = targets.take(units)
        found = ((seen.take(rows + (wanted >> 3)) >> (wanted & 7).astype(np.uint8)) & 1).view(bool)
        hit, again = np.flatnonzero(found), np.flatnonzero(~found & (wanted > 0))
        best[left.take(hit)] = weights.take(units.take(hit))
        units, rows, left = units.take(again), rows.take(again), left.take(again)
    return best
