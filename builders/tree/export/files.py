"""Records of a built dataset as JSONL files in the form that a trainer reads."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pyarrow as pa

from builders.errors import BuildError
from builders.tree import reader
from builders.tree.export.formats import FORMS
from builders.tree.export.lines import COLUMNS, LineWriter
from builders.tree.export.selection import TRAINING, VALIDATION, Chosen
from builders.tree.export.sinks import open_sink


def export(
    directory: Path,
    chosen: Chosen,
    form: str,
    out: Path,
    validation_out: Path | None = None,
    progress: Callable[[int], None] = lambda records: None,
) -> None:
    """Writes the chosen records in the dataset's order, a line each.

    A file appears when it is whole: it is written under a temporary name beside it. Memory is bounded by one batch.

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
    writer = LineWriter(FORMS[form])
    outs = {TRAINING: out} | ({VALIDATION: validation_out} if validation_out else {})
    try:
        with ExitStack() as stack:
            sinks = {fate: stack.enter_context(open_sink(path)) for fate, path in outs.items()}
            for name, task in chosen.tasks.items():
                first = 0
                for batch in reader.batches(directory, task, COLUMNS):
                    for fate, sink in sinks.items():
                        sink.write(writer.lines(_part(batch, name, first, chosen, fate)))
                    first += batch.num_rows
                    progress(batch.num_rows)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise BuildError(f"{out} cannot be written: {error}.", "Give an --out that can be written.") from error


def _part(batch: pa.RecordBatch, name: str, first: int, chosen: Chosen, fate: int) -> pa.RecordBatch:
    """Those of a batch's records that have a fate; the batch begins with record `first` of the task config."""
    if name not in chosen.fates:
        return batch if fate == TRAINING else batch.slice(0, 0)
    fates = chosen.fates[name][first : first + batch.num_rows]
    return batch.filter(pa.array(fates == fate))
