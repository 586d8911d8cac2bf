"""JSON Lines (https://jsonlines.org) as a stream of any length, each line decoded straight into a typed object.

`msgspec` checks the types while it decodes, and makes nothing of the fields that the type does not name. For files that
lie in memory as a whole, and for rows that are more than fields, there is `builders.formats.json_records`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from builders.errors import FormatError
from builders.formats.blocks import Stream, line_blocks
from builders.formats.json_records import CUT
from builders.formats.text import require_utf8_lines
from builders.rows import RejectedRow

RAW = 300
"""Characters of a line that its rejected row keeps."""
UNFIT = (msgspec.DecodeError, RecursionError)
"""What msgspec raises for a line, the second where it is nested hundreds of levels deep, also in a field that no type
names."""

Line = TypeVar("Line", bound=msgspec.Struct)


@dataclass(frozen=True)
class Decoded(Generic[Line]):
    """Lines that follow one another.

    Args:
        values: what the lines hold.
        numbers: line number of each value, from 1.
        rejected: the lines that do not fit the type.
    """

    values: Sequence[Line]
    numbers: Sequence[int]
    rejected: tuple[RejectedRow, ...]


def read_typed_lines(stream: Stream, file: str, line_type: type[Line]) -> Iterator[Decoded[Line]]:
    """Decodes line after line.

    Args:
        stream: bytes from the start of the text, UTF-8 with or without a byte order mark.
        file: name for errors and rejected rows.
        line_type: struct with the fields that are wanted; a field without a default has to be there.

    Yields:
        Some megabytes of lines at a time. A line that is not JSON or nested too deep, or lacks a field or has one of
        another type, is rejected; blank lines are skipped.

    Raises:
        FormatError: empty; a line is not UTF-8 or longer than 8 MiB; the first is not JSON (another format), or the last
            is not and lacks its line end (a file cut short).
    """
    decoder = msgspec.json.Decoder(line_type)
    watched = _Watched(stream)
    blocks = line_blocks(watched, file)
    block = next(blocks, None)
    if block is None:
        raise FormatError(file, "", "empty")
    while block is not None:
        following = next(blocks, None)
        first, content = block
        require_utf8_lines(content, file, first)  # also what msgspec passes over, as no type names it
        lines = content.split(b"\n")[:-1]
        try:
            values = [decoder.decode(line) for line in lines]
            yield Decoded(values, range(first, first + len(values)), ())
        except UNFIT:
            yield _one_by_one(lines, first, file, decoder, cut=following is None and watched.last != b"\n")
        block = following


def _one_by_one(
    lines: list[bytes], first: int, file: str, decoder: msgspec.json.Decoder[Line], *, cut: bool
) -> Decoded[Line]:
    """Decodes lines of which at least one does not fit; `cut` says that the last of them has no line end."""
    values, numbers, rejected = [], [], []
    last = first + len(lines) - 1
    for number, line in enumerate(lines, first):
        try:
            if line.strip():
                values.append(decoder.decode(line))
                numbers.append(number)
        except UNFIT as error:
            place = f"line {number}"
            text = line.decode().rstrip("\r")[:RAW]
            is_json = isinstance(error, msgspec.ValidationError | RecursionError)
            if not is_json and (number == 1 or (cut and number == last)):
                raise FormatError(file, place, CUT.format("JSON is malformed")) from None
            reason = "nested too deep" if isinstance(error, RecursionError) else str(error)
            rejected.append(RejectedRow(f"{file} {place}", reason if is_json else "not valid JSON", text))
    return Decoded(values, numbers, tuple(rejected))


class _Watched:
    """A stream that remembers the last byte it gave."""

    def __init__(self, stream: Stream):
        self._stream, self.last = stream, b"\n"

    def read(self, size: int = -1, /) -> bytes:
        data = self._stream.read(size)
        self.last = data[-1:] or self.last
        return data
