"""The rejected rows of a task config, from `rejected/<config>.jsonl`."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import msgspec

from builders.errors import BuildError
from builders.tree.report import ConfigReport

PAGE = 50
"""Rejected rows on a page."""


@dataclass(frozen=True)
class Rejected:
    """A raw row that was left out: where it stands, why, and the beginning of its text."""

    place: str
    reason: str
    raw: str


def page(directory: Path, config: ConfigReport, reason: str, start: int) -> list[Rejected]:
    """Rejected rows, in the order of the raw files.

    Args:
        directory: the output directory.
        config: the report's entry.
        reason: only rows with this reason; "" for all.
        start: number of such rows that are passed over.

    Raises:
        BuildError: the file is missing or damaged.
    """
    if not config.rejected_rows.rows:
        return []
    path, decoder = directory / config.rejected_rows.path, msgspec.json.Decoder(Rejected)
    try:
        with open(path, "rb") as file:
            rows = (row for line in file if _may_have(line, reason) and (row := decoder.decode(line)))
            wanted = (row for row in rows if reason in ("", row.reason))
            return list(islice(wanted, start, start + PAGE))
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BuildError(
            f"{path} cannot be read: {error}", f"Find out what is damaged: python -m builders verify {directory}"
        ) from error


def _may_have(line: bytes, reason: str) -> bool:
    """Whether a line is worth decoding: reasons stand in it as they are, unless JSON has to escape them."""
    return '"' in reason or "\\" in reason or reason.encode() in line
