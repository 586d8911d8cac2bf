"""Directories of the benchmarks' own, in which they take away and write over what an earlier run made."""

from __future__ import annotations

from pathlib import Path

MARK = "made-by-benchmarks"
"""Name of the empty file that tells such a directory."""


def own_directory(directory: Path) -> Path:
    """The directory, made if need be.

    Raises:
        SystemExit: it holds something, and no benchmark made it; nothing in it was touched.
    """
    if not (directory / MARK).is_file() and directory.exists() and any(directory.iterdir()):
        raise SystemExit(
            f"{directory} is not empty, and no benchmark made it: what is in it would be taken away or written over.\n"
            f"Next step: Name a new directory; or, if an earlier version made it, put an empty file {MARK} into it."
        )
    directory.mkdir(parents=True, exist_ok=True)
    (directory / MARK).touch()
    return directory
