"""Bad input in any amount costs time that grows with its size, and no faster: steps are counted, not seconds.

A step is a line of Python or a call from it, into C too. Work that C does alone is not seen (`test_hostile_texts.py` times it),
but for the comparison of rows that pyarrow could not take, which are made comparable in Python here.
"""

from __future__ import annotations

import bz2
import gzip
import io
import pkgutil
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import msgspec
import orjson
import pyarrow as pa
import pytest
from openpyxl import Workbook

from builders import formats
from builders.formats import (
    aozora,
    archives,
    articles,
    blocks,
    bzip2,
    delimited,
    json_lines,
    json_records,
    lines,
    mediawiki,
    pubmed,
    quoted_csv,
    shared_texts,
    spreadsheet,
    text,
    wikitext,
)
from samples import dumps
from tests.support.steps import steps_of

COUNT, TIMES = 250, 4
"""Bad pieces of the smaller input, and how many times as many the larger one has."""
MOST = 1.15
"""How much faster than the input the steps may grow: some parts work in blocks, of which a file may have one more."""

Make = Callable[[Path, int], Callable[[], object]]
"""Writes an input with a number of bad pieces, and gives what reads it."""


class Line(msgspec.Struct):
    """What a line of JSON should hold."""

    key: str


class ComparedInPython(pa.csv.InvalidRow):  # type: ignore[misc]
    """A row that pyarrow could not take; each comparison is a step."""

    def __eq__(self, other: object) -> bool:
        return tuple(self) == other

    __hash__ = None  # type: ignore[assignment]


def of_text(read: Callable[[io.BytesIO], object], piece: bytes, first: bytes = b"") -> Make:
    return lambda folder, count: lambda: read(io.BytesIO(first + piece * count))


def written(folder: Path, name: str, content: bytes) -> Path:
    (folder / name).write_bytes(content)
    return folder / name


def listed(folder: Path, count: int) -> Callable[[], object]:
    path = written(folder, "a.json", orjson.dumps([{"no": number} for number in range(count)]))
    return lambda: list(json_records.to_rows(json_records.read_list(path), "a", ["key"], key_of))


def json_with_bad_lines(folder: Path, count: int) -> Callable[[], object]:
    path = written(folder, "a.jsonl", b'{"key": "1"}\n' + b"not JSON\n" * count)
    return lambda: list(json_records.to_rows(json_records.read_lines(path), "a", ["key"], key_of))


def json_with_one_key(folder: Path, count: int) -> Callable[[], object]:
    path = written(folder, "a.jsonl", b'{"key": "1"}\n' * count)
    return lambda: list(json_records.to_rows(json_records.read_lines(path), "a", ["key"], key_of))


def key_of(record: object) -> list[dict[str, str]]:
    return [{"key": json_records.text(record, "key")}]


def zip_members(folder: Path, count: int) -> Callable[[], object]:
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        for number in range(count):
            archive.writestr(f"../{number}", b"")

    def read() -> None:
        with archives.zip_archive(folder / "a.zip") as archive:
            for name in archive.namelist():
                archive.read(name)

    return read


def tar_members(folder: Path, count: int) -> Callable[[], object]:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for number in range(count):
            archive.addfile(tarfile.TarInfo(f"{number}"))

    def read() -> None:
        with archives.tar_member(io.BytesIO(packed.getvalue()), "a", "none"):
            pass

    return read


def gzip_members(folder: Path, count: int) -> Callable[[], object]:
    path = written(folder, "a.gz", gzip.compress(b"x") * count)

    def read() -> None:
        with archives.gzip_file(path) as stream:
            while stream.read(1):
                pass

    return read


def without_line_end(folder: Path, count: int) -> Callable[[], object]:
    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(3)

    return lambda: list(blocks.line_blocks(Slow(b"xxx" * count), "a"))


def wikipedia(*texts: str | bytes | None) -> Make:
    def make(folder: Path, count: int) -> Callable[[], object]:
        pages = [dumps.Page(f"題{number}", content) for number in range(count) for content in texts]
        path = written(folder, "a.xml", dumps.plain(pages))

        def rejecting(page: mediawiki.Page) -> object:
            return articles.cleaned(page, page.text or b"", "text", wikitext.plain_text)

        return lambda: list(articles.article_rows(path, None, "text", rejecting))

    return make


def bzip2_streams(folder: Path, count: int) -> Callable[[], object]:
    path = written(folder, "a.bz2", bz2.compress(b"x") * count + b"BZh9 damaged")
    return lambda: list(bzip2.blocks(path))


def workbook(folder: Path, count: int) -> Callable[[], object]:
    book = Workbook()
    book.active.append(["ID"])
    for number in range(count):
        book.active.append(["", number])
    book.save(folder / "a.xlsx")
    return lambda: list(spreadsheet.read_sheet(folder / "a.xlsx", {"id": "ID"}))


