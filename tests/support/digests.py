"""What a directory holds, in a form that two runs can be compared by."""

from __future__ import annotations

from pathlib import Path

from builders.files import sha256


def digests(directory: Path) -> dict[str, str]:
    """sha256 of every file of a directory, by relative path."""
    return {path.relative_to(directory).as_posix(): sha256(path) for path in directory.rglob("*") if path.is_file()}
