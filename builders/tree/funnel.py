"""The funnel: from raw rows to the records of the curated edition, each loss with its reason; every sum comes out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from builders.rows import BLANK_RECORD
from builders.tree.report import CleanConfig, ConfigReport, Report


@dataclass(frozen=True)
class Funnel:
    """The way of one task config, or of several together.

    Args:
        rows: raw rows met.
        rejected_rows: raw rows left out, by reason.
        made: records that the other rows gave, one for each template.
        rejected_records: records left out because they would be blank, by reason.
        records: records of the built dataset.
        dropped: records left out of the curated edition, by the first rule that drops them.
        clean: records of the curated edition; None where there is none.
    """

    rows: int = 0
    rejected_rows: Mapping[str, int] = field(default_factory=dict)
    made: int = 0
    rejected_records: Mapping[str, int] = field(default_factory=dict)
    records: int = 0
    dropped: Mapping[str, int] = field(default_factory=dict)
    clean: int | None = None

    @property
    def used(self) -> int:
        """Raw rows of which records were made."""
        return self.rows - sum(self.rejected_rows.values())

    def __add__(self, other: Funnel) -> Funnel:
        return Funnel(
            self.rows + other.rows,
            _add(self.rejected_rows, other.rejected_rows),
            self.made + other.made,
            _add(self.rejected_records, other.rejected_records),
            self.records + other.records,
            _add(self.dropped, other.dropped),
            None if self.clean is None and other.clean is None else (self.clean or 0) + (other.clean or 0),
        )


def of_config(entry: ConfigReport, clean: CleanConfig | None) -> Funnel:
    """The funnel of a task config.

    Args:
        entry: the report's entry of it.
        clean: what the curated edition holds of it.
    """
    blank = {reason: count for reason, count in entry.rejected.items() if reason.startswith(BLANK_RECORD)}
    return Funnel(
        rows=entry.rows_read,
        rejected_rows={reason: count for reason, count in entry.rejected.items() if reason not in blank},
        made=entry.records + sum(blank.values()),
        rejected_records=blank,
        records=entry.records,
        dropped=clean.dropped if clean else {},
        clean=sum(shard.rows or 0 for shard in clean.shards) if clean else None,
    )


def of_report(report: Report) -> dict[str, Funnel]:
    """The funnels of all task configs of a report, by name."""
    clean = report.clean.configs if report.clean else {}
    return {name: of_config(entry, clean.get(name)) for name, entry in report.configs.items()}


def total(funnels: Iterable[Funnel]) -> Funnel:
    """Several funnels together, reasons and rules with the most first."""
    together = sum(funnels, Funnel())
    return Funnel(
        together.rows,
        dict(Counter(together.rejected_rows).most_common()),
        together.made,
        dict(Counter(together.rejected_records).most_common()),
        together.records,
        together.dropped,
        together.clean,
    )


def _add(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return {name: one.get(name, 0) + other.get(name, 0) for name in {**one, **other}}
