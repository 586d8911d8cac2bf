"""Intervals know of both kinds of chance: of items, and of trainings."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.trials import intervals
from finetune.evaluation import bootstrap


def sample(values) -> bootstrap.Sample:
    return bootstrap.mean(np.asarray(values, dtype=float))


def test_same_items_and_trainings_differ_by_nothing():
    draw = np.random.default_rng(0)
    seeds = [sample(draw.normal(size=50))] * 3
    found = intervals.difference(seeds, seeds)
    assert (found.figure, found.low, found.high) == (0, 0, 0)
    assert not found.sure


def test_interval_of_one_training_is_that_of_its_items():
    values = np.random.default_rng(1).normal(size=400)
    found = intervals.interval([sample(values)])
    assert found.high - found.low == pytest.approx(2 * 1.96 * values.std() / 20, rel=0.1)


def test_trainings_that_differ_widen_the_interval():
    """Items that are all alike leave nothing but the spread of the trainings: of 0, 1 and 2, drawn three at a time."""
    seeds = [sample(np.full(50, level)) for level in (0.0, 1.0, 2.0)]
    found = intervals.interval(seeds)
    assert found.figure == 1
    assert found.low < 0.34 and found.high > 1.66
    assert not intervals.difference(seeds, [sample(np.full(50, 0.5))]).sure
    assert intervals.difference(seeds, [sample(np.full(50, -0.5))]).sure


def test_items_are_drawn_as_pairs():
    """A difference that every item shares is sure, however much the items differ among themselves."""
    values = np.random.default_rng(2).normal(scale=10, size=30)
    found = intervals.difference([sample(values + 1)], [sample(values)])
    assert found.low == pytest.approx(1) and found.high == pytest.approx(1)


def test_nothing_to_count():
    nothing = bootstrap.Sample(np.zeros((4, 2)))
    found = intervals.interval([nothing])
    assert np.isnan(found.figure) and np.isnan(found.low)
    assert not found.sure
