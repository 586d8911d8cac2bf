"""The card's two charts: what the records are and what their licenses ask for, and how long the texts are."""

from __future__ import annotations

from collections.abc import Callable

from builders.documents import charts, kinds
from builders.documents.charts import Span
from builders.tree import lengths
from builders.tree.report import Report

SHARES, LENGTHS = "plots/shares.png", "plots/lengths.png"
WIDTH = 560
"""Points of a page that the charts are drawn for."""


_CLASSES = {"Records by kind": kinds.kind, "Records by what the license asks for": kinds.terms}


def shares(report: Report) -> bytes:
    """PNG: a bar of all records by kind, and one by the terms of their licenses."""
    return charts.shares({title: _shares(report, class_of) for title, class_of in _CLASSES.items()})


def _shares(report: Report, class_of: Callable[[str], str]) -> dict[str, int]:
    return {name: kinds.records(tasks) for name, tasks in kinds.by_class(report, class_of).items()}


def shares_in_words(report: Report) -> str:
    """What the chart shows, for those who do not see it."""
    return "; ".join(f"{title}: {_in_words(_shares(report, class_of))}" for title, class_of in _CLASSES.items())


def _in_words(counts: dict[str, int]) -> str:
    total = max(sum(counts.values()), 1)
    return ", ".join(f"{name} {count / total:.1%}" for name, count in counts.items())


def lengths_of_texts(report: Report) -> bytes:
    """PNG: for each kind, the lengths of the middle 80 % of its inputs and outputs, and their median."""
    return charts.spans(_spans(report), "Characters: middle 80 % of the texts, and the median")


def _spans(report: Report) -> dict[str, Span]:
    spans = {}
    for kind, tasks in kinds.by_class(report, kinds.kind).items():
        for column, figures in lengths.add(task.characters for task in tasks.values()).items():
            texts = [0, *figures.histogram[1:]]  # empty ones are counted in the table
            if sum(texts):
                spans[f"{kind}: {column}"] = Span(*(_quantile(texts, share) for share in (0.1, 0.5, 0.9)))
    return spans


def lengths_in_words(report: Report) -> str:
    """What the chart shows, for those who do not see it."""
    return "; ".join(
        f"{name} {span.low:,.0f} to {span.high:,.0f}, median {span.middle:,.0f}"
        for name, span in _spans(report).items()
    )


def _quantile(histogram: list[int], share: float) -> float:
    """The length that a share of the texts stays under, taken evenly over the bin that it falls into."""
    wanted, passed = share * sum(histogram), 0
    edges = [*lengths.EDGES, 2 * lengths.EDGES[-1]]
    for number, count in enumerate(histogram):
        if count and passed + count >= wanted:
            low, high = edges[number], edges[number + 1]
            return low + (high - low) * (wanted - passed) / count
        passed += count
    return float(edges[len(histogram)])
