"""What the curated edition found in each record: files that lie beside the data, row for row.

    <config>/<file>.parquet -> marks/<config>/<file>.parquet

A built dataset may have none; then nothing of them is shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from builders.tree.report import Report

DIRECTORY = "marks"
COLUMNS = (
    "rules",
    "dropped_by",
    "pair_score",
    "representative",
    "benchmark",
    "item",
    "item_score",
    "item_column",
    "repairs",
)
"""The columns of marks that a record's page shows."""
COUNT_RULES = """
    SELECT rule, count(*) AS hit, count(*) FILTER (dropped_by = rule) AS dropped
    FROM (SELECT unnest(string_split(rules, ' ')) AS rule, dropped_by FROM read_parquet($1) WHERE rules <> '')
    GROUP BY rule ORDER BY hit DESC, rule
"""


@dataclass(frozen=True)
class RuleCount:
    """A rule, the number of records that it hit, and of those that it was the first to drop."""

    rule: str
    hit: int
    dropped: int


def path(shard: str) -> str:
    """Path of the marks of a Parquet file; both relative to the output directory."""
    return f"{DIRECTORY}/{shard}"


def paths(directory: Path, report: Report) -> Iterator[str]:
    """The files of marks that are there, relative to the output directory."""
    for config in report.built.values():
        for shard in config.shards:
            if (directory / path(shard.path)).is_file():
                yield path(shard.path)
