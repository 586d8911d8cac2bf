"""The standard output where it cannot be written: it has no such letters, the disk is full, or its reader has gone.

What a command makes lies elsewhere, so a training goes on to its end; then it says that its text was lost.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from finetune.errors import FinetuneError

LEFT_ALONE = 141
"""Exit status after a reader of the standard output has gone: the one that a shell gives for SIGPIPE."""


def write_what_can_be_written() -> None:
    """Write Japanese on a terminal of another encoding in escapes: an answer must not be lost for it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


@contextmanager
def kept_from_failing() -> Iterator[None]:
    """Let text that cannot be written go nowhere, until the block ends.

    Where somebody else has taken the standard output over, it is theirs to care for.

    Raises:
        FinetuneError: Some text is lost, and the block ended without an exception.
        SystemExit: The same, because the reader has gone, which needs no message.
    """
    own = sys.stdout
    if own is not sys.__stdout__ or not isinstance(own, io.TextIOWrapper):
        yield
        return
    own.flush()
    sys.stdout = output = _Output(own)
    try:
        yield
    finally:
        output.flush()
        sys.stdout = own
        ended = sys.exc_info()[0] in (None, SystemExit)  # argparse ends --help with the latter
        if ended and output.failure:
            raise _told(output.failure)


def _told(failure: OSError) -> BaseException:
    if isinstance(failure, BrokenPipeError):
        return SystemExit(LEFT_ALONE)
    return FinetuneError(
        f"the standard output cannot be written: {failure.strerror}\n"
        "Next step: free some space where it goes, or send it elsewhere. Nothing but text was lost."
    )


class _Output(io.TextIOWrapper):
    """Writes where another stream does; after a failure, which it remembers, nowhere.

    It has a descriptor of its own: libraries may hold it, to log to, for longer than the command.
    """

    def __init__(self, own: io.TextIOWrapper) -> None:
        binary = open(os.dup(own.fileno()), "wb")
        super().__init__(
            binary, own.encoding, own.errors, line_buffering=own.line_buffering, write_through=own.write_through
        )
        self.failure: OSError | None = None

    def write(self, text: str, /) -> int:
        try:
            return super().write(text)
        except OSError as error:
            self._fail(error)
            return len(text)

    def flush(self) -> None:
        try:
            super().flush()
        except OSError as error:
            self._fail(error)

    def _fail(self, error: OSError) -> None:
        self.failure = error
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), self.fileno())
