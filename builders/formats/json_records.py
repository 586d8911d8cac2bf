"""JSON lists and JSON Lines of objects, and the way from such objects to rows.

A file that is not JSON throughout is a `FormatError`; an object that lacks what a row needs is a reject.
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import orjson
import pyarrow as pa

from builders.errors import FormatError
from builders.formats.blocks import CHARACTERS, LONGEST
from builders.formats.text import require_utf8
from builders.rows import KEY, RejectedRow, Rows

BATCH = 10_000
"""Rows in one batch; with paragraphs of a few hundred characters in them about 10 MB."""
RAW = 300
"""Characters of an object that a reject keeps."""
REPEATED = "an earlier record has the same id"
LARGEST = 256 << 20
"""Bytes of a file that is read as a whole; the corpora's largest has a tenth of it."""
MOST_VALUES = 8_000_000
"""Values of a JSON document that is parsed as a whole; the least of them takes some 70 bytes in memory."""
TOO_LARGE = "more than {:,} {}: too large to be read as a whole"
CUT = "not valid JSON ({}); the file is cut short or damaged"

Placed = tuple[str, Any]
"""A parsed value and its place as a person would look for it: `line 12`, `record 12`, both from 1."""


class UnusableRecord(ValueError):
    """Raised while a row is made of an object: the text is the reject's reason, the same for all rows it befalls."""


def read_list(path: Path, at: Sequence[str] = ()) -> Iterator[Placed]:
    """Reads the elements of one JSON list, with their places (`record 12`).

    Args:
        path: the file, UTF-8, with or without a byte order mark.
        at: the fields that lead from the top of the document to the list; () where the list is the document.

    Raises:
        FormatError: empty, too large for this memory, not UTF-8, not JSON to its end, or no list where one is expected.
    """
    for number, element in enumerate(_elements(_content(path), path.name, at), 1):
        yield f"record {number}", element


def read_lines(path: Path) -> Iterator[Placed]:
    """Reads JSON Lines (https://jsonlines.org): one JSON value a line, with its place (`line 12`).

    A line that is not JSON is yielded as its text, so that `to_rows` makes it a reject. Blank lines are skipped.

    Args:
        path: the file, UTF-8, with or without a byte order mark.

    Raises:
        FormatError: empty or not UTF-8, a line of over 8 MiB; the first line is not JSON (another format), or the last
            is not and lacks its line end (a file cut short).
    """
    seen = False
    with path.open("rb") as file:
        for number, line in _lines(file, path.name):
            if not line.strip():
                continue
            place = f"line {number}"
            try:
                yield place, orjson.loads(line)
            except orjson.JSONDecodeError as error:
                decoded = require_utf8(line, path.name, place)
                if not seen or not line.endswith(b"\n"):
                    raise FormatError(path.name, place, CUT.format(error.msg)) from None
                yield place, decoded.removesuffix("\n")
            seen = True
    if not seen:
        raise FormatError(path.name, "", "the file is empty")


def to_rows(
    placed: Iterable[Placed],
    file: str,
    columns: Sequence[str],
    parse: Callable[[Mapping[str, Any]], Iterable[Mapping[str, str]]],
) -> Iterator[Rows]:
    """Makes rows of objects, in batches.

    Args:
        placed: values and their places.
        file: name of the raw file, for the rejected.
        columns: names of the columns, one of them `key`.
        parse: gives the rows of one object, none to several; raises `UnusableRecord` for one that gives no row.

    Yields:
        Batches of string columns, and the rejected: values that are no objects, objects that `parse` refuses, and rows
        whose key an earlier row has.
    """
    schema = pa.schema([(name, pa.string()) for name in columns])
    rows: list[Mapping[str, str]] = []
    rejected: list[RejectedRow] = []
    keys: set[str] = set()
    size = 0
    for place, value in placed:
        try:
            for row in parse(_object(value)):
                if row[KEY] in keys:
                    raise UnusableRecord(REPEATED)
                keys.add(row[KEY])
                rows.append(row)
                size += sum(map(len, row.values()))
        except UnusableRecord as error:
            rejected.append(RejectedRow(f"{file} {place}", str(error), _raw(value)))
        if len(rows) + len(rejected) >= BATCH or size >= CHARACTERS:  # a long text may be part of many rows
            yield Rows(pa.RecordBatch.from_pylist(rows, schema), tuple(rejected))
            rows, rejected, size = [], [], 0
    if rows or rejected:
        yield Rows(pa.RecordBatch.from_pylist(rows, schema), tuple(rejected))


def text(record: Mapping[str, Any], field: str) -> str:
    """The text of a field; a whole number counts as text, a null does not.

    Raises:
        UnusableRecord: the field is missing or holds something else.
    """
    value = present(record, field)
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise UnusableRecord(f'field "{field}" is {_kind(value)}, not text')
    return str(value)


