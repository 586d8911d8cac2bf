"""Text in blocks of whole lines, each with the number of its first line: what the readers of text are fed with."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from itertools import pairwise
from typing import Protocol

import numpy as np

from builders.errors import FormatError

BLOCK = 4 << 20
"""Bytes read at a time."""
LONGEST = 8 << 20
"""Bytes of the longest line that is read. A file without line ends is no text, and never lies in memory as a whole."""
MOST_LINES = 250_000
"""Lines of a block: what becomes of a line takes some hundred bytes, however short it is. Text has a fifth of it."""
CHARACTERS = 16 << 20
"""Characters of rows after which a batch of them ends, however few rows it has."""
HELD, LINES_HELD = 32 << 20, 500_000
"""Bytes and lines of a text that is held in memory as a whole; of those known the largest has a quarter of the bytes and
a tenth of the lines."""


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
        The number of the first line, from 1, and whole lines, at most 250,000; the last of them ends with `\n` too.

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
            for lines, count in _cut(b"".join([*begun, memoryview(read)[:end]])):
                yield first, lines
                first += count
            begun, held = [], 0
        begun.append(read[end:])
        held += len(read) - end
        if held > LONGEST:
            raise FormatError(file, f"line {first}", f"longer than {LONGEST >> 20} MiB, or not text")
    if rest := b"".join(begun):
        yield first, rest if rest.endswith(b"\n") else rest + b"\n"


def _cut(lines: bytes) -> Iterator[tuple[bytes, int]]:
    """Whole lines in pieces of no more than `MOST_LINES`, with the number of lines of each."""
    is_end = np.frombuffer(lines, np.uint8) == ord("\n")
    count = int(np.count_nonzero(is_end))
    if count <= MOST_LINES:
        yield lines, count
        return
    ends = np.flatnonzero(is_end) + 1
    cuts = [0, *ends[MOST_LINES - 1 : -1 : MOST_LINES].tolist(), len(lines)]
    for begin, end in pairwise(cuts):
        yield lines[begin:end], min(MOST_LINES, count)
        count -= MOST_LINES


class Held:
    """A stream of text that is held in memory as a whole, as its first and its last rows may belong together.

    Args:
        stream: the text.
        file: name for the error.
        largest: bytes.
    """

    def __init__(self, stream: Stream, file: str, largest: int = HELD):
        self._stream, self._file, self._largest = stream, file, largest
        self._size = self._lines = 0

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes, as of any `Stream`.

        Raises:
            FormatError: the text has more bytes than it may have, or more than 500,000 lines.
        """
        data = self._stream.read(size)
        self._size += len(data)
        self._lines += data.count(b"\n")
        if self._size > self._largest or self._lines > LINES_HELD:
            reason = f"more than {self._largest >> 20} MiB or {LINES_HELD:,} lines: too large to be held in memory"
            raise FormatError(self._file, "", reason)
        return data
