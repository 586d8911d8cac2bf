"""What the rule drops of real pairs was read, and nearly all of it is faulty."""

from __future__ import annotations

from collections import Counter

import pytest

from builders.clean.evaluate import labelled
from builders.clean.measures.read_pairs import NAME, measure


@pytest.fixture(scope="module")
def rows():
    return {row.case: row for row in measure()}


def test_what_is_dropped_is_faulty(rows):
    row = rows["dropped"]

    assert (row.found + row.wrong) == 110
    assert row.found / (row.found + row.wrong) >= 0.95


def test_single_words_make_the_score_less_precise(rows):
    alone, product = rows["low product"], rows["product under 0.001"]

    assert alone.found > product.found
    assert alone.wrong < product.wrong


def test_read_pairs_are_enough_distinct_and_licensed():
    cases = labelled(NAME)

    assert len({case["id"] for case in cases}) == len(cases)
    assert all(case["id"].startswith("coursera:") for case in cases)
    assert Counter(case["drawn"] for case in cases)["dropped"] >= 100
