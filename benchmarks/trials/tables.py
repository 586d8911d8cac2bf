"""Tables and a plot of some kinds of training beside each other."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")

import numpy as np
from matplotlib import pyplot as plt
from rich.table import Table

from benchmarks.trials import intervals
from benchmarks.trials.trial import Figures
from finetune.evaluate import LOWER_IS_BETTER

BY_SOURCE = "source "
"""How the tasks begin that say the same by source: too many for a table."""
COLUMNS = 3


@dataclass(frozen=True)
class Row:
    """One measure of every arm."""

    task: str
    metric: str
    items: int
    arms: Mapping[str, intervals.Interval]
    less: Mapping[str, Mapping[str, intervals.Interval]]
    """Of each other arm: every arm's figure less the other's."""

    @property
    def name(self) -> str:
        """The measure in words."""
        return f"{self.task}, {self.metric}" + " (less is better)" * (self.metric in LOWER_IS_BETTER)


def compare(arms: Mapping[str, Sequence[Figures]], others: Mapping[str, Sequence[Figures]]) -> list[Row]:
    """Put arms beside each other.

    Args:
        arms: What was counted of each arm's trainings.
        others: Those that the others are compared with.
    """
    first = next(iter(arms.values()))[0]
    rows = []
    for key, sample in first.items():
        counted = {arm: [figures[key] for figures in seeds] for arm, seeds in arms.items()}
        less = {
            other: {arm: intervals.difference(counted[arm], [of[key] for of in seeds]) for arm in arms if arm != other}
            for other, seeds in others.items()
        }
        found = {arm: intervals.interval(seeds) for arm, seeds in counted.items()}
        rows.append(Row(*key, items=len(sample.counts), arms=found, less=less))
    return rows


def trainings(runs: Mapping[str, Sequence[Mapping[str, Any]]]) -> Table:
    """What each arm was trained on, as the mean of its trainings."""
    grid = _grid("trained on", "trainings", "records", "tokens", "of responses", "seconds")
    for arm, found in runs.items():
        counts = [[run["data"][name] for run in found] for name in ("train", "tokens", "response_tokens")]
        seconds = np.mean([run["seconds"] for run in found])
        grid.add_row(arm, f"{len(found)}", *(f"{np.mean(count):,.0f}" for count in counts), f"{seconds:,.0f}")
    return grid


def figures(rows: Sequence[Row]) -> Table:
    """The figure of each arm."""
    shown = _shown(rows)
    grid = _grid("measure", "items", *shown[0].arms)
    for row in shown:
        grid.add_row(row.name, f"{row.items}", *(f"{found.figure:.3f}" for found in row.arms.values()))
    return grid


def differences(rows: Sequence[Row], other: str) -> Table:
    """The figure of each arm less that of ``other``, with its interval; a star where 0 lies outside."""
    shown = _shown(rows)
    grid = _grid(f"less {other}", *shown[0].less[other])
    for row in shown:
        grid.add_row(row.name, *(_cell(found) for found in row.less[other].values()))
    return grid


def as_json(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """All figures, also those by source, with null where nothing was counted."""
    return [_finite(asdict(row)) for row in rows]


def draw(rows: Sequence[Row], file: Path) -> None:
    """Write a plot to ``file``: a panel for each measure, in it a dot and a 95 % interval for each arm."""
    lines = math.ceil(len(rows) / COLUMNS)
    figure, grid = plt.subplots(lines, COLUMNS, figsize=(11, 0.6 + 2 * lines), layout="constrained", squeeze=False)
    for axes in grid.flat[len(rows) :]:
        axes.set_axis_off()
    for row, axes in zip(rows, grid.flat, strict=False):
        names = list(row.arms)
        found = list(row.arms.values())
        middles = [one.figure for one in found]
        reach = [[one.figure - one.low for one in found], [one.high - one.figure for one in found]]
        axes.errorbar(middles, range(len(names)), xerr=np.clip(reach, 0, None), fmt="o", capsize=3, markersize=4)
        axes.axvline(middles[0], linestyle=":", linewidth=1, color="grey")
        axes.set_yticks(range(len(names)), names)
        axes.invert_yaxis()
        axes.margins(y=0.15)
        axes.grid(axis="x", alpha=0.3)
        axes.set_title(row.name, fontsize=8)
        axes.tick_params(labelsize=8)
    figure.savefig(file, dpi=120)
    plt.close(figure)


def _grid(first: str, *others: str) -> Table:
    grid = Table(first)
    for title in others:
        grid.add_column(title, justify="right")
    return grid


def _shown(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if not row.task.startswith(BY_SOURCE)]


def _cell(found: intervals.Interval) -> str:
    return f"{found.figure:+.3f} ({found.low:+.3f} to {found.high:+.3f}){'*' if found.sure else ' '}"


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(entry) for key, entry in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value
