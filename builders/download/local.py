"""Raw files from a directory that somebody filled: `DIR/<corpus>/<file name as upstream has it>`, no network."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from builders.corpus import RemoteFile
from builders.download.checksums import listed
from builders.download.files import SourceFile, inspect

if TYPE_CHECKING:
    from rich.progress import Progress

SAMPLE = "SAMPLE"
"""A file of this name in a source directory says that the raw files in it are invented."""


def from_directory(
    files: Sequence[RemoteFile], directory: Path, *, sample: bool, progress: Progress | None
) -> list[SourceFile]:
    """Finds and verifies the files of a corpus.

    A dump is compared with its checksum file where that lies beside it. Where it does not, the dump is taken as it
    is, and its status `unpinned` says so: old dumps leave the server together with their checksum files, so asking
    for one would make a good dump useless.
    """
    found = []
    for file in files:
        text = _text_beside(file, directory)
        sha1 = listed(text, file.name) if text else None
        found.append(inspect(file, directory / file.name, sha1=sha1, sample=sample, progress=progress))
    return found


def _text_beside(file: RemoteFile, directory: Path) -> str:
    if not file.sha1_list:
        return ""
    path = directory / file.sha1_list.rsplit("/", 1)[1]
    return path.read_text("utf-8", errors="replace") if path.is_file() else ""
