"""Why the records of a task config differ, as far as the two reports and the corrections in the repository tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from builders.build.patches import PATCHES, Patch
from builders.diff.records import RecordChanges
from builders.tree.hashes import Hashes, hash_texts
from builders.tree.report import ConfigReport, RawFile, Report


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
    others = (*_raw_files(old.files, new.files), *_task(old, new), *_rejected(old.rejected, new.rejected))
    differ = np.concatenate([changes.added, changes.removed, changes.changed])
    patches = _patches(old, new, differ)
    if others:
        return (*others, *patches)
    edited = _edited(old, new, differ)
    if _records(patches) + _records(edited) == len(differ):
        return (*patches, *edited)
    return (_code(reports), *patches)


def _records(found: Iterable[Cause]) -> int:
    return sum(cause.records or 0 for cause in found)


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


def _patches(old: ConfigReport, new: ConfigReport, differ: Hashes) -> tuple[Cause, ...]:
    """The corrections that came, went, or found another text, each with its records among those that differ."""
    names = [name for name in (*new.patches, *old.patches) if old.patches.get(name) != new.patches.get(name)]
    known = _known(new, names)
    hits = {name: _hit(known.get(name), old, new, differ) for name in dict.fromkeys(names)}
    return tuple(
        Cause("patch", name, _fate(old, new, name, known.get(name)), hit) for name, hit in hits.items() if hit != 0
    )


def _edited(old: ConfigReport, new: ConfigReport, differ: Hashes) -> tuple[Cause, ...]:
    """The corrections that were applied on both sides, and whose records differ: the reports do not hold their texts."""
    names = [name for name in new.patches if old.patches.get(name) == new.patches[name]]
    found = [(patch, _hit(patch, old, new, differ)) for patch in _known(new, names).values()]
    return tuple(Cause("patch", patch.name, f"is another one: {patch.reason}", hit) for patch, hit in found if hit)


def _known(new: ConfigReport, names: Sequence[str]) -> dict[str, Patch]:
    """Those of some corrections that the repository has; one of another version of it is known by its name alone."""
    return {patch.name: patch for patch in PATCHES.get(new.corpus, ()) if patch.name in names}


def _fate(old: ConfigReport, new: ConfigReport, name: str, patch: Patch | None) -> str:
    """What happened to a correction, and why it was made."""
    before, after = old.patches.get(name), new.patches.get(name)
    if after is None:
        return "is not there any more"
    reason = f": {patch.reason}" if patch else ""
    return f"is new, {after}{reason}" if before is None else f"was {before}, is {after}{reason}"


def _hit(patch: Patch | None, old: ConfigReport, new: ConfigReport, differ: Hashes) -> int | None:
    """How many of the records that differ are made from a correction's row; None where that is not known."""
    if patch is None:
        return None
    templates = dict.fromkeys((*old.templates, *new.templates))
    ids = pa.array([f"{patch.corpus}:{template}:{patch.key}" for template in templates], pa.string())
    return int(np.isin(hash_texts(ids), differ).sum())
