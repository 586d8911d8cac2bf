"""The two errors of the builders: one for a bad place in a raw file, one for whatever stops a build; and how both name
many things."""

from __future__ import annotations

from collections.abc import Iterable


class FormatError(Exception):
    """A raw file that cannot be read as what it is said to be.

    Raised by `builders.formats` and by a corpus's `read`, which know the place but not the way the file came here.

    Args:
        file: name of the file, with the archive member behind it where there is one (`Coursera_En-Ja.zip/dev.en.txt`).
        place: where in it, as a person would look for it (`line 12`, `sheet "T15"`, `byte 4096`); "" for the whole file.
        reason: what is wrong there.
    """

    def __init__(self, file: str, place: str, reason: str):
        super().__init__(file, place, reason)
        self.file, self.place, self.reason = file, place, reason

    def __str__(self) -> str:
        where = f"{self.file}, {self.place}" if self.place else self.file
        return f"{where}: {self.reason}"


class BuildError(Exception):
    """What stops a command: says what, where and why, and what to do next.

    Args:
        problem: one sentence or several lines that name the corpus, the file, the place and the reason.
        next_step: what the reader can do about it.
    """

    def __init__(self, problem: str, next_step: str):
        super().__init__(problem, next_step)
        self.problem, self.next_step = problem, next_step

    def __str__(self) -> str:
        return f"{self.problem}\nNext step: {self.next_step}"


def first_of(names: Iterable[str]) -> str:
    """The first three of some names in alphabetical order, and how many more there are."""
    ordered = sorted(names)
    return ", ".join(ordered[:3]) + (f" and {len(ordered) - 3} more" if len(ordered) > 3 else "")
