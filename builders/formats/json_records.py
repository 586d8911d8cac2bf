"""JSON lists and JSON Lines of objects, and the way from such objects to rows.

A file that is not JSON throughout is a `FormatError`; an object that lacks what a row needs is a reject.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa

from builders.errors import FormatError
from builders.formats.text import require_utf8
from builders.rows import KEY, RejectedRow, Rows

BATCH = 10_000
"""Rows in one batch; with paragraphs of a few hundred characters in them about 10 MB."""
RAW = 300
"""Characters of an object that a reject keeps."""
REPEATED = "an earlier record has the same id"
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
        FormatError: empty, not UTF-8, not JSON to its end, or no list where one is expected.
    """
    value = _parse(_utf8(path), path.name)
    for depth, field in enumerate(at, 1):
        if not isinstance(value, dict) or field not in value:
            raise FormatError(path.name, "", f'not the expected document: no field "{".".join(at[:depth])}"')
        value = value[field]
    if not isinstance(value, list):
        place = f'field "{".".join(at)}"' if at else ""
        raise FormatError(path.name, place, f"not a JSON list but {_kind(value)}")
    for number, element in enumerate(value, 1):
        yield f"record {number}", element


def read_lines(path: Path) -> Iterator[Placed]:
    """Reads JSON Lines (https://jsonlines.org): one JSON value a line, with its place (`line 12`).

    A line that is not JSON is yielded as its text, so that `to_rows` makes it a reject. Blank lines are skipped.

    Args:
        path: the file, UTF-8, with or without a byte order mark.

    Raises:
        FormatError: empty or not UTF-8; the first line is not JSON (another format), or the last is not and lacks
            its line end (a file cut short).
    """
    lines = _utf8(path).split(b"\n")
    seen = False
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield f"line {number}", orjson.loads(line)
        except orjson.JSONDecodeError as error:
            if not seen or number == len(lines):
                raise FormatError(path.name, f"line {number}", CUT.format(error.msg)) from None
            yield f"line {number}", line.decode()
        seen = True


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
    for place, value in placed:
        try:
            for row in parse(_object(value)):
                if row[KEY] in keys:
                    raise UnusableRecord(REPEATED)
                keys.add(row[KEY])
                rows.append(row)
        except UnusableRecord as error:
            rejected.append(RejectedRow(f"{file} {place}", str(error), _raw(value)))
        if len(rows) >= BATCH:
            yield Rows(pa.RecordBatch.from_pylist(rows, schema), tuple(rejected))
            rows, rejected = [], []
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


def _utf8(path: Path) -> bytes:
    raw = path.read_bytes().removeprefix(codecs.BOM_UTF8)
    if not raw.strip():
        raise FormatError(path.name, "", "the file is empty")
    try:
        raw.decode()
    except UnicodeDecodeError:
        for number, line in enumerate(raw.split(b"\n"), 1):
            require_utf8(line, path.name, f"line {number}")
    return raw


def _parse(raw: bytes, file: str) -> Any:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise FormatError(file, f"line {error.lineno}, column {error.colno}", CUT.format(error.msg)) from None


def _raw(value: Any) -> str:
    raw = value if isinstance(value, str) else orjson.dumps(value).decode()
    return raw if len(raw) <= RAW else f"{raw[:RAW]}…"


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "text", type(None): "null", bool: "true or false"}
    return names.get(type(value), "a number")
