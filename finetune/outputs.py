"""Files that a command line names to be written: nothing is replaced but what the same command wrote before."""

from __future__ import annotations

import os
from pathlib import Path

from finetune import checkpoints
from finetune.errors import FinetuneError


def check(path: Path, option: str, begins: str) -> None:
    """Refuse, before there is anything to write, a file that could not be written or is somebody else's.

    Args:
        path: The file.
        option: What names it on the command line.
        begins: How a file begins that this project wrote; an empty one is anybody's.

    Raises:
        FinetuneError: It is another file, something else than a file, or there is no folder to write it to.
    """
    if _takes_text(path):
        return
    if not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise FinetuneError(
            f"{path.parent} is not a folder that you may write to\nNext step: make it, or give another {option}."
        )
    checkpoints.require_plain(path)
    if path.exists():
        with path.open("rb") as file:
            found = file.read(len(begins.encode()))
        if found not in (b"", begins.encode()):
            raise FinetuneError(f"{path} holds something else\nNext step: give {option} the name of a new file.")


def write(path: Path, text: str) -> None:
    """Write ``text`` whole or not at all; where a terminal or a pipe stands, such as ``/dev/stdout``, into that.

    Raises:
        FinetuneError: It cannot be written.
    """
    try:
        if _takes_text(path):
            path.write_text(text, encoding="utf-8")
        else:
            checkpoints.write_whole(path, text)
    except OSError as error:
        raise FinetuneError(
            f"{path} cannot be written: {error.strerror}\nNext step: make room there, or name another file."
        ) from error


def _takes_text(path: Path) -> bool:
    """Whether text goes through ``path`` and does not stay; a disk (a block device) is none of these."""
    return path.is_char_device() or path.is_fifo()