def texts(record: Mapping[str, Any], field: str) -> list[str]:
    """The texts of a field that holds a list of them.

    Raises:
        UnusableRecord: the field is missing or holds something else.
    """
    value = present(record, field)
    if not isinstance(value, list) or not all(isinstance(element, str) for element in value):
        raise UnusableRecord(f'field "{field}" is not a list of texts')
    return value


def nested(record: Mapping[str, Any], field: str) -> Mapping[str, Any]:
    """The object that a field holds.

    Raises:
        UnusableRecord: the field is missing or holds something else.
    """
    if not isinstance(value := present(record, field), dict):
        raise UnusableRecord(f'field "{field}" is {_kind(value)}, not an object')
    return value


def present(record: Any, field: str) -> Any:
    """The value of a field, whatever it is.

    Raises:
        UnusableRecord: the field is missing, or `record` is no object.
    """
    if field not in (record := _object(record)):
        raise UnusableRecord(f'field "{field}" is missing')
    return record[field]


def filled(record: Mapping[str, Any], field: str) -> str:
    """As `text`, for a field that must hold more than white space.

    Raises:
        UnusableRecord: the field is missing, holds something else or is blank.
    """
    if not (value := text(record, field)).strip():
        raise UnusableRecord(f'field "{field}" is empty')
    return value


def _object(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise UnusableRecord("not a JSON object")
    return value


def _lines(stream: BinaryIO, file: str) -> Iterator[tuple[int, bytes]]:
    """Lines with their numbers, from 1, and their line ends; a byte order mark at the start is no text."""
    number = 1
    while line := stream.readline(LONGEST + 1):
        if len(line) > LONGEST:
            raise FormatError(file, f"line {number}", f"longer than {LONGEST >> 20} MiB, or not text")
        yield number, line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
        number += 1


def _content(path: Path) -> bytes:
    if path.stat().st_size > LARGEST:
        raise FormatError(path.name, "", TOO_LARGE.format(LARGEST, "bytes"))
    raw = path.read_bytes().removeprefix(codecs.BOM_UTF8)
    if not raw.strip():
        raise FormatError(path.name, "", "the file is empty")
    if sum(map(raw.count, (b",", b"[", b"{"))) > MOST_VALUES:
        raise FormatError(path.name, "", TOO_LARGE.format(MOST_VALUES, "values"))
    return raw


def _elements(raw: bytes, file: str, at: Sequence[str]) -> Iterator[Any]:
    """The elements of a list, parsed one by one: all values of a document take several times its bytes."""
    try:
        pieces = _pieces(raw, at)
    except (msgspec.DecodeError, orjson.JSONDecodeError, UnicodeDecodeError, KeyError, RecursionError):
        yield from _list_in(_parse(raw, file), file, at)  # which says what is wrong
        return
    for piece in pieces:
        try:
            element = orjson.loads(memoryview(piece))
        except orjson.JSONDecodeError:
            _parse(raw, file)
            raise
        yield element


def _pieces(raw: bytes, at: Sequence[str]) -> list[msgspec.Raw]:
    """Where the elements lie in the document; what lies around their list is parsed."""
    piece = msgspec.Raw(raw)
    for field in at:
        fields = msgspec.json.decode(piece, type=dict[str, msgspec.Raw])
        piece = fields.pop(field)
        for other in fields.values():
            orjson.loads(memoryview(other))
    return msgspec.json.decode(piece, type=list[msgspec.Raw])


def _list_in(value: Any, file: str, at: Sequence[str]) -> list[Any]:
    for depth, field in enumerate(at, 1):
        if not isinstance(value, dict) or field not in value:
            raise FormatError(file, "", f'not the expected document: no field "{".".join(at[:depth])}"')
        value = value[field]
    if not isinstance(value, list):
        place = f'field "{".".join(at)}"' if at else ""
        raise FormatError(file, place, f"not a JSON list but {_kind(value)}")
    return value


def _parse(raw: bytes, file: str) -> Any:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        for number, line in enumerate(io.BytesIO(raw), 1):
            require_utf8(line, file, f"line {number}")
        raise FormatError(file, f"line {error.lineno}, column {error.colno}", CUT.format(error.msg)) from None


def _raw(value: Any) -> str:
    if isinstance(value, dict):  # a long text that many objects share is not written as a whole for each of them
        value = {field: cell[: RAW + 1] if isinstance(cell, str) else cell for field, cell in value.items()}
    try:
        raw = value if isinstance(value, str) else orjson.dumps(value).decode()
    except orjson.JSONEncodeError:  # it reads 1,023 levels, and writes 254
        return "(not shown: over 254 levels deep)"
    return raw if len(raw) <= RAW else f"{raw[:RAW]}…"


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "text", type(None): "null", bool: "true or false"}
    return names.get(type(value), "a number")
