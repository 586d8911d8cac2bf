"""Learns the table of the pair score from a built dataset and writes it to `pairs.npz`.

    python -m builders.clean.pairs.learn DIR

It reads the translation configs of freely licensed corpora (`CORPORA`) in the output directory DIR, and how often words
follow one another in books (`books`). Steps: candidates
by how much oftener two units stand in one pair than by accident; IBM model 1 over the candidates; on pairs that a
table of the other half has not seen, how often units lack their translations; at last the weights of the features,
against made-up faults.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from builders.clean.pairs.books import BOOKS, make_fluency, read_books
from builders.clean.pairs.faults import FAULTS
from builders.clean.pairs.features import Floats, Pairs, length_ratio, measure, read_pairs, read_tokens
from builders.clean.pairs.score import BATCH, measure_usual
from builders.clean.pairs.table import (
    Direction,
    Fluency,
    TranslationTable,
    Vocabulary,
    best_translation,
    save_table,
    slots_of,
)
from builders.clean.pairs.units import (
    DIGIT,
    LATIN,
    LONGEST,
    Hashes,
    Ints,
    find_ngrams,
    find_runs,
    read_texts,
    stem_ends,
)

CORPORA = {"translation-coursera": "Apache-2.0", "translation-tab-delimited": "CC-BY-2.0-FR"}
"""Configs that it learns from and the license of each; Tanaka's sentences are in the second."""
LEAST_PAIRS = 3
"""Pairs in which a unit, and a unit beside its translation, must stand."""
LEAST_NGRAM_PAIRS = 4
TO_JAPANESE, TO_ENGLISH = 14, 5
"""Most translations of a unit."""
LEAST_WEIGHT = 0.3
ROUNDS = 6
"""Of expectation maximization."""
EXPERTS: Mapping[str, Mapping[str, float]] = {
    "sentence": {"other sentence": 1, "other sentence, as long": 1},
    "part": {
        "words left out": 1,
        "English cut": 0.3,
        "Japanese cut": 0.3,
        "English too much": 0.3,
        "Japanese too much": 0.3,
    },
    "words": {"words replaced": 1, "number changed": 0.3},
    "copy": {"source copied": 1},
}
"""Kinds of faults that each linear model is trained against, and their shares."""
TRAINED_PAIRS, TRAINED_FAULTS = 20_000, 5_000


@dataclass(frozen=True)
class Units:
    """Units of one language in some pairs.

    Args:
        hashes: of the known units, ascending; their number is their position.
        counts: pairs that hold each.
        units, owners: numbers, and pairs they stand in; each once a pair.
    """

    hashes: Hashes
    counts: Ints
    units: Ints
    owners: Ints


def learn_table(japanese: pa.Array, english: pa.Array, books: Fluency) -> TranslationTable:
    """A table with weights of all features, from pairs that translate each other and the order of words in books."""
    half = np.random.default_rng(3).random(len(japanese)) < 0.5
    first, second = (_taken(japanese, english, chosen) for chosen in (half, ~half))
    judge = _with_missing(_bare_table(*first, books), *second)
    experts, features = _train(judge, *second)
    whole = _bare_table(japanese, english, books)
    return replace(_carry_missing(judge, whole), experts=experts, features=features)


def _taken(japanese: pa.Array, english: pa.Array, chosen: npt.NDArray[np.bool_]) -> tuple[pa.Array, pa.Array]:
    return japanese.filter(pa.array(chosen)), english.filter(pa.array(chosen))


def _bare_table(japanese: pa.Array, english: pa.Array, books: Fluency) -> TranslationTable:
    """Translations and fluency; nothing is known about missing translations yet."""
    words, ngrams = _english_units(english), _japanese_units(japanese)
    rows, columns, strengths = _candidates(words, ngrams, len(japanese))
    size = (len(words.hashes), len(ngrams.hashes))
    back = _best(columns, rows, strengths, size[1], TO_ENGLISH)
    # a longer n-gram tells a word nothing new, but is asked by itself for its translation
    kept = _not_implied(rows, columns, strengths, japanese, ngrams)
    there = _best(rows[kept], columns[kept], strengths[kept], size[0], TO_JAPANESE)
    table = TranslationTable(
        Vocabulary(words.hashes.astype(np.uint32)),
        Vocabulary(ngrams.hashes.astype(np.uint32)),
        _direction(there, words, ngrams),
        _direction(back, ngrams, words),
        _fluency(english),
        books,
    )
    return table


