"""Arithmetic on ragged and sorted arrays."""

from __future__ import annotations

import numpy as np

from builders.clean.texts.ngrams import first_of_each, rank_in_run


def test_rows_are_compared_in_all_columns():
    assert first_of_each(np.array([1, 1, 1]), np.array([1, 1, 2])).tolist() == [True, False, True]


def test_equal_values_are_numbered():
    assert rank_in_run(np.array([5, 5, 6, 6, 6])).tolist() == [0, 1, 0, 1, 2]
