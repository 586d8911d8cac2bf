"""Whole records that show a difference, and where two texts differ."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from builders.diff.records import COMPARED, RecordChanges, Side
from builders.schema import COLUMNS, TEXTS
from builders.tree import reader
from builders.tree.hashes import Hashes, hash_texts

KEPT, LEFT_OUT, PUT_IN = " ", "-", "+"
"""Kinds of the pieces of two texts: in both, only in the old one, only in the new one."""
CONTEXT = 20
"""Characters that are shown on each side of a difference."""
SHOWN = 120
"""Characters of a piece that differs that are shown."""
_COMPARABLE = 3_000
"""Characters of two texts, between what they begin and end with alike, up to which their difference is looked for."""

Record = Mapping[str, str]


@dataclass(frozen=True)
class Example:
    """A record that differs.

    Args:
        before, after: the record; None where a dataset does not have it.
    """

    before: Record | None
    after: Record | None

    @property
    def id(self) -> str:
        """The record's id."""
        return (self.before or self.after or {})["id"]

    @property
    def kind(self) -> str:
        """`added`, `removed` or `changed`."""
        return "added" if self.before is None else "removed" if self.after is None else "changed"

    @property
    def columns(self) -> list[str]:
        """The columns to look at: those that differ, or the texts of a record that only one dataset has."""
        if self.before is None or self.after is None:
            return [name for name in TEXTS if (self.before or self.after or {})[name]]
        return [name for name in COMPARED if self.before[name] != self.after[name]]


def examples(old: Side, new: Side, changes: RecordChanges, limit: int) -> tuple[Example, ...]:
    """The first records of each kind, in the order of the files.

    Args:
        old, new: the files that were compared.
        changes: what was found.
        limit: number of records of each kind.
    """
    after = _records(new, changes.changed, limit)
    ids = hash_texts(pa.array([record["id"] for record in after], pa.string()))
    before = {record["id"]: record for record in _records(old, ids, limit)}
    return (
        *(Example(before[record["id"]], record) for record in after),
        *(Example(None, record) for record in _records(new, changes.added, limit)),
        *(Example(record, None) for record in _records(old, changes.removed, limit)),
    )


def _records(side: Side, ids: Hashes, limit: int) -> list[Record]:
    """The first records of a side with some ids."""
    found: list[Record] = []
    if side.entry is None or not ids.size or not limit:
        return found
    for batch in reader.batches(side.dataset.directory, side.entry, COLUMNS):
        mask = np.isin(hash_texts(batch.column("id")), ids)
        found += batch.filter(pa.array(mask)).slice(0, limit - len(found)).to_pylist()
        if len(found) == limit:
            break
    return found


def pieces(before: str, after: str) -> list[tuple[str, str]]:
    """Where two texts differ, in pieces to be shown one after the other.

    Args:
        before, after: two texts that are not equal.

    Returns:
        Kind and text of each piece. What both have is cut to `CONTEXT` characters beside a difference; a difference is
        cut to `SHOWN`.
    """
    found = [piece for piece in _pieces(before, after) if piece[1]]
    last = len(found) - 1
    return [
        (kind, _context(text, number > 0, number < last) if kind == KEPT else _cut(text))
        for number, (kind, text) in enumerate(found)
    ]


def _pieces(before: str, after: str) -> Iterator[tuple[str, str]]:
    """All pieces, uncut. What the texts begin and end with alike is taken off first: the rest is short for most."""
    head = _common(before, after)
    tail = _common(before[head:][::-1], after[head:][::-1])
    one, other = before[head : len(before) - tail], after[head : len(after) - tail]
    yield KEPT, before[:head]
    matcher = difflib.SequenceMatcher(None, one, other, autojunk=False)
    if len(one) + len(other) > _COMPARABLE or matcher.ratio() < 0.5:
        yield from ((LEFT_OUT, one), (PUT_IN, other))
    else:
        for _, first, end, start, stop in matcher.get_opcodes():
            if one[first:end] == other[start:stop]:
                yield KEPT, one[first:end]
            else:
                yield from ((LEFT_OUT, one[first:end]), (PUT_IN, other[start:stop]))
    yield KEPT, before[len(before) - tail :]


def _common(one: str, other: str) -> int:
    """Number of characters that two texts begin with alike."""
    if one == other[: len(one)]:
        return len(one)
    return next((place for place, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), len(other))


def _context(text: str, after: bool, before: bool) -> str:
    """The ends of a text that stand after and before a difference."""
    head, tail = CONTEXT if after else 0, CONTEXT if before else 0
    if len(text) <= head + tail + 1:
        return text
    return f"{text[:head]}…{text[len(text) - tail :]}"


def _cut(text: str) -> str:
    left_out = len(text) - SHOWN
    return f"{text[:SHOWN]}… ({left_out:,} more characters)" if left_out > 0 else text
