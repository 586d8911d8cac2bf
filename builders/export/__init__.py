"""Records of a built tree as one JSONL file in the form that a trainer reads."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import orjson

from builders import tree
from builders.errors import BuildError
from builders.export.formats import FORMATS


def export(directory: Path, config: tree.Config, form: str, out: Path, progress: Callable[[int], None]) -> int:
    """Writes all records of a config, in the dataset's order, a line each.

    The file appears when it is whole: it is written under a temporary name beside it. Memory is bounded by one batch.

    Args:
        directory: the tree.
        config: which records (`builders.tree.config_named`).
        form: a name of `builders.export.formats.FORMATS`.
        out: the file; one that is there is replaced.
        progress: called with the number of records of each batch.

    Returns:
        Its size in bytes.

    Raises:
        BuildError: the tree cannot be read, or the file not written.
    """
    temporary = out.with_name(f"{out.name}.tmp")
    convert = FORMATS[form]
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with open(temporary, "wb") as file:
            for entry in config.leaves.values():
                for batch in tree.batches(directory, entry, ("instruction", "input", "output")):
                    file.writelines(
                        orjson.dumps(convert(record), option=orjson.OPT_APPEND_NEWLINE) for record in batch.to_pylist()
                    )
                    progress(batch.num_rows)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, out)
    except OSError as error:
        raise BuildError(f"{out} cannot be written: {error}.", "Give an --out that can be written.") from error
    finally:
        temporary.unlink(missing_ok=True)
    return out.stat().st_size
