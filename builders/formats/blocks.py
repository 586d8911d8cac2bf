"""Text in blocks of whole lines, each with the number of its first line: what the readers of text are fed with."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import Protocol

import numpy as np

from builders.errors import FormatError

BLOCK = 4 << 20
"""Bytes read at a time."""
LONGEST = 8 << 20
"""Bytes of the longest line that is read. A file without line ends is no text, and never lies in memory as a whole."""


class Stream(Protocol):
    """Bytes to be read from first to last, whatever they come out of."""

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes: as many as `size`, fewer only where they end; all where it is negative."""


def line_blocks(stream: Stream, file: str) -> Iterator[tuple[int, bytes]]:
    r"""Cuts a stream where lines end; a byte order mark at its start is no text.

    Args:
        stream: bytes from the start of the text.
        file: name for errors.

    Yields:
        The number of the first line, from 1, and whole lines; the last of them ends with `\n` too.

    Raises:
        FormatError: a line is longer than 8 MiB.
    """
    first = 1
    mark = stream.read(len(codecs.BOM_UTF8))
    begun = [] if mark == codecs.BOM_UTF8 else [mark]  # pieces of a line whose end is not met yet
    held = len(mark)
    while read := stream.read(BLOCK):
        end = read.rfind(b"\n") + 1
        if end:
            lines = b"".join([*begun, memoryview(read)[:end]])
            yield first, lines
            first += int(np.count_nonzero(np.frombuffer(lines, np.uint8) == ord("\n")))
            begun, held = [], 0
        begun.append(read[end:])
        held += len(read) - end
        if held > LONGEST:
            raise FormatError(file, f"line {first}", f"longer than {LONGEST >> 20} MiB, or not text")
    if rest := b"".join(begun):
        yield first, rest if rest.endswith(b"\n") else rest + b"\n"
