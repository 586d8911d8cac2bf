"""What is said of a dataset that cannot be read, whenever that shows: at once, or while it is streamed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from finetune.errors import DataError, FinetuneError


@contextmanager
def reading(dataset: str, name: str | None = None) -> Iterator[None]:
    """Say of whatever goes wrong meanwhile that the dataset cannot be read.

    Args:
        dataset: A directory, a name on the Hub, or a JSON Lines file.
        name: Its config.

    Raises:
        DataError: Something went wrong.
    """
    where = f"{dataset}, config {name}" if name else dataset
    try:
        yield
    except FinetuneError:
        raise
    except Exception as error:  # datasets raises many kinds, each with its own account of the file
        if isinstance(error, StopIteration) or "corresponds to no data" in str(error):
            raise DataError(f"{where} holds no records\nNext step: give a dataset that is not empty.") from error
        line = _broken_line(Path(dataset)) if dataset.endswith(".jsonl") else ""
        cause = " ".join(str(error.__cause__ or error).split())
        raise DataError(
            f"{where}{line} cannot be read: {cause}\nNext step: correct the file, or build the dataset anew."
        ) from error


def _broken_line(file: Path) -> str:
    """Which line of a JSON Lines file is none, where the file is here: its reader knows a block of lines at most."""
    if file.is_file():
        with file.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                try:
                    if line.strip():
                        json.loads(line.decode("utf-8"))
                except (ValueError, RecursionError):
                    return f", line {number:,},"
    return ""
