r"""Text one line a row: the format of aligned sentence files.

A line ends at `\n` or `\r\n` and nowhere else, so that a stray `\r`, U+2028 or form feed inside a sentence cannot
shift two aligned files against each other. A byte order mark at the start is no text.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from builders.formats.text import to_utf8

BLOCK = 8 << 20
"""Bytes read at a time."""


def read_lines(stream: BinaryIO, file: str) -> Iterator[pa.StringArray]:
    """Yields the lines of a stream, in arrays of some megabytes each.

    Args:
        stream: bytes from the start of the text.
        file: name for errors.

    Raises:
        FormatError: a line is not UTF-8.
    """
    first = 1
    for block in _blocks(stream):
        lines = pc.split_pattern(pa.array([block], pa.large_binary()), b"\n").flatten().cast(pa.binary())
        if b"\r" in block:
            lines = pc.replace_substring_regex(lines, pattern=rb"\r$", replacement=b"")
        numbers = pa.array(np.arange(first, first + len(lines)))
        first += len(lines)
        yield to_utf8(lines, file, numbers)


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    """Pieces that end where a line ends, the last line end of each left out."""
    rest = stream.read(len(codecs.BOM_UTF8))
    if rest == codecs.BOM_UTF8:
        rest = b""
    while block := stream.read(BLOCK):
        block = rest + block
        end = block.rfind(b"\n")
        rest = block[end + 1 :]
        if end >= 0:
            yield block[:end]
    if rest:
        yield rest.removesuffix(b"\n")
