"""A figure for the base, one for the tuned model, their difference, and how sure it is.

Every figure is a function of sums over items: a mean is a sum and a count, chrF a dozen counts. So drawing items anew
is adding up rows, and corpus scores, which are no means of items, get intervals like all others.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

RESAMPLES = 1000
PERCENTILES = (2.5, 97.5)


def ratio(sums: NDArray[np.float64]) -> float:
    """Divide the first sum by the second: the score of every mean."""
    return float(sums[0] / sums[1]) if sums[1] else float("nan")


@dataclass(frozen=True)
class Sample:
    """What was counted on each item, and how the counts' sums become a figure."""

    counts: NDArray[np.float64]
    """A row for each item."""
    score: Callable[[NDArray[np.float64]], float] = ratio

    @property
    def figure(self) -> float:
        """The figure over all items."""
        return self.score(self.counts.sum(0))


@dataclass(frozen=True)
class Difference:
    """The figures of both models on the same items, and the 95 % interval of their difference."""

    items: int
    base: float
    tuned: float
    difference: float
    """Tuned less base."""
    low: float
    high: float


def mean(values: NDArray[np.float64] | NDArray[np.bool_]) -> Sample:
    """Make a sample whose figure is the mean of ``values``."""
    return Sample(np.stack([values, np.ones(len(values))], axis=1).astype(np.float64))


def compare(base: Sample, tuned: Sample, *, resamples: int = RESAMPLES, seed: int = 42) -> Difference:
    """Compare two samples of the same items by the paired bootstrap.

    Items are drawn with replacement, the same for both models (Koehn 2004, aclanthology.org/W04-3250); the interval
    holds the middle 95 % of the differences. It speaks of the choice of items, not of the chance in training.

    Args:
        base: The base's counts.
        tuned: The tuned model's counts, in the same order.
        resamples: How many times items are drawn.
        seed: Decides which are drawn.
    """
    items = len(base.counts)
    draw = np.random.default_rng(seed)
    differences = []
    for _ in range(resamples):
        rows = draw.integers(items, size=items)
        differences.append(tuned.score(tuned.counts[rows].sum(0)) - base.score(base.counts[rows].sum(0)))
    counted = [difference for difference in differences if math.isfinite(difference)]  # others had nothing to count
    low, high = np.percentile(counted, PERCENTILES) if counted else (math.nan, math.nan)
    return Difference(items, base.figure, tuned.figure, tuned.figure - base.figure, low=float(low), high=float(high))
