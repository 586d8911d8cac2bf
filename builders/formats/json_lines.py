"""JSON Lines (https://jsonlines.org) as a stream of any length, each line decoded straight into a typed object.

`msgspec` checks the types while it decodes, and makes nothing of the fields that the type does not name. For files that
lie in memory as a whole, and for rows that are more than fields, there is `builders.formats.json_records`.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Generic, TypeVar

import msgspec

from builders.errors import FormatError
from builders.formats.json_records import CUT
from builders.formats.text import require_utf8
from builders.rows import RejectedRow

BATCH, BLOCK = 10_000, 8 << 20
"""Lines decoded at a time, or so many bytes of them where they are long."""
LONGEST = 8 << 20
"""Bytes of the longest line that is read."""
RAW = 300
"""Characters of a line that its rejected row keeps."""

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


def read_typed_lines(stream: IO[bytes], file: str, line_type: type[Line]) -> Iterator[Decoded[Line]]:
    """Decodes line after line.

    Args:
        stream: bytes from the start of the text, UTF-8 with or without a byte order mark.
        file: name for errors and rejected rows.
        line_type: struct with the fields that are wanted; a field without a default has to be there.

    Yields:
        Ten thousand lines at a time. A line that is not JSON, or lacks a field or has one of another type, is
        rejected; blank lines are skipped.

    Raises:
        FormatError: empty; a line is not UTF-8 or longer than 8 MiB; the first is not JSON (another format), or the last
            is not and lacks its line end (a file cut short).
    """
    decoder = msgspec.json.Decoder(line_type)
    first = 1
    for lines in _stretches(stream, file):
        try:
            values = [decoder.decode(line) for line in lines]
            yield Decoded(values, range(first, first + len(values)), ())
        except ValueError:  # what msgspec raises, and what Python raises for bytes that are not UTF-8
            yield _one_by_one(lines, first, file, decoder)
        first += len(lines)
    if first == 1:
        raise FormatError(file, "", "empty")


def _stretches(stream: IO[bytes], file: str) -> Iterator[list[bytes]]:
    number, size = 0, 0
    lines: list[bytes] = []
    while line := stream.readline(LONGEST):
        number += 1
        if len(line) == LONGEST:
            raise FormatError(file, f"line {number}", "longer than 8 MiB, or not text")
        lines.append(line.removeprefix(codecs.BOM_UTF8) if number == 1 else line)
        size += len(line)
        if len(lines) >= BATCH or size >= BLOCK:
            yield lines
            lines, size = [], 0
    if lines:
        yield lines


def _one_by_one(lines: list[bytes], first: int, file: str, decoder: msgspec.json.Decoder[Line]) -> Decoded[Line]:
    values, numbers, rejected = [], [], []
    for number, line in enumerate(lines, first):
        try:
            if line.strip():
                values.append(decoder.decode(line))
                numbers.append(number)
        except ValueError as error:
            place = f"line {number}"
            text = require_utf8(line, file, place).rstrip("\r\n")[:RAW]
            is_json = isinstance(error, msgspec.ValidationError)
            if not is_json and (number == 1 or not line.endswith(b"\n")):
                raise FormatError(file, place, CUT.format("JSON is malformed")) from None
            rejected.append(RejectedRow(f"{file} {place}", str(error) if is_json else "not valid JSON", text))
    return Decoded(values, numbers, tuple(rejected))
