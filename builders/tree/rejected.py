"""The rejected rows of a task config, from `rejected/<config>.jsonl`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from builders.errors import BuildError
from builders.tree.reader import what_is_damaged
from builders.tree.report import ConfigReport


@dataclass(frozen=True)
class Rejected:
    """A raw row that was left out: where it stands, why, and the beginning of its text."""

    place: str
    reason: str
    raw: str


def rows(
    directory: Path, config: ConfigReport, may_be_wanted: Callable[[bytes], bool] = lambda line: True
) -> Iterator[Rejected]:
    """Rejected rows, in the order of the raw files.

    Args:
        directory: the output directory.
        config: the report's entry.
        may_be_wanted: says of a line as it stands in the file whether it is worth decoding.

    Raises:
        BuildError: the file is missing or damaged.
    """
    if not config.rejected_rows.rows:
        return
    path, decoder = directory / config.rejected_rows.path, msgspec.json.Decoder(Rejected)
    try:
        if not path.is_file():
            raise OSError("there is no such file")
        with open(path, "rb") as file:
            for line in file:
                if may_be_wanted(line):
                    yield decoder.decode(line)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BuildError(f"{path} cannot be read: {error}", what_is_damaged(directory)) from error
