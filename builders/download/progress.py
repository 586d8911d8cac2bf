"""How far long work on files is: told to whatever draws it, or to nobody."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress


class Bar:
    """One task of a `Progress` for as long as the `with` block lasts; nothing where there is no `Progress`.

    The task has a field `unit` that says "bytes", for a `Progress` that shows other things too.

    Args:
        progress: where it is shown, or None.
        label: what is being done to which file (`downloading raw.tar.gz`).
        total: bytes to come, where known.
    """

    def __init__(self, progress: Progress | None, label: str, total: int | None = None):
        self._progress, self._label, self._total = progress, label, total

    def __enter__(self) -> Bar:
        if self._progress:
            self._task = self._progress.add_task(self._label, total=self._total, unit="bytes")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._progress:
            self._progress.remove_task(self._task)

    def at(self, done: int, total: int | None = None) -> None:
        """Shows that `done` bytes of `total` are there."""
        if self._progress:
            self._progress.update(self._task, completed=done, total=self._total if total is None else total)

    def say(self, text: str) -> None:
        """Shows a remark behind the label, "" for none (`raw.tar.gz: trying again`)."""
        if self._progress:
            self._progress.update(self._task, description=f"{self._label}: {text}" if text else self._label)
