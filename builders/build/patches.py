"""Named corrections of single raw rows that are damaged upstream, kept in `patches.toml` with their reasons.

A correction says what the cell must hold for it to be applied. Where upstream has repaired the row, or moved another
row to its key, nothing is changed and the correction is reported as one that no longer fits.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from builders.rows import KEY, Rows

APPLIED = "applied"
DIFFERS = "raw text differs"


@dataclass(frozen=True)
class Patch:
    """One correction of one cell.

    Args:
        name: unique; the reports list corrections by it.
        corpus, record_type, key, column: the cell, in the rows that the corpus's `read` yields.
        was: the whole text of the damaged cell.
        becomes: the whole text in its place.
        reason: what is wrong with the cell, and how the right text is known.
    """

    name: str
    corpus: str
    key: str
    column: str
    was: str
    becomes: str
    reason: str
    record_type: str = "rows"


def load(path: Path) -> dict[str, tuple[Patch, ...]]:
    """Reads a file of corrections: one table per correction, headed by its name.

    Returns:
        Corrections by corpus, in the file's order.
    """
    patches = defaultdict(list)
    for name, fields in tomllib.loads(path.read_text(encoding="utf-8")).items():
        patches[fields["corpus"]].append(Patch(name, **fields))
    return {corpus: tuple(found) for corpus, found in patches.items()}


PATCHES = load(Path(__file__).with_name("patches.toml"))
"""The project's corrections, by corpus."""


def apply(rows: Rows, corpus: str, patches: Mapping[str, Sequence[Patch]] = PATCHES) -> tuple[Rows, dict[str, str]]:
    """Corrects the rows that a correction is meant for.

    Args:
        rows: one step of reading.
        corpus: name of the corpus they are from.
        patches: corrections by corpus.

    Returns:
        The rows, and by the names of the corrections whose rows were among them: `APPLIED`, or `DIFFERS` where the cell
        does not hold what the correction says it holds. Corrections whose rows were not met are not named.
    """
    outcomes: dict[str, str] = {}
    columns = defaultdict(list)
    for patch in patches.get(corpus, ()):
        if patch.record_type == rows.record_type:
            columns[patch.column].append(patch)
    batch = rows.batch
    for name, meant in columns.items():
        index = pc.index_in(batch.column(KEY), pa.array([patch.key for patch in meant]))
        if index.null_count == len(index):
            continue
        was, becomes = (pa.array(texts).take(index) for texts in zip(*((p.was, p.becomes) for p in meant), strict=True))
        fits = pc.equal(batch.column(name), was)
        corrected = pc.if_else(pc.fill_null(fits, False), becomes, batch.column(name))
        batch = batch.set_column(batch.schema.get_field_index(name), name, corrected)
        met = pc.is_valid(index)
        for number, fit in zip(index.filter(met).to_pylist(), fits.filter(met).to_pylist(), strict=True):
            outcomes[meant[number].name] = APPLIED if fit else DIFFERS
    return replace(rows, batch=batch), outcomes
