"""A download that is not complete yet: the bytes so far, and of which version of the file they are."""

from __future__ import annotations

import json
import os
from pathlib import Path


class Partial:
    """The two files of a download under way: `NAME.part`, and `NAME.part.json` that says what it is a part of.

    Bytes of two versions of a file must never meet in one. So a download goes on only where the server confirms that
    the version is still the noted one: by its entity tag or modification time (http), or by its modification time
    (ftp). Where a server tells neither, the download starts over.

    Args:
        target: where the finished file will lie; the partial file lies beside it, so that a rename moves it there.
    """

    def __init__(self, target: Path):
        self.path = target.with_name(f"{target.name}.part")
        self._note = target.with_name(f"{target.name}.part.json")

    @property
    def size(self) -> int:
        """Bytes held so far."""
        return self.path.stat().st_size if self.path.exists() else 0

    def noted(self, url: str) -> tuple[str, int | None]:
        """What is known of the file at `url` that the bytes are of: version ("" for unknown) and length in bytes."""
        try:
            note = json.loads(self._note.read_bytes())
            if note["url"] == url:
                return str(note["version"]), note["length"]
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            pass  # a note that cannot be read is as good as none: the download starts over
        return "", None

    def start(self, url: str, version: str, length: int | None) -> None:
        """Drops what is held and notes what comes. In this order: no note may stand beside bytes that it is not of."""
        self.path.write_bytes(b"")
        self._note.write_text(json.dumps({"url": url, "version": version, "length": length}), "utf-8")

    def discard(self) -> None:
        """Removes both files."""
        self.path.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)

    def finish(self, target: Path) -> None:
        """Makes the bytes durable and moves them to `target`: after a crash there is the whole file or none."""
        with self.path.open("rb") as file:
            os.fsync(file.fileno())
        self.path.replace(target)
        directory = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
        self._note.unlink(missing_ok=True)
