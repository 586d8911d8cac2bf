"""The standard output of a command, whose errors are told from those of the files that the command writes."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager

from builders.errors import BuildError


class Output(io.TextIOWrapper):
    """A standard output that says so where it takes nothing more, as on a full disk; but for a reader that has gone.

    Args:
        stream: the process's own.
    """

    def __init__(self, stream: io.TextIOWrapper):
        super().__init__(
            stream.buffer, stream.encoding, stream.errors, line_buffering=stream.isatty(), write_through=True
        )

    def write(self, text: str, /) -> int:
        """Writes a text.

        Raises:
            BuildError: nothing more can be written.
        """
        with self._refusals():
            return super().write(text)

    def flush(self) -> None:
        """Hands over what was written, and raises as `write`."""
        with self._refusals():
            super().flush()

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        try:
            yield
        except BrokenPipeError:
            raise
        except OSError as error:
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.fileno())  # what waits would fail again when Python ends
            raise BuildError(
                f"The standard output takes nothing more: {error.strerror}.",
                "Give it room, or another place, then run the same command again; what is finished is kept.",
            ) from error
