"""The table comes back from its file as it was, and finds the best translation that stands on the other side."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from builders.clean.pairs.table import (
    WEIGHT_STEP,
    Direction,
    Fluency,
    TranslationTable,
    Usual,
    Vocabulary,
    best_translation,
    load_table,
    save_table,
)

DIRECTION = Direction(
    np.array([[2, 0], [1, -1]], np.int32), np.array([[3.0, 1.0], [0.5, 0]], np.float32), np.array([-1, 0], np.float32)
)


def test_a_vocabulary_knows_its_hashes_and_no_others():
    vocabulary = Vocabulary(np.array([5, 70, (1 << 20) + 9], np.uint32))

    numbers = vocabulary.numbers(np.array([70, 5, 6, (1 << 20) + 9, 9], np.uint64))

    assert numbers.tolist() == [1, 0, -1, 2, -1]


def test_the_best_translation_of_the_same_pair_counts():
    units, owners = np.array([0, 0, 1, 1], np.int32), np.array([0, 1, 0, 1])
    others, other_owners = np.array([0, 2, 1], np.int32), np.array([0, 1, 1])

    best = best_translation(units, owners, others, other_owners, DIRECTION)

    assert best.tolist() == [1.0, 3.0, 0.0, 0.5]


def test_nothing_on_the_other_side_is_no_translation():
    empty = np.zeros(0, np.int32), np.zeros(0, np.int64)

    assert best_translation(np.array([0], np.int32), np.array([0]), *empty, DIRECTION).tolist() == [0.0]
    assert best_translation(*empty, *empty, DIRECTION).tolist() == []


def test_a_table_comes_back_as_it_was_and_with_the_same_bytes(tmp_path):
    vocabulary = Vocabulary(np.array([3, 4, 5], np.uint32))
    fluency = Fluency(
        vocabulary, np.array([9, 8, 7], np.float32), vocabulary, np.array([1, 2, 3], np.float32), 24.0, 2.4
    )
    usual = Usual((0.8, 0.3), np.array([1.0]), np.array([2.0]))
    table = TranslationTable(
        Vocabulary(np.array([1, 2], np.uint32)), vocabulary, DIRECTION, DIRECTION, fluency, replace(fluency, total=30.0),
        {"sentence": np.array([0.5, 1.0])}, ("found",), {"": usual}, ("a corpus",),
    )  # fmt: skip

    for name in ("one.npz", "two.npz"):
        save_table(table, tmp_path / name)
    back = load_table(tmp_path / "one.npz")

    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    assert back.to_japanese.translations.tolist() == DIRECTION.translations.tolist()
    assert np.abs(back.to_japanese.weights - DIRECTION.weights).max() <= WEIGHT_STEP / 2
    assert back.to_japanese.missing.tolist() == [-1, 0]
    assert back.fluency.pair_counts.tolist() == [1, 2, 3]
    assert (back.fluency.total, back.fluency.begins, back.books.total) == (24.0, 2.4, 30.0)
    assert back.experts["sentence"].tolist() == [0.5, 1.0]
    assert (back.features, back.sources) == (("found",), ("a corpus",))
    assert back.usual[""].ratio == (0.8, 0.3) and back.usual[""].middle.tolist() == [2.0]
