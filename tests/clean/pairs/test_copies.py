"""Numbers are the same however a text writes them, and pieces are compared within one pair only."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from builders.clean.pairs.copies import (
    Marks,
    have_sizes,
    read_kanji_numbers,
    read_number_words,
    read_numbers,
)
from builders.clean.pairs.units import DIGIT, LATIN, find_runs, read_texts


def _numbers(*texts):
    read = read_texts(pa.array(texts, pa.string()))
    marks = read_numbers(read, *find_runs(read, read.kinds, (DIGIT,)))
    return [(int(key) >> 32, int(key) & 0xFFFFFFFF) for key in marks.keys]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("5000", [5000]),
        ("5,000", [5000]),
        ("1,234,567", [1234567]),
        ("１２．５", [12, 5]),
        ("1,2,3", [1, 2, 3]),
        ("1, 200", [1, 200]),
        ("1234,56", [1234, 56]),
        ("at 4:00 AM", [4]),
        ("$5.00 and 0", [5, 0]),
        ("007", [7]),
        ("none", []),
    ],
)
def test_a_number_is_its_value(text, numbers):
    assert [value for _, value in _numbers(text)] == numbers


def test_numbers_end_with_their_text():
    assert _numbers("7,", "000", "", "1") == [(0, 7), (1, 0), (3, 1)]


def test_words_and_kanji_for_numbers_are_read():
    english = read_texts(pa.array(["the second of twenty", "one"]))
    starts, ends = find_runs(english, english.kinds, (LATIN,))
    words = read_number_words(english.hashes(starts, ends), english.owners(starts))
    kanji = read_kanji_numbers(read_texts(pa.array(["二人", "犬"])))

    assert [(int(key) >> 32, int(key) & 0xFFFFFFFF) for key in words.keys] == [(0, 2), (0, 20), (1, 1)]
    assert [(int(key) >> 32, int(key) & 0xFFFFFFFF) for key in kanji.keys] == [(0, 2)]


def test_pieces_are_looked_for_in_their_own_text():
    first = Marks.of(np.array([0, 0, 1]), np.array([5, 6, 5]))
    second, third = Marks.of(np.array([0]), np.array([5])), Marks.of(np.array([1]), np.array([6]))

    assert first.among(second).tolist() == [True, False, False]
    assert first.among(second, third).tolist() == [True, False, False]
    assert first.among(Marks.of(np.zeros(0, np.int64), np.zeros(0, np.int64))).tolist() == [False] * 3
    assert first.counts(np.array([True, True, True]), 3).tolist() == [2, 1, 0]


def test_kanji_behind_digits_make_another_number():
    texts = read_texts(pa.array(["5万", "5", "万5", "5人"]))

    assert have_sizes(texts, find_runs(texts, texts.kinds, (DIGIT,))[1]).tolist() == [True, False, False, False]
