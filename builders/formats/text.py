"""UTF-8, checked column by column, with the place of the first byte that is not."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from builders.errors import FormatError


def to_utf8(column: pa.Array, file: str, lines: pa.Array) -> pa.StringArray:
    """Binary cells as text.

    Args:
        column: binary array.
        file: name for the error.
        lines: line number of each cell, same length.

    Raises:
        FormatError: a cell is not UTF-8; names its line and the first wrong byte.
    """
    try:
        return column.cast(pa.string())
    except pa.ArrowInvalid:
        for cell, line in zip(column, lines, strict=True):
            require_utf8(cell.as_py(), file, f"line {line.as_py()}")
        raise


def require_utf8_lines(block: bytes, file: str, first: int) -> None:
    """Checks whole lines at once, as fast as Arrow can.

    Args:
        block: the lines.
        file: name for the error.
        first: number of the first line.

    Raises:
        FormatError: a line is not UTF-8; names it and its first wrong byte.
    """
    offsets = pa.py_buffer(np.array([0, len(block)], np.int64))
    try:
        pa.Array.from_buffers(pa.large_binary(), 1, [None, offsets, pa.py_buffer(block)]).cast(pa.large_string())
    except pa.ArrowInvalid:
        for number, line in enumerate(block.split(b"\n"), first):
            require_utf8(line, file, f"line {number}")
        raise


def require_utf8(raw: bytes, file: str, place: str) -> str:
    """Decodes one piece of text.

    Raises:
        FormatError: it is not UTF-8; names `place` and the first wrong byte.
    """
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        byte = f"byte 0x{raw[error.start]:02X} at position {error.start + 1}"
        raise FormatError(file, place, f"not UTF-8 ({byte}); the file has another encoding or is damaged") from None
