"""Records of a built dataset as one JSONL file in the form that a trainer reads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import orjson

from builders.errors import BuildError
from builders.files import replacing
from builders.tree import reader
from builders.tree.export.formats import FORMATS
from builders.tree.reader import BuiltConfig


def export(directory: Path, config: BuiltConfig, form: str, out: Path, progress: Callable[[int], None]) -> int:
    """Writes all records of a config, in the dataset's order, a line each.

    The file appears when it is whole: it is written under a temporary name beside it. Memory is bounded by one batch.

    Args:
        directory: the output directory.
        config: which records (`builders.tree.reader.config_named`).
        form: a name of `builders.tree.export.formats.FORMATS`.
        out: the file; one that is there is replaced.
        progress: called with the number of records of each batch.

    Returns:
        Its size in bytes.

    Raises:
        BuildError: the dataset cannot be read, or the file not written.
    """
    convert = FORMATS[form]
    try:
        with replacing(out) as file:
            for entry in config.tasks.values():
                for batch in reader.batches(directory, entry, ("instruction", "input", "output")):
                    file.writelines(
                        orjson.dumps(convert(record), option=orjson.OPT_APPEND_NEWLINE) for record in batch.to_pylist()
                    )
                    progress(batch.num_rows)
    except OSError as error:
        raise BuildError(f"{out} cannot be written: {error}.", "Give an --out that can be written.") from error
    return out.stat().st_size
