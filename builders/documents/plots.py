"""The card's two charts: how many records each source gives, and how long the texts are."""

from __future__ import annotations

from collections import Counter

from builders.documents import charts
from builders.tree import lengths
from builders.tree.report import Report

RECORDS, LENGTHS = "plots/records.png", "plots/lengths.png"


def records_per_source(report: Report) -> bytes:
    """PNG: a bar per corpus."""
    counts: Counter[str] = Counter()
    for entry in report.configs.values():
        counts[entry.corpus] += entry.records
    return charts.bars(counts, "Records per source", "records")


def lengths_of_texts(report: Report) -> bytes:
    """PNG: a curve for inputs and one for outputs, over all records."""
    figures = lengths.add(entry.characters for entry in report.configs.values())
    series = {name: figure.histogram for name, figure in figures.items()}
    return charts.histogram(series, lengths.EDGES, "Lengths of inputs and outputs", "characters")
