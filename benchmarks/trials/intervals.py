"""Figures of several trainings of one kind, and intervals over both kinds of chance: the items asked, and the seeds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from finetune.evaluation.bootstrap import PERCENTILES, RESAMPLES, Sample


@dataclass(frozen=True)
class Interval:
    """A figure with its 95 % interval."""

    figure: float
    low: float
    high: float

    @property
    def sure(self) -> bool:
        """Whether 0 lies outside."""
        return self.low > 0 or self.high < 0


def draws(seeds: Sequence[Sample], *, start: int) -> list[float]:
    """Draw the mean figure of some trainings anew, with other items and other trainings.

    Items are drawn with replacement, the same for every training, and trainings with replacement among themselves. So
    few trainings say little about their own spread: with three, intervals are rather too narrow than too wide.

    Args:
        seeds: What was counted of each training, on the same items.
        start: Decides which trainings are drawn. Items are the same for all, so that differences are paired by item.
    """
    items, trainings = np.random.default_rng(0), np.random.default_rng((1, start))
    found = []
    for _ in range(RESAMPLES):
        rows = items.integers(len(seeds[0].counts), size=len(seeds[0].counts))
        chosen = trainings.integers(len(seeds), size=len(seeds))
        sums = [seed.counts[rows].sum(0) for seed in seeds]
        found.append(float(np.mean([seeds[place].score(sums[place]) for place in chosen])))
    return found


def interval(seeds: Sequence[Sample]) -> Interval:
    """The mean figure of some trainings."""
    return _middle(figure(seeds), draws(seeds, start=0))


def difference(seeds: Sequence[Sample], others: Sequence[Sample]) -> Interval:
    """The mean figure of some trainings less that of ``others``, on the same items."""
    pairs = zip(draws(seeds, start=0), draws(others, start=1), strict=True)
    return _middle(figure(seeds) - figure(others), [one - other for one, other in pairs])


def figure(seeds: Sequence[Sample]) -> float:
    """The mean of the trainings' figures."""
    return float(np.mean([seed.figure for seed in seeds]))


def _middle(figure: float, drawn: Sequence[float]) -> Interval:
    counted = [value for value in drawn if math.isfinite(value)]
    low, high = np.percentile(counted, PERCENTILES) if counted else (math.nan, math.nan)
    return Interval(figure, float(low), float(high))
