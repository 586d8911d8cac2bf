"""What the curated edition found in each record: files that lie beside the data, row for row.

    <config>/<file>.parquet -> marks/<config>/<file>.parquet

Of their columns, `rules` (names, a space between) and `dropped_by` (the first that drops the record, or "") are what a
selection asks for; a record's page shows all. A built dataset may have no marks; then nothing of them is shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from builders import layout
from builders.tree.report import Report

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


def paths(directory: Path, report: Report) -> Iterator[str]:
    """The files of marks that are there, relative to the output directory."""
    for config in report.built.values():
        for shard in config.shards:
            path = layout.marks_path(shard.path)
            if (directory / path).is_file():
                yield path
