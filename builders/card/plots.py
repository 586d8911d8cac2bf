"""The card's two charts: how many records each source gives, and how long the texts are."""

from __future__ import annotations

from collections import Counter

from builders import charts, lengths

RECORDS, LENGTHS = "plots/records.png", "plots/lengths.png"


def records_per_source(report: dict) -> bytes:
    """PNG: a bar per corpus."""
    counts: Counter[str] = Counter()
    for entry in report["leaves"].values():
        counts[entry["corpus"]] += entry["records"]
    return charts.bars(counts, "Records per source", "records")


def lengths_of_texts(report: dict) -> bytes:
    """PNG: a curve for inputs and one for outputs, over all records."""
    figures = lengths.add(entry["characters"] for entry in report["leaves"].values())
    series = {name: figure["histogram"] for name, figure in figures.items()}
    return charts.histogram(series, lengths.EDGES, "Lengths of inputs and outputs", "characters")
