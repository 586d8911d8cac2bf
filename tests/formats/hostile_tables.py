"""Hostile tables, lines, sheets and XML, each of them long: python -m tests.formats.hostile_tables DIRECTORY"""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from builders.errors import FormatError
from builders.formats import delimited, json_lines, json_records, lines, pubmed, quoted_csv, spreadsheet
from tests.support.hostile import Case, run

TEXTS = (
    b"\t", b"\n", b"\r", b"\r\n", b"a", b"a\n", b"a\tb\n", b"a\r", b",", b'"', b'""', b'"a', b'"a"', b'"a\n', b'",\n', b'",', b'"\r', b"\\", b"\0", b"\xff", b"\xff\n",
    b"[", b"[[", b"{", b'{"key":', b'{"key": "a"}\n', b'{"key": 1', b'{"key": "', b'"\\u0000', b"1", b"1e", b"1,", b"-",
)  # fmt: skip
"""Repeated in the place of a table or of JSON, from the first byte on and behind a good row."""
SHEETS = (
    b" r", b" r=", b' r="', b" r='1", b' r="A', b' r="A1"', b" r = 1", b"<row", b"<row ", b"<row>", b"<a:row", b"<a:", b"<c ", b"<c>", b"<row\t", b"<c r=", b"A", b"1", b" ",
)  # fmt: skip
XMLS = (
    b"<a>", b"<i>", b"<i/>", b"a", b" ", b"&", b"&amp;", b"&x;", b"<!--", b"<!---->", b"<?a?>", b"<![CDATA[", b"]]>", b"<AbstractText>", b"<AbstractText/>", b"<AbstractText>a</AbstractText>",
)  # fmt: skip


class Line(msgspec.Struct):
    """What a line of JSON should hold."""

    key: str


READERS: dict[str, tuple[bytes, Callable[[Path], object]]] = {
    "delimited": (b"x\ty\n", lambda path: list(delimited.read_delimited(path.open("rb"), "a", ["x", "y"]))),
    "lines": (b"x\n", lambda path: list(lines.read_lines(path.open("rb"), "a"))),
    "json_lines": (b'{"key": "a"}\n', lambda path: list(json_lines.read_typed_lines(path.open("rb"), "a", Line))),
    "json_records lines": (b'{"key": "a"}\n', lambda path: list(json_records.read_lines(path))),
    "json_records list": (b'[{"key": "a"},', lambda path: list(json_records.read_list(path))),
    "quoted_csv": (b"x,y\n", lambda path: list(quoted_csv.read_quoted_csv(path.open("rb"), "a", {"x": "x"}))),
}
"""A good first row, and what reads a file."""


def cases(folder: Path) -> Iterator[Case]:
    """Yields what is done with files."""
    path = folder / "file"
    for name, (good, reader) in READERS.items():
        for unit in TEXTS:
            for first in (b"", good):

                def table(size: int, reader=reader, unit: bytes = unit, first: bytes = first) -> None:
                    read(reader, path, first + unit * (size // 4 // len(unit)))

                yield f"{name} {first!r}{unit!r}...", table
    for unit in SHEETS:
        yield f"sheet {unit!r}...", lambda size, unit=unit: read(sheet, path, workbook(unit * (size // len(unit))))
    for unit in XMLS:
        yield f"XML {unit!r}...", lambda size, unit=unit: read(article, path, unit * (size // len(unit)))
    for pattern in ("a{}=''", "xmlns:a{}=''"):
        yield f"XML {pattern}...", lambda size, pattern=pattern: read(article, path, attributes(pattern, size))


def read(reader: Callable[[Path], object], path: Path, content: bytes) -> None:
    """Reads a file with some content."""
    path.write_bytes(content)
    try:
        reader(path)
    except (FormatError, pubmed.MalformedArticle):
        pass


def sheet(path: Path) -> None:
    """Reads a workbook."""
    list(spreadsheet.read_sheet(path, {"id": "ID"}))


def workbook(part: bytes) -> bytes:
    """A workbook whose sheet is looked through in full, as one that says its places in an unusual way."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"<row r =" + part)
    return packed.getvalue()


def article(path: Path) -> None:
    """Reads an article that holds some XML."""
    pubmed.parse_article(b"<Article><Abstract>" + path.read_bytes() + b"</Abstract></Article>")


def attributes(pattern: str, size: int) -> bytes:
    """An element with many attributes."""
    return f"<a {' '.join(pattern.format(number) for number in range(size // 12))}/>".encode()


if __name__ == "__main__":
    run(cases(Path(sys.argv[1])))
