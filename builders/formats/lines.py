r"""Text one line a row: the format of aligned sentence files.

A line ends at `\n` or `\r\n` and nowhere else, so that a stray `\r`, U+2028 or form feed inside a sentence cannot
shift two aligned files against each other. A byte order mark at the start is no text.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from builders.formats.blocks import Stream, line_blocks
from builders.formats.text import to_utf8


def read_lines(stream: Stream, file: str) -> Iterator[pa.StringArray]:
    """Yields the lines of a stream, in arrays of some megabytes each.

    Args:
        stream: bytes from the start of the text.
        file: name for errors.

    Raises:
        FormatError: a line is not UTF-8, or longer than 8 MiB.
    """
    for first, block in line_blocks(stream, file):
        lines = pc.split_pattern(pa.array([block[:-1]], pa.large_binary()), b"\n").flatten().cast(pa.binary())
        if b"\r" in block:
            lines = pc.replace_substring_regex(lines, pattern=rb"\r$", replacement=b"")
        yield to_utf8(lines, file, pa.array(np.arange(first, first + len(lines))))
