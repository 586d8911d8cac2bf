"""UTF-8, checked column by column, with the place of the first byte that is not."""

from __future__ import annotations

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
