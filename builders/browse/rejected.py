"""The page of the rejected rows of a task config."""

from __future__ import annotations

from functools import partial
from itertools import islice
from pathlib import Path

from builders.tree.rejected import Rejected, rows
from builders.tree.report import ConfigReport

PAGE = 50
"""Rejected rows on a page."""


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
    found = rows(directory, config, partial(_may_have, reason))
    wanted = (row for row in found if reason in ("", row.reason))
    return list(islice(wanted, start, start + PAGE))


def _may_have(reason: str, line: bytes) -> bool:
    """Whether a line is worth decoding: reasons stand in it as they are, unless JSON has to escape them."""
    return '"' in reason or "\\" in reason or reason.encode() in line
