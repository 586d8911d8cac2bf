"""Records of a built dataset as JSONL files in the form that a trainer reads."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pyarrow as pa

from builders.files import unwritable
from builders.tree import reader
from builders.tree.export.formats import FORMS
from builders.tree.export.lines import COLUMNS, LineWriter
from builders.tree.export.selection import TRAINING, VALIDATION, Chosen
from builders.tree.export.sinks import STANDARD_OUTPUT, open_sink

AHEAD = 4
"""Batches that are made into lines while others are read and written: threads help, as none of it holds Python's lock."""
Written = dict[int, memoryview]
"""Lines by what becomes of their records."""


def export(
    directory: Path,
    chosen: Chosen,
    form: str,
    out: Path,
    validation_out: Path | None = None,
    progress: Callable[[int], None] = lambda records: None,
) -> None:
    """Writes the chosen records in the dataset's order, a line each.

    A file appears when it is whole: it is written under a temporary name beside it. Memory is bounded by a few batches.

    Args:
        directory: the output directory.
        chosen: which records (`builders.tree.export.selection.choose`).
        form: a name of `builders.tree.export.formats.FORMS`.
        out: the file (see `open_sink`); one that is there is replaced.
        validation_out: the file of the records for validation; None where there are none.
        progress: called with the number of records of each batch that was read.

    Raises:
        BuildError: the dataset cannot be read, or a file not written.
        BrokenPipeError: whoever read the standard output has gone.
    """
    outs = {TRAINING: out} | ({VALIDATION: validation_out} if validation_out else {})
    try:
        with ExitStack() as stack:
            sinks = {fate: stack.enter_context(open_sink(path)) for fate, path in outs.items()}
            pool = stack.enter_context(ThreadPoolExecutor(min(AHEAD, os.cpu_count() or 1)))
            for records, lines in _made(directory, chosen, form, outs, pool):
                for fate, sink in sinks.items():
                    sink.write(lines[fate])
                progress(records)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise unwritable("The standard output" if out == STANDARD_OUTPUT else out, error) from error


def _made(
    directory: Path, chosen: Chosen, form: str, fates: Collection[int], pool: ThreadPoolExecutor
) -> Iterator[tuple[int, Written]]:
    """Yields the number of records of each batch and its lines, in order."""
    waiting: deque[tuple[int, Future[Written]]] = deque()
    for name, task in chosen.tasks.items():
        writer, first = LineWriter(FORMS[form], task.corpus, task.license), 0
        for batch in reader.batches(directory, task, COLUMNS):
            parts = {fate: _part(batch, name, first, chosen, fate) for fate in fates}
            waiting.append((batch.num_rows, pool.submit(_lines, writer, parts)))
            first += batch.num_rows
            if len(waiting) > AHEAD:
                records, lines = waiting.popleft()
                yield records, lines.result()
    for records, lines in waiting:
        yield records, lines.result()


def _lines(writer: LineWriter, parts: dict[int, pa.RecordBatch]) -> Written:
    return {fate: writer.lines(part) for fate, part in parts.items()}


def _part(batch: pa.RecordBatch, name: str, first: int, chosen: Chosen, fate: int) -> pa.RecordBatch:
    """Those of a batch's records that have a fate; the batch begins with record `first` of the task config."""
    if name not in chosen.fates:
        return batch if fate == TRAINING else batch.slice(0, 0)
    fates = chosen.fates[name][first : first + batch.num_rows]
    return batch.filter(pa.array(fates == fate))
