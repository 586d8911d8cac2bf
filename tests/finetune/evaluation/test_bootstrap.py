"""Intervals hold what they should: nothing is sure of few items, and corpus scores are those of the whole corpus."""

from __future__ import annotations

import numpy as np
import pytest

from finetune.evaluation import bootstrap
from finetune.evaluation.bootstrap import Sample, compare, mean


def test_difference_that_all_items_share_is_sure():
    found = compare(mean(np.zeros(20)), mean(np.ones(20)))
    assert (found.items, found.base, found.tuned) == (20, 0.0, 1.0)
    assert (found.difference, found.low, found.high) == (1.0, 1.0, 1.0)


def test_items_are_drawn_as_pairs():
    noise = np.random.default_rng(0).normal(scale=100, size=50)
    found = compare(mean(noise), mean(noise + 1))
    assert found.low == pytest.approx(1) and found.high == pytest.approx(1)


def test_interval_is_that_of_the_normal_distribution():
    draw = np.random.default_rng(1)
    base, tuned = draw.normal(size=400), draw.normal(loc=1, size=400)
    found = compare(mean(base), mean(tuned), resamples=4000)
    half = 1.96 * np.std(tuned - base) / 20
    assert found.high - found.difference == pytest.approx(half, rel=0.1)
    assert found.difference - found.low == pytest.approx(half, rel=0.1)


def test_ratio_weighs_items_by_their_counts():
    nats = np.array([[10.0, 10], [90.0, 30]])
    assert Sample(nats).figure == 100 / 40


def test_same_seed_same_interval():
    base, tuned = mean(np.arange(9.0)), mean(np.arange(9.0)[::-1])
    assert compare(base, tuned, seed=1) == compare(base, tuned, seed=1) != compare(base, tuned, seed=2)


def test_item_without_anything_to_count():
    assert np.isnan(bootstrap.ratio(np.zeros(2)))
    found = compare(Sample(np.array([[0.0, 0], [1, 1]])), Sample(np.array([[0.0, 0], [1, 1]])))
    assert found.difference == 0 and found.low == 0


def test_nothing_to_count_on_one_side():
    found = compare(Sample(np.zeros((3, 2))), mean(np.ones(3)))
    assert np.isnan([found.base, found.difference, found.low, found.high]).all() and found.tuned == 1
