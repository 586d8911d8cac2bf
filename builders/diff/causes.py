"""Why the records of a task config differ, as far as the two reports and the corrections in the repository tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from builders.build.patches import PATCHES, Patch
from builders.diff.records import RecordChanges
from builders.tree.report import ConfigReport, RawFile, Report
from builders.tree.stats import Hashes


@dataclass(frozen=True)
class Cause:
    """Something that made records differ.

    Args:
        kind: of thing: `raw file`, `patch`, `rule`, `task`, ...
        name: of it; "" where there is only one.
        what: what happened to it, in words.
        records: number of records that differ for it; None where that is not known one by one.
    """

    kind: str
    name: str
    what: str
    records: int | None = None

    @property
    def counted(self) -> str:
        """The number of records, to be put behind what happened: ` (2 records)`, or "" where it is not known."""
        if self.records is None:
            return ""
        return f" ({self.records:,} record{'' if self.records == 1 else 's'})"


def causes(
    old: ConfigReport | None, new: ConfigReport | None, changes: RecordChanges, reports: tuple[Report, Report]
) -> tuple[Cause, ...]:
    """The causes of the differences of a task config.

    Args:
        old, new: its entries in the reports; None where it was not built.
        changes: its records that differ.
        reports: the whole reports.
    """
    if old is None or new is None:
        return (Cause("config", "", "was not built before" if old is None else "is not built any more"),)
    by_patch = tuple(_patches(old, new, changes))
    others = (*_raw_files(old.files, new.files), *_task(old, new), *_rejected(old.rejected, new.rejected))
    left = len(changes.added) + len(changes.removed) + len(changes.changed) - sum(one.records or 0 for one in by_patch)
    if left > 0 and not others:
        others = (_code(reports),)
    return (*others, *by_patch)


def _raw_files(old: Sequence[RawFile], new: Sequence[RawFile]) -> Iterator[Cause]:
    before, after = ({file.name: file for file in files} for files in (old, new))
    for name in dict.fromkeys((*after, *before)):
        one, other = before.get(name), after.get(name)
        if one is None or one.sha256 is None:
            if other is not None and other.sha256 is not None:
                yield Cause("raw file", name, "was missing before" if one else "is new")
        elif other is None or other.sha256 is None:
            yield Cause("raw file", name, "is missing now" if other else "is not used any more")
        elif one.sha256 != other.sha256:
            yield Cause("raw file", name, f"is another one: sha256 {one.sha256[:12]}… before, {other.sha256[:12]}… now")


def _task(old: ConfigReport, new: ConfigReport) -> Iterator[Cause]:
    if old.version != new.version:
        yield Cause("task", "", f"is of version {new.version}, before {old.version}: its instruction texts or rules")
    for name in dict.fromkeys((*new.templates, *old.templates)):
        if name not in old.templates or name not in new.templates:
            yield Cause("template", name, "is new" if name in new.templates else "is not there any more")
    if old.license != new.license:
        yield Cause("license", "", f"is {new.license}, before {old.license}")


def _rejected(old: Mapping[str, int], new: Mapping[str, int]) -> Iterator[Cause]:
    for reason in dict.fromkeys((*new, *old)):
        before, after = old.get(reason, 0), new.get(reason, 0)
        if before != after:
            yield Cause("rejected rows", "", f"for this reason, {after:,} now and {before:,} before: {reason}")


def _code(reports: tuple[Report, Report]) -> Cause:
    """What is left: the fingerprints are others, and nothing that the reports name."""
    software = [
        f"{name} {before.get(name)} → {after[name]}"
        for before, after in [(reports[0].software, reports[1].software)]
        for name in after
        if before.get(name) != after[name]
    ]
    also = f", or of what it runs on ({', '.join(software)})" if software else ""
    return Cause("code", "", f"of the reader, or of what makes its records{also}")


def _patches(old: ConfigReport, new: ConfigReport, changes: RecordChanges) -> Iterator[Cause]:
    """The corrections that came, went, or changed what they do, each with its records."""
    differ = np.concatenate([changes.added, changes.removed, changes.changed])
    known = {patch.name: patch for patch in PATCHES.get(new.corpus, ())}
    for name in dict.fromkeys((*new.patches, *old.patches)):
        before, after = old.patches.get(name), new.patches.get(name)
        patch = known.get(name)
        records = int(np.isin(_ids(patch, old, new), differ).sum()) if patch else None
        if before == after and not records:
            continue
        reason = f": {patch.reason}" if patch else ""
        if before == after:
            what = f"corrects otherwise{reason}"
        elif before is None:
            what = f"is new, {after}{reason}"
        elif after is None:
            what = "is not there any more"
        else:
            what = f"was {before}, is {after}{reason}"
        yield Cause("patch", name, what, records)


def _ids(patch: Patch, old: ConfigReport, new: ConfigReport) -> Hashes:
    """Hashes of the ids of the records that a correction's row may give."""
    templates = dict.fromkeys((*old.templates, *new.templates))
    hashes: Hashes = pl.Series([f"{patch.corpus}:{template}:{patch.key}" for template in templates]).hash().to_numpy()
    return hashes
