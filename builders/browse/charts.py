"""Charts as data for the templates; every bar is a link to its records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from builders.browse.selection import Selection
from builders.tree import lengths
from builders.tree.lengths import EDGES
from builders.tree.report import ConfigReport

WIDTH = 1000
"""Width of a chart in its own units."""


@dataclass(frozen=True)
class Bar:
    """A bar of a chart.

    Args:
        label: what it counts.
        count: number of records.
        size: of it, from 0 to `WIDTH`; what there is has at least 3.
        start: where it begins, in a chart that stacks its bars.
        address: of its records.
    """

    label: str
    count: int
    size: int
    start: int
    address: str


def bars(counts: Mapping[str, int], address: Callable[[str], str]) -> list[Bar]:
    """Bars in the order of their counts, the largest as long as the chart is wide."""
    largest = max(counts.values(), default=0)
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return [Bar(name, count, _size(count, largest), 0, address(name)) for name, count in ordered if count]


def stack(counts: Mapping[str, int], address: Callable[[str], str]) -> list[Bar]:
    """Bars one behind the other that fill the width together, each as long as its share."""
    total, start, stacked = sum(counts.values()), 0, []
    for name, count in counts.items():
        if count:
            end = start + count
            left, right = start * WIDTH // total, end * WIDTH // total
            stacked.append(Bar(name, count, max(right - left, 3), min(left, WIDTH - 3), address(name)))
            start = end
    return stacked


def histogram(configs: Iterable[ConfigReport], column: str, selection: Selection) -> list[Bar]:
    """How long the texts of a column are, from the report: a bar per bin, heights on a linear scale."""
    counts = lengths.add(config.characters for config in configs)[column].histogram
    first = next((place for place, count in enumerate(counts) if count), 0)
    largest, found = max(counts, default=0), []
    for place, count in enumerate(counts[first:], first):
        least = EDGES[place]
        most = EDGES[place + 1] - 1 if place + 1 < len(EDGES) else None
        label = f"{least:,}" if most == least else f"{least:,}–{most:,}" if most is not None else f"{least:,}–"
        link = selection.address(column=column, least=least, most=most)
        found.append(Bar(label, count, _size(count, largest), place - first, link))
    return found


def _size(count: int, largest: int) -> int:
    return max(count * WIDTH // largest, 3) if count else 0
