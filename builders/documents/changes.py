"""What changed from version to version, newest first. A release of the dataset adds an entry here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Change:
    """One version: its date (ISO 8601) and what a user of the version before notices, a line each."""

    date: str
    lines: tuple[str, ...]


def date_of(version: str) -> str:
    """ISO 8601 date of a version; of the newest for one that has no entry yet."""
    return CHANGES.get(version, next(iter(CHANGES.values()))).date


CHANGES: dict[str, Change] = {
    "1.0.0": Change(
        "2026-11-23",
        (
            "Built by one package from the raw files, with a report of every count, reject and checksum.",
            "JESC asks for the direction it says: the published v0.1.0 had Japanese and English swapped.",
            "No rows are lost to CSV quoting, `null` and `NA` are words, and empty cells are rejected with a reason.",
            "New columns `id`, `source`, `task` and `license`; the twenty task configs can be loaded by themselves.",
        ),
    ),
}
