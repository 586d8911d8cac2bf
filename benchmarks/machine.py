"""What benchmarks have in common: a table of figures, what stands above it, and how they keep to one core."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path

from rich.table import Table

from builders.commands import terminal


def figures_table(title: str, *columns: str, names: int = 1) -> Table:
    """An empty table of figures.

    Args:
        title: one or more lines.
        columns: their heads.
        names: how many of them, from the left, hold names; the others hold figures.
    """
    table = terminal.table(title)
    for number, column in enumerate(columns):
        table.add_column(column, justify="left" if number < names else "right", overflow="fold")
    return table


def describe_machine(*packages: str) -> str:
    """One line: processor, cores, memory, Python and the versions of packages."""
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    return (
        f"{_processor()}, {os.cpu_count()} cores, {_memory():.0f} GiB; Python {platform.python_version()}, {versions}"
    )


def pin_to_one_core() -> None:
    """Keeps this process, and what it starts, to one core."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def _memory() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
