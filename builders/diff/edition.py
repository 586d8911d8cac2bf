"""Why the curated editions of two datasets differ: their rules, and what the marks say of each record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa

from builders.diff.causes import Cause
from builders.diff.dataset import Dataset
from builders.diff.records import RecordChanges
from builders.tree.hashes import Hashes, hash_texts
from builders.tree.reader import ROWS_PER_BATCH, marks_again, opened
from builders.tree.report import CleanReport, RuleReport

MARKS = ("id", "dropped_by")
"""The columns of the marks that tell why a record is not there any more."""


def settings(old: CleanReport | None, new: CleanReport | None) -> tuple[Cause, ...]:
    """What differs in the rules and benchmarks that two curated editions were made with; or that one was not made.

    Args:
        old, new: as the reports have them.
    """
    if old and new:
        return (*_rules(old.rules, new.rules), *_benchmarks(old, new))
    only = old or new
    if only is None:
        return ()
    records = sum(config.records for config in only.configs.values())
    return (Cause("curated edition", "", "is new" if new else "is not there any more", records),)


def _rules(old: Mapping[str, RuleReport], new: Mapping[str, RuleReport]) -> Iterator[Cause]:
    for name in dict.fromkeys((*new, *old)):
        before, after = old.get(name), new.get(name)
        if before is None or after is None:
            yield Cause("rule", name, "is new" if before is None else "is not there any more")
        elif before.enabled != after.enabled:
            yield Cause("rule", name, f"is switched {'on' if after.enabled else 'off'}")
        elif before.thresholds != after.thresholds:
            yield Cause("rule", name, f"has other thresholds: {_thresholds(before.thresholds, after.thresholds)}")


def _thresholds(old: Mapping[str, float], new: Mapping[str, float]) -> str:
    names = [name for name in dict.fromkeys((*new, *old)) if old.get(name) != new.get(name)]
    return ", ".join(f"{name} {old.get(name, 'none')} → {new.get(name, 'none')}" for name in names)


def _benchmarks(old: CleanReport, new: CleanReport) -> Iterator[Cause]:
    for name in dict.fromkeys((*new.benchmarks, *old.benchmarks)):
        before, after = old.benchmarks.get(name), new.benchmarks.get(name)
        if before is None or after is None:
            yield Cause("benchmark", name, "is new" if before is None else "is not there any more")
        elif before.sha256 != after.sha256:
            yield Cause("benchmark", name, "has other items")


def causes(old: Dataset, new: Dataset, config: str, changes: RecordChanges, built: RecordChanges) -> Iterator[Cause]:
    """The causes of the differences of a task config in the curated editions.

    Args:
        old, new: the datasets, which both have one.
        config: name of the task config.
        changes: its curated records that differ.
        built: its records that differ in what was built, from which the editions were made.

    Raises:
        BuildError: marks are not what a report says, or cannot be read or fetched.
    """
    inherited = (
        ("were added to what was built", changes.added, built.added),
        ("were removed from what was built", changes.removed, built.removed),
        ("were changed in what was built", changes.changed, built.changed),
    )
    for what, mine, theirs in inherited:
        if count := int(np.isin(mine, theirs).sum()):
            yield Cause("records", "", what, count)
    for dataset, what, mine, theirs in (
        (new, "drops them", changes.removed, built.removed),
        (old, "drops them no more", changes.added, built.added),
    ):
        for name, count in _dropped_by(dataset, config, np.setdiff1d(mine, theirs)).items():
            reason = _rules_of(dataset)[name].reason if name in _rules_of(dataset) else ""
            yield Cause("rule", name, f"{what}: {reason}" if reason else what, count)
    if count := len(np.setdiff1d(changes.changed, built.changed)):
        yield Cause("repairs", "", "are others", count)


def _rules_of(dataset: Dataset) -> Mapping[str, RuleReport]:
    return dataset.report.clean.rules if dataset.report.clean else {}


def _dropped_by(dataset: Dataset, config: str, ids: Hashes) -> Counter[str]:
    """The rules that drop some records, by the marks of a dataset."""
    counts: Counter[str] = Counter()
    entry = dataset.report.clean.configs.get(config) if dataset.report.clean else None
    if entry is None or not ids.size:
        return counts
    dataset.fetch(entry.marks)
    for file in entry.marks:
        with opened(dataset.directory / file.path, MARKS, marks_again(dataset.directory)) as marks:
            for batch in marks.iter_batches(ROWS_PER_BATCH, columns=list(MARKS)):
                mask = np.isin(hash_texts(batch.column("id")), ids)
                counts.update(batch.column("dropped_by").filter(pa.array(mask)).to_pylist())
    return Counter({name: count for name, count in counts.most_common() if name})