def _english_units(english: pa.Array) -> Units:
    texts = read_texts(english)
    starts, ends = find_runs(texts, texts.kinds, (LATIN, DIGIT))
    return _known(texts.hashes(starts, stem_ends(texts, starts, ends)), texts.owners(starts), LEAST_PAIRS)


def _japanese_units(japanese: pa.Array) -> Units:
    texts = read_texts(japanese)
    starts = [find_ngrams(texts, size) for size in range(1, LONGEST + 1)]
    hashes = [texts.hashes(places, places + size) for size, places in enumerate(starts, 1)]
    return _known(np.concatenate(hashes), texts.owners(np.concatenate(starts)), LEAST_NGRAM_PAIRS)


def _known(hashes: Hashes, owners: Ints, least: int) -> Units:
    """The units that stand in `least` pairs; of two in one slot the commoner stays."""
    both = np.unique(hashes * np.uint64(1 << 32) + owners.astype(np.uint64))
    hashes, owners = both >> np.uint64(32), (both & np.uint64((1 << 32) - 1)).astype(np.int64)
    keys, inverse, counts = np.unique(hashes, return_inverse=True, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    _, winners = np.unique(slots_of(keys[order]), return_index=True)
    kept = np.zeros(len(keys), bool)
    kept[order[winners]] = True
    kept &= counts >= least
    numbers = np.cumsum(kept) - 1
    stays = kept[inverse]
    return Units(keys[kept], counts[kept], numbers[inverse[stays]], owners[stays])


def _candidates(words: Units, ngrams: Units, pairs: int) -> tuple[Ints, Ints, Floats]:
    """Numbers of words and n-grams that stand together oftener than by accident, and the pointwise information."""
    left = csr_matrix((np.ones(len(words.units), np.int32), (words.units, words.owners)), (len(words.hashes), pairs))
    right = csr_matrix(
        (np.ones(len(ngrams.units), np.int32), (ngrams.owners, ngrams.units)), (pairs, len(ngrams.hashes))
    )
    found: list[tuple[Ints, Ints, Floats]] = []
    for first in range(0, len(words.hashes), 500):
        together = (left[first : first + 500] @ right).tocoo()
        rows, columns = together.row.astype(np.int64) + first, together.col.astype(np.int64)
        expected = words.counts[rows] * ngrams.counts[columns] / pairs
        information = np.log((together.data - 0.5) / expected)
        kept = (together.data >= LEAST_PAIRS) & (information > 0.7)
        # what is kept beside the information decides the order of candidates: oftener is better
        found.append((rows[kept], columns[kept], (information * together.data)[kept]))
    rows, columns, strengths = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return rows, columns, strengths


def _not_implied(
    rows: Ints, columns: Ints, strengths: Floats, japanese: pa.Array, ngrams: Units
) -> npt.NDArray[np.bool_]:
    """False for an n-gram beside a word that a shorter n-gram inside it explains at least as well."""
    size = len(ngrams.hashes)
    keys = rows * size + columns
    order = np.argsort(keys)
    implied = np.zeros(len(rows), bool)
    for inner in _inner(japanese, ngrams):
        wanted = np.where(inner[columns] >= 0, rows * size + inner[columns], -1)
        places = np.minimum(np.searchsorted(keys, wanted, sorter=order), len(keys) - 1)
        found = order[places]
        # the inner one stands in more pairs; if it is as telling there, the outer one adds nothing
        implied |= (keys[found] == wanted) & (strengths[found] >= strengths * 0.95)
    return ~implied


def _inner(japanese: pa.Array, ngrams: Units) -> tuple[Ints, Ints]:
    """For each n-gram the number of it without its last, and without its first character; -1 where unknown."""
    texts = read_texts(japanese)
    without_last, without_first = (np.full(len(ngrams.hashes), -1, np.int64) for _ in range(2))
    vocabulary = Vocabulary(ngrams.hashes.astype(np.uint32))
    for size in range(2, LONGEST + 1):
        starts = find_ngrams(texts, size)
        numbers = vocabulary.numbers(texts.hashes(starts, starts + size))
        known = np.flatnonzero(numbers >= 0)
        numbers, first = np.unique(numbers[known], return_index=True)
        starts = starts[known][first]
        without_last[numbers] = vocabulary.numbers(texts.hashes(starts, starts + size - 1))
        without_first[numbers] = vocabulary.numbers(texts.hashes(starts + 1, starts + size))
    return without_last, without_first


def _best(rows: Ints, columns: Ints, strengths: Floats, size: int, most: int) -> npt.NDArray[np.int32]:
    """The strongest columns of each row, padded with -1."""
    order = np.lexsort((columns, -strengths, rows))
    rows, columns = rows[order], columns[order]
    ranks = np.arange(len(rows)) - np.searchsorted(rows, np.arange(size))[rows]
    best = np.full((size, most), -1, np.int32)
    kept = ranks < most
    best[rows[kept], ranks[kept]] = columns[kept]
    return best


def _direction(candidates: npt.NDArray[np.int32], own: Units, other: Units) -> Direction:
    """IBM model 1: how likely each unit is beside each candidate, while candidates share what they explain."""
    known = np.unique(other.owners * len(other.hashes) + other.units)
    instances, cells = [], []
    for first in range(0, len(own.units), 200_000):
        wanted = candidates[own.units[first : first + 200_000]].astype(np.int64)
        keys = own.owners[first : first + 200_000, None] * len(other.hashes) + wanted
        places = np.minimum(np.searchsorted(known, keys), len(known) - 1)
        instance, place = np.nonzero((known[places] == keys) & (wanted >= 0))
        instances.append(instance + first)
        cells.append(own.units[instance + first] * candidates.shape[1] + place)
    instance, cell = np.concatenate(instances), np.concatenate(cells)
    base = np.bincount(own.units, minlength=len(own.hashes)) / len(own.units)
    seen = other.counts[np.maximum(candidates.ravel(), 0)] + 1.0
    likely = np.full(candidates.size, 0.05)
    for _ in range(ROUNDS):
        share = likely[cell]
        total = np.bincount(instance, share, minlength=len(own.units)) + 3 * base[own.units]
        likely = np.maximum(np.bincount(cell, share / total[instance], minlength=candidates.size) - 0.3, 0) / seen
    weights = np.log(np.maximum(likely, 1e-9).reshape(candidates.shape) / (10 * base[:, None]))
    kept = (candidates >= 0) & (weights >= LEAST_WEIGHT)
    order = np.argsort(np.where(kept, -weights, 9), axis=1, kind="stable")
    units = np.take_along_axis(np.where(kept, candidates, -1), order, 1)
    weights = np.take_along_axis(np.where(kept, np.minimum(weights, 8), 0), order, 1)
    return Direction(units, weights.astype(np.float32), np.zeros(len(own.hashes), np.float32))


def _fluency(english: pa.Array) -> Fluency:
    tokens = read_tokens(read_texts(english))
    words, pairs = (np.unique(keys, return_counts=True) for keys in (tokens.hashes, tokens.following))
    total = float(len(tokens.hashes))
    # a beginning is as common a neighbour as every tenth word
    return make_fluency(words, pairs, total, total / 10)


def _with_missing(table: TranslationTable, japanese: pa.Array, english: pa.Array) -> TranslationTable:
    """Fills in how telling a missing translation is, measured on pairs that the table was not learnt from."""
    other = english.take(pa.array(np.random.default_rng(1).permutation(len(english))))
    good, bad = (_hits(read_pairs(japanese, side, table)) for side in (english, other))
    missing = [_log_odds(*good[name], *bad[name]) for name in (0, 1)]
    return replace(
        table,
        to_japanese=replace(table.to_japanese, missing=missing[0]),
        to_english=replace(table.to_english, missing=missing[1]),
    )


def _hits(pairs: Pairs) -> tuple[tuple[Ints, Ints], tuple[Ints, Ints]]:
    """For English words and Japanese n-grams: how often each stands, and how often with a translation."""
    stems, stem_pairs = pairs.stems
    ngrams, places = pairs.ngrams
    best, best_places = pairs.longest
    owners = pairs.japanese.owners(places)
    # the table of what stands where is small only for few pairs at a time
    english, japanese = np.zeros(len(stems)), np.zeros(len(best))
    best_pairs = pairs.japanese.owners(best_places)
    for first in range(0, len(pairs.english.offsets), 2000):
        a, b, c = (_within(each, first, first + 2000) for each in (stem_pairs, owners, best_pairs))
        english[a] = best_translation(
            stems[a], stem_pairs[a] - first, ngrams[b], owners[b] - first, pairs.table.to_japanese
        )
        japanese[c] = best_translation(
            best[c], best_pairs[c] - first, stems[a], stem_pairs[a] - first, pairs.table.to_english
        )
    return (
        _counted(stems, english > 0, len(pairs.table.english)),
        _counted(best, japanese > 0, len(pairs.table.japanese)),
    )


def _within(owners: Ints, first: int, last: int) -> npt.NDArray[np.bool_]:
    return (owners >= first) & (owners < last)


def _counted(units: Ints, hit: npt.NDArray[np.bool_], size: int) -> tuple[Ints, Ints]:
    return np.bincount(units, minlength=size), np.bincount(units[hit], minlength=size)


def _log_odds(stood: Ints, hit: Ints, stood_bad: Ints, hit_bad: Ints) -> npt.NDArray[np.float32]:
    """Log-odds of a miss in good against bad pairs, with four imagined ones of the usual kind; 0 at most."""
    usual, usual_bad = hit.sum() / stood.sum(), hit_bad.sum() / stood_bad.sum()
    good = np.clip((hit + 3.2 * usual) / (stood + 4), 0.02, 0.98)
    bad = np.clip((hit_bad + 4 * usual_bad) / (stood_bad + 4), 0.001, 0.98)
    odds: npt.NDArray[np.float32] = np.minimum(np.log((1 - good) / (1 - bad)), 0).astype(np.float32)
    return odds


def _carry_missing(judge: TranslationTable, whole: TranslationTable) -> TranslationTable:
    """Gives a table the log-odds of misses of another; 0 for units that the other does not know."""
    parts = {}
    for name, vocabulary, known in (
        ("to_japanese", whole.english, judge.english),
        ("to_english", whole.japanese, judge.japanese),
    ):
        numbers = known.numbers(vocabulary.keys)
        missing = np.where(numbers >= 0, getattr(judge, name).missing[numbers], 0).astype(np.float32)
        parts[name] = replace(getattr(whole, name), missing=missing)
    return replace(whole, **parts)


def _train(table: TranslationTable, japanese: pa.Array, english: pa.Array) -> tuple[dict[str, Floats], tuple[str, ...]]:
    """Weights of the features by expert, trained on pairs that the table has not seen."""
    draw = random.Random(5)
    order = draw.sample(range(len(japanese)), min(TRAINED_PAIRS, len(japanese)))
    texts = _some_joined([japanese[i].as_py() for i in order], [english[i].as_py() for i in order], draw)
    ratio = length_ratio(*(pa.array(side, pa.string()) for side in texts))
    good = _matrix(table, ratio, *texts)
    features = tuple(good)
    matrix = np.stack(list(good.values()), 1)
    faulty: dict[str, Floats] = {}
    for kind in dict.fromkeys(kind for kinds in EXPERTS.values() for kind in kinds):
        some = FAULTS[kind](texts[0][:TRAINED_FAULTS], texts[1][:TRAINED_FAULTS], draw)
        # a corpus without numbers has none to change
        if some[0]:
            faulty[kind] = np.stack(list(_matrix(table, ratio, *some).values()), 1)
    shares = {name: {kind: share for kind, share in kinds.items() if kind in faulty} for name, kinds in EXPERTS.items()}
    return {name: _fit(matrix, faulty, kinds) for name, kinds in shares.items()}, features


def _some_joined(japanese: Sequence[str], english: Sequence[str], draw: random.Random) -> tuple[list[str], list[str]]:
    """Joins some sentences to longer texts: weights must hold for all lengths."""
    joined: tuple[list[str], list[str]] = ([], [])
    place = 0
    while place < len(japanese):
        size = draw.choice((1, 1, 1, 1, 2, 3, 4))
        joined[0].append("".join(japanese[place : place + size]))
        joined[1].append(" ".join(english[place : place + size]))
        place += size
    return joined


def _matrix(
    table: TranslationTable, ratio: tuple[float, float], japanese: Sequence[str], english: Sequence[str]
) -> Mapping[str, Floats]:
    left, right = pa.array(japanese, pa.string()), pa.array(english, pa.string())
    parts = []
    for first in range(0, len(japanese), BATCH):
        parts.append(measure(read_pairs(left.slice(first, BATCH), right.slice(first, BATCH), table), ratio))
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _fit(good: Floats, faulty: Mapping[str, Floats], kinds: Mapping[str, float]) -> Floats:
    """Logistic regression; good pairs weigh as much as all faulty ones, kinds by their shares. The constant first.

    Features may only speak for a pair: a weight of the other sign would be a habit of one corpus.
    """
    matrix = np.concatenate([good, *(faulty[kind] for kind in kinds)])
    truth = np.r_[np.ones(len(good)), np.zeros(len(matrix) - len(good))]
    total = sum(kinds.values())
    weights = [np.full(len(faulty[kind]), share / total / len(faulty[kind])) for kind, share in kinds.items()]
    weight = np.concatenate([np.full(len(good), 1 / len(good)), *weights]) / 2
    middle, spread = matrix.mean(0), matrix.std(0) + 1e-6
    scaled = np.c_[np.ones(len(matrix)), (matrix - middle) / spread]

    def loss(values: Floats) -> tuple[float, Floats]:
        logits = np.clip(scaled @ values, -30, 30)
        slope = scaled.T @ (weight * (1 / (1 + np.exp(-logits)) - truth)) + 1e-3 * np.r_[0, values[1:]]
        lost = (weight * np.logaddexp(0, np.where(truth > 0, -logits, logits))).sum()
        return float(lost + 5e-4 * (values[1:] ** 2).sum()), slope

    start = np.zeros(scaled.shape[1])
    bounds = [(None, None), *[(0, None)] * len(spread)]
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 400})
    scale = found.x[1:] / spread
    weighted: Floats = np.r_[found.x[0] - scale @ middle, scale]
    return weighted


def read_corpus(directory: Path, config: str) -> tuple[pa.Array, pa.Array]:
    """The distinct pairs of a translation config of a built dataset: Japanese, English."""
    records = pl.scan_parquet(directory / config / "train-*.parquet").filter(pl.col("task").str.ends_with("ja-en"))
    pairs = records.select("input", "output").unique(maintain_order=True).collect()
    japanese, english = (pairs[name].to_arrow().cast(pa.string()) for name in ("input", "output"))
    return japanese, english


def main(directory: Path) -> None:
    """Learns from all of `CORPORA` and writes the table beside this module."""
    corpora = {config: read_corpus(directory, config) for config in CORPORA}
    japanese, english = (pa.concat_arrays(sides) for sides in zip(*corpora.values(), strict=True))
    table = learn_table(japanese, english, read_books())
    usual = {config: measure_usual(*sides, table) for config, sides in corpora.items()}
    usual[""] = measure_usual(japanese, english, table)
    sources = (*(f"{name} ({license})" for name, license in CORPORA.items()), BOOKS)
    save_table(replace(table, usual=usual, sources=sources))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
