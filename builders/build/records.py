"""From a corpus's rows to the dataset's records, by column operations: no Python runs per record here.

Every cell is trimmed on the way (`builders.rows.trimmed`), so that no corpus has to think of it. A record is `instruction`, `input`, `output` and four columns that say where it comes from.
"""

from __future__ import annotations

import string
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from builders.corpus import Corpus, Task, Template, columns_of
from builders.rows import BLANK_RECORD, KEY, RejectedRow, Rows, blank, trimmed
from builders.schema import COLUMNS, TEXTS


def make_records(
    rows: Rows, corpus: Corpus, task: Task
) -> Iterator[tuple[Template, pa.RecordBatch, tuple[RejectedRow, ...]]]:
    """Applies each template of a task that is made from the rows' record type.

    Args:
        rows: one step of reading.
        corpus, task: what the rows belong to and what they become.

    Yields:
        The template, its records, and rejected for the records that would have a blank instruction or output. Columns
        that are the same for all records are dictionary-encoded (`pa.RecordBatch.cast(SCHEMA)` makes them plain).
    """
    templates = [template for template in task.templates if template.record_type == rows.record_type]
    batch = _trimmed(rows.batch, templates)
    for template in templates:
        yield template, *_apply(template, batch, corpus)


def plain_size(records: pa.RecordBatch) -> int:
    """Bytes the records take in Arrow memory as plain strings: what `datasets` calls the dataset's size."""
    size = 0
    for column in records.columns:
        if isinstance(column, pa.DictionaryArray):
            size += len(column) * len(column.dictionary[0].as_py().encode())
        else:
            size += pc.sum(pc.binary_length(column), min_count=0).as_py()
        size += 4 * len(column)
    return size


def _trimmed(batch: pa.RecordBatch, templates: Sequence[Template]) -> pa.RecordBatch:
    """A batch in which the columns that templates use are trimmed; once, as templates share them."""
    patterns = [
        pattern for template in templates for pattern in (template.instruction, template.input, template.output)
    ]
    used = {name for pattern in patterns for name in columns_of(pattern)}
    cells = [
        trimmed(batch.column(name)) if name in used and name != KEY else batch.column(name)
        for name in batch.schema.names
    ]
    return pa.RecordBatch.from_arrays(cells, batch.schema.names)


def _apply(template: Template, batch: pa.RecordBatch, corpus: Corpus) -> tuple[pa.RecordBatch, tuple[RejectedRow, ...]]:
    count = batch.num_rows
    columns = {
        "instruction": fill(template.instruction, batch),
        "input": fill(template.input, batch),
        "output": fill(template.output, batch),
        "id": pc.binary_join_element_wise(f"{corpus.name}:{template.name}:", batch.column(KEY), ""),
        "source": constant(corpus.name, count),
        "task": constant(template.name, count),
        "license": constant(corpus.license.id, count),
    }
    records = pa.RecordBatch.from_arrays([columns[name] for name in COLUMNS], list(COLUMNS))
    return _without_blank(records)


def _without_blank(records: pa.RecordBatch) -> tuple[pa.RecordBatch, tuple[RejectedRow, ...]]:
    rejected: list[RejectedRow] = []
    for name in ("instruction", "output"):
        column = records.column(name)
        if isinstance(column, pa.DictionaryArray) or not pc.any(mask := blank(column)).as_py():
            continue
        for row in records.filter(mask).to_pylist():
            text = "\t".join(row[part] for part in TEXTS)
            rejected.append(RejectedRow(row["id"], f"{BLANK_RECORD}{name}", text))
        records = records.filter(pc.invert(mask))
    return records, tuple(rejected)


def fill(pattern: str, batch: pa.RecordBatch) -> pa.Array:
    """Fills a template's pattern from the columns of a batch.

    Args:
        pattern: text with `{column}` in it.
        batch: string columns.

    Returns:
        A column of the batch itself, a dictionary-encoded constant, or the joined pieces; as long as the batch.
    """
    pieces: list[str | pa.Array] = []
    for literal, name, _, _ in string.Formatter().parse(pattern):
        if literal:
            pieces.append(literal)
        if name is not None:
            pieces.append(batch.column(name))
    if not any(isinstance(piece, pa.Array) for piece in pieces):
        return constant("".join(pieces), batch.num_rows)
    if len(pieces) == 1:
        return pieces[0]
    return pc.binary_join_element_wise(*pieces, "")


def constant(text: str, count: int) -> pa.DictionaryArray:
    """A column that holds one text `count` times, stored once."""
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, np.int32)), pa.array([text]))