def cells_of_another_encoding(folder: Path, count: int) -> Callable[[], object]:
    cells = pa.array([*([b"x"] * count), b"\xff"])
    return lambda: text.to_utf8(cells, "a", pa.array(range(count + 1)))


def work(piece: str) -> Make:
    def make(folder: Path, count: int) -> Callable[[], object]:
        raw = f"題\n著者\n\n{piece * count}\n底本：「本」\n"

        def read() -> None:
            parts = aozora.split_work(raw)
            aozora.parse_header(parts.header, set())
            aozora.opening(parts.body, parts.header, 10**9)

        return read

    return make


READERS: dict[str, dict[str, Make]] = {
    "aozora": {"notes that do not close": work("［＃※［＃"), "short lines": work("※［＃「木」］《》\n")},
    "archives": {"zip members": zip_members, "tar members": tar_members, "gzip members": gzip_members},
    "articles": {"pages without text": wikipedia(None)},
    "blocks": {"no line end": without_line_end},
    "bzip2": {"streams": bzip2_streams},
    "delimited": {
        "other columns": of_text(lambda raw: list(delimited.read_delimited(raw, "a", ["x", "y"])), b"one\n"),
        "every second": of_text(lambda raw: list(delimited.read_delimited(raw, "a", ["x", "y"])), b"a\tb\n1\t2\t3\n"),
        "another encoding": of_text(lambda raw: list(delimited.read_delimited(raw, "a", ["x"])), b"x\n\xff"),
    },
    "json_lines": {
        "not JSON": of_text(lambda raw: list(json_lines.read_typed_lines(raw, "a", Line)), b"x\n", b'{"key": "1"}\n'),
        "other fields": of_text(lambda raw: list(json_lines.read_typed_lines(raw, "a", Line)), b'{"no": 1}\n'),
    },
    "json_records": {"a list": listed, "bad lines": json_with_bad_lines, "one key": json_with_one_key},
    "lines": {"another encoding": of_text(lambda raw: list(lines.read_lines(raw, "a")), b"x\r\n", b"\xff")},
    "mediawiki": {"pages that are not UTF-8": wikipedia(b"\xff")},
    "pubmed": {
        "entities": of_text(
            lambda raw: pubmed.parse_article(raw.getvalue()), b"&e;", b"<!DOCTYPE a [<!ENTITY e 'x'>]><a>"
        ),
        "empty parts": of_text(
            lambda raw: pubmed.parse_article(raw.getvalue() + b"</Abstract></Article>"),
            b"<AbstractText/>",
            b"<Article><Abstract>",
        ),
    },
    "quoted_csv": {
        "quotes": of_text(lambda raw: list(quoted_csv.read_quoted_csv(raw, "a", {"x": "x"})), b'"a"b\n', b"x,y\n"),
        "other columns": of_text(lambda raw: list(quoted_csv.read_quoted_csv(raw, "a", {"x": "x"})), b"a\n", b"x,y\n"),
        "a quote that does not close": of_text(
            lambda raw: list(quoted_csv.read_quoted_csv(raw, "a", {"x": "x"})), b"a\n", b'x,y\n"'
        ),
    },
    "shared_texts": {
        "empty texts and cells": lambda _, count: (
            lambda: shared_texts.are_longer_than(0, [b"<si><t/></si>" * count, b"<v>0</v>" * count])
        ),
        "texts of another kind": lambda _, count: (
            lambda: shared_texts.are_longer_than(0, [b"<x:si>" * count, b"<x:v>" * count])
        ),
    },
    "spreadsheet": {"rows without a cell": workbook},
    "text": {"another encoding": cells_of_another_encoding},
    "wikitext": {
        "links that do not close": lambda _, count: lambda: wikitext.plain_text("[[a|" * count),
        "templates that do not close": lambda _, count: lambda: wikitext.plain_text("{{a|" * count),
        "tables that do not close": lambda _, count: lambda: wikitext.plain_text("{|\n|-\n" * count),
    },
}
CASES = [pytest.param(make, id=f"{name}: {bad}") for name, cases in READERS.items() for bad, make in cases.items()]


@pytest.mark.parametrize("block", [256, blocks.BLOCK], ids=["many blocks", "one block"])
@pytest.mark.parametrize("make", CASES)
def test_steps_grow_no_faster_than_bad_input(make, block, tmp_path, monkeypatch):
    monkeypatch.setattr(pa._csv, "InvalidRow", ComparedInPython)
    monkeypatch.setattr(blocks, "BLOCK", block)
    steps_of(make(tmp_path, 3))  # what is made once, such as patterns, is made now
    few = steps_of(make(tmp_path, COUNT))
    many = steps_of(make(tmp_path, TIMES * COUNT))
    assert many <= MOST * TIMES * few, f"{few:,} steps for {COUNT}, {many:,} for {TIMES * COUNT}"


def test_every_reader_is_here():
    assert set(READERS) == {module.name for module in pkgutil.iter_modules(formats.__path__)}
