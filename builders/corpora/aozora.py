"""Aozora Bunko: Japanese literature out of copyright, from the release of AozoraTxt in UTF-8.

One work, a member `AozoraTxt/person_utf8/<person>/<work>.txt` of the archive (see `builders.formats.aozora`):

    川べりの町
    ――ある秋の話――
    山野一郎

    橋《はし》の上を、朝の汽車が渡って行った。…

A few works are there by leave of their copyright holders, under terms of their own: they are rejected, so that what the
records say of their license is true.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pyarrow as pa

from builders.corpus import Corpus, Part, RemoteFile, Task, Template
from builders.errors import FormatError
from builders.formats.aozora import UnusableWork, parse_work
from builders.formats.archives import ZipArchive, zip_archive
from builders.instructions import OPENING_OF_WORK, OPENING_OF_WORK_ANSWER, WORK_OF_OPENING, WORK_OF_OPENING_ANSWER
from builders.licenses import PUBLIC_DOMAIN
from builders.rows import KEY, RejectedRow, Rows

ARCHIVE = "AozoraTxt_UTF8.zip"
WORK = re.compile(r"AozoraTxt/person_utf8/(\d+/[^/]+)\.txt")
OPENING = 100
"""Characters of the body that are called its opening (arXiv 2305.12720, section 3)."""
WORKS_PER_BATCH = 1000
SCHEMA = pa.schema([(name, pa.string()) for name in ("title", "author", "opening", KEY)])


def read(part: Part) -> Iterator[Rows]:
    """Reads title, author and opening of each work; a key is person and work (`000081/1058_ruby_4709`).

    A work that is not UTF-8, or lacks a header or an opening, is a reject: it is one row of the archive.

    Raises:
        FormatError: the archive holds no works.
    """
    with zip_archive(part.files[ARCHIVE]) as archive:
        works = [name for name in dict.fromkeys(archive.namelist()) if WORK.fullmatch(name)]
        if not works:
            raise FormatError(ARCHIVE, "", 'has no member like "AozoraTxt/person_utf8/<person>/<work>.txt"')
        for first in range(0, len(works), WORKS_PER_BATCH):
            yield _rows(archive, works[first : first + WORKS_PER_BATCH])


def _rows(archive: ZipArchive, works: list[str]) -> Rows:
    rows, rejected = [], []
    for name in works:
        raw = archive.read(name)
        try:
            rows.append((*_fields(raw), WORK.fullmatch(name)[1]))
        except UnusableWork as problem:
            rejected.append(RejectedRow(f"{ARCHIVE}/{name}", str(problem), raw[:300].decode(errors="backslashreplace")))
    batch = pa.RecordBatch.from_pylist([dict(zip(SCHEMA.names, row, strict=True)) for row in rows], SCHEMA)
    return Rows(batch, tuple(rejected))


def _fields(raw: bytes) -> tuple[str, str, str]:
    """Title, author and opening of a work.

    Raises:
        UnusableWork: it has no opening, is not UTF-8, or as `parse_work`.
    """
    try:
        work = parse_work(raw.decode())
    except UnicodeDecodeError:
        raise UnusableWork("not UTF-8") from None
    opening = work.opening(OPENING)
    if not opening:
        raise UnusableWork("empty opening")
    return work.title, work.author, opening


CORPUS = Corpus(
    name="aozora",
    title="Aozora Bunko",
    homepage="https://www.aozora.gr.jp/",
    license=PUBLIC_DOMAIN,
    attribution="the volunteers of Aozora Bunko; UTF-8 release by levelevel (AozoraTxt)",
    citation="",
    files=(
        RemoteFile(ARCHIVE, "https://github.com/levelevel/AozoraTxt/releases/download/v20221227/AozoraTxt_UTF8.zip"),
    ),
    tasks=(
        Task(
            "knowledge-aozora",
            (
                Template("opening", OPENING_OF_WORK, "", OPENING_OF_WORK_ANSWER),
                Template("work", WORK_OF_OPENING, "", WORK_OF_OPENING_ANSWER),
            ),
            paper_count=33_758,
            difference="works that are in copyright, whose header names no author or whose body is empty are left out",
        ),
    ),
    columns={"title": "ja title", "author": "ja author", "opening": "ja opening"},
    read=read,
)
