"""Compares two built datasets, config by config, and their curated editions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from builders import layout
from builders.diff import causes, edition, records
from builders.diff.causes import Cause
from builders.diff.dataset import Dataset
from builders.diff.examples import Example, examples
from builders.diff.records import RecordChanges, Side, sides
from builders.errors import BuildError
from builders.tree.report import Stored


@dataclass(frozen=True)
class ConfigChanges:
    """How a config differs.

    Args:
        name: of the task config; `clean/<task config>` for its part of the curated edition.
        before, after: number of records.
        added, removed, changed: number of records.
        columns: number of changed records that differ in a column, by column.
        moved: of the records added or changed, those whose texts stood under another id before.
        causes: why.
        examples: some of the records.
    """

    name: str
    before: int
    after: int
    added: int
    removed: int
    changed: int
    columns: Mapping[str, int]
    moved: int
    causes: tuple[Cause, ...]
    examples: tuple[Example, ...]

    @property
    def differs(self) -> bool:
        """Whether any record differs."""
        return bool(self.added or self.removed or self.changed)


@dataclass(frozen=True)
class Changes:
    """How two datasets differ.

    Args:
        old, new: the datasets.
        configs: every config that one of them has.
        settings: what differs in the rules of their curated editions; or that only one of them has an edition.
    """

    old: Dataset
    new: Dataset
    configs: tuple[ConfigChanges, ...]
    settings: tuple[Cause, ...]

    @property
    def different(self) -> tuple[ConfigChanges, ...]:
        """The configs in which a record differs."""
        return tuple(config for config in self.configs if config.differs)


@dataclass(frozen=True)
class Pair:
    """What has to be read of a task config.

    Args:
        task: name of the task config.
        name: as it is shown.
        before, after: the stored records, as the reports have them; None where a dataset has none.
        old, new: the files to read.
    """

    task: str
    name: str
    before: Stored | None
    after: Stored | None
    old: Side
    new: Side


@dataclass(frozen=True)
class Pairs:
    """What has to be read of two datasets: of what was built, and of the curated editions where both have one."""

    built: tuple[Pair, ...]
    clean: tuple[Pair, ...]

    @property
    def records(self) -> int:
        """Number of records to read; files that both datasets have are not read."""
        return sum(pair.old.records + pair.new.records for pair in (*self.built, *self.clean))


def pairs(old: Dataset, new: Dataset) -> Pairs:
    """Says what has to be read to compare two datasets.

    Raises:
        BuildError: they are one and the same.
    """
    if old.directory.resolve() == new.directory.resolve():
        raise BuildError(
            f"{old.name} and {new.name} are the same dataset.",
            "Name two output directories, or revisions on the Hub as ORG/NAME@REVISION.",
        )
    built = _pairs(old, new, old.report.configs, new.report.configs)
    one, other = old.report.clean, new.report.clean
    clean = _pairs(old, new, one.configs, other.configs, f"{layout.CLEAN}/") if one and other else ()
    return Pairs(tuple(built), tuple(clean))


def _pairs(
    old: Dataset, new: Dataset, before: Mapping[str, Stored], after: Mapping[str, Stored], prefix: str = ""
) -> Iterator[Pair]:
    for name in dict.fromkeys((*after, *before)):
        one, other = before.get(name), after.get(name)
        if (one and one.shards) or (other and other.shards):
            yield Pair(name, prefix + name, one, other, *sides(old, new, one, other))


def compare(
    old: Dataset, new: Dataset, work: Pairs, limit: int, progress: Callable[[int], None] = lambda records: None
) -> Changes:
    """Compares two datasets.

    Args:
        old, new: the datasets.
        work: as `pairs` gives it.
        limit: number of examples of each kind in each config.
        progress: called with the number of records of each batch read.

    Raises:
        BuildError: a file is not what its report says, or cannot be read or fetched.
    """
    found, built = [], {}
    reports = old.report, new.report
    for pair in work.built:
        built[pair.task] = changes = records.compare(pair.old, pair.new, progress)
        before, after = (report.configs.get(pair.task) for report in reports)
        why = causes.causes(before, after, changes, reports) if changes else ()
        found.append(_changes(pair, changes, why, limit))
    for pair in work.clean:
        changes = records.compare(pair.old, pair.new, progress)
        why = tuple(edition.causes(old, new, pair.task, changes, built[pair.task])) if changes else ()
        found.append(_changes(pair, changes, why, limit))
    return Changes(old, new, tuple(found), edition.settings(old.report.clean, new.report.clean))


def _changes(pair: Pair, changes: RecordChanges, why: tuple[Cause, ...], limit: int) -> ConfigChanges:
    return ConfigChanges(
        name=pair.name,
        before=pair.before.records if pair.before else 0,
        after=pair.after.records if pair.after else 0,
        added=len(changes.added),
        removed=len(changes.removed),
        changed=len(changes.changed),
        columns=changes.columns,
        moved=changes.moved,
        causes=why,
        examples=examples(pair.old, pair.new, changes, limit),
    )
