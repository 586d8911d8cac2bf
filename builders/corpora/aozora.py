"""Aozora Bunko: Japanese literature out of copyright, from the release of AozoraTxt in UTF-8.

One work, a member `AozoraTxt/person_utf8/<person>/<work>.txt` of the archive (see `builders.formats.aozora`):

    川べりの町
    ――ある秋の話――
    山野一郎

    橋《はし》の上を、朝の汽車が渡って行った。…

A few works are there under a license of their own: they are rejected, so that what the records say of their license is
true.

No two records ask the same question. Where works have the same author and title, a subtitle or an original title tells
them apart; where that does not, and where works begin with the same text, they are editions of one work, and the one
that Aozora Bunko took in last is kept (the numbers in a file's name grow with the years), the others are rejected.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa

from builders.corpus import Corpus, CountDifference, Part, RemoteFile, Task, Template
from builders.errors import FormatError
from builders.formats.aozora import UnusableWork, author_of_short_header, opening, parse_header, split_work
from builders.formats.archives import ZipArchive, zip_archive
from builders.instructions import OPENING_OF_WORK, OPENING_OF_WORK_ANSWER, WORK_OF_OPENING, WORK_OF_OPENING_ANSWER
from builders.licenses import PUBLIC_DOMAIN
from builders.rows import KEY, RejectedRow, Rows

ARCHIVE = "AozoraTxt_UTF8.zip"
WORK = re.compile(r"AozoraTxt/person_utf8/(\d+/[^/]+)\.txt")
OPENING = 100
"""Characters of the body that are called its opening (arXiv 2305.12720, section 3)."""
SEARCHED = 600
"""Lines of the body in which it is looked for."""
ROWS_PER_BATCH = 1000
MOST_WORKS = 50_000
"""Works that lie in memory together; the release of 2022 has some 17,000."""
SAME_TITLE = "same author and title as a newer edition"
SAME_OPENING = "same opening as a newer edition or another work"
COLUMNS = ("title", "author", "opening", KEY)
RAW = 300
"""Bytes of a work that a rejected row keeps."""


@dataclass(frozen=True)
class Candidate:
    """A work that may become a row.

    Args:
        name: the member of the archive.
        header: lines of its header. The body is not kept: all works lie in memory together.
        raw: the beginning of the file.
        opening: the beginning of its body.
        title, author: what its header says.
        asides: lines of the header that may tell its title from another's.
    """

    name: str
    header: tuple[str, ...]
    raw: str
    opening: str
    title: str = ""
    author: str = ""
    asides: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Person and work."""
        return self.name.removesuffix(".txt").split("/", 2)[2]

    @property
    def age(self) -> tuple[int, ...]:
        """Grows with the day on which Aozora Bunko took the file in: `1058_ruby_4709` is newer than `1058_ruby`."""
        number, *edition = re.findall(r"\d+", self.key.partition("/")[2]) or ["0"]
        return int(edition[-1]) if edition else 0, int(number)

    def rejected(self, reason: str) -> RejectedRow:
        """The work as a rejected row."""
        return RejectedRow(f"{ARCHIVE}/{self.name}", reason, self.raw)


def read(part: Part) -> Iterator[Rows]:
    """Reads title, author and opening of each work; a key is person and work (`000081/1058_ruby_4709`).

    A work that is not UTF-8, or lacks a header or an opening, is a rejected row: it is one row of the archive.

    Raises:
        FormatError: the archive holds no works, or more than 50,000.
    """
    rejected: list[RejectedRow] = []
    with zip_archive(part.files[ARCHIVE]) as archive:
        names = [name for name in dict.fromkeys(archive.namelist()) if WORK.fullmatch(name)]
        if not names:
            raise FormatError(ARCHIVE, "", 'has no member like "AozoraTxt/person_utf8/<person>/<work>.txt"')
        if len(names) > MOST_WORKS:
            raise FormatError(ARCHIVE, "", f"has {len(names):,} works: more than {MOST_WORKS:,} are refused")
        works = list(_texts(archive, names, rejected))
    works = told_apart(list(_read_works(works, rejected)))
    works = newest(works, lambda work: (work.author, "".join(work.title.split())), SAME_TITLE, rejected)
    works = newest(works, lambda work: work.opening, SAME_OPENING, rejected)
    for first in range(0, max(len(works), 1), ROWS_PER_BATCH):
        yield Rows(_batch(works[first : first + ROWS_PER_BATCH]), tuple(rejected))
        rejected = []


def _texts(archive: ZipArchive, names: Sequence[str], rejected: list[RejectedRow]) -> Iterator[Candidate]:
    for name in names:
        content = archive.read(name)
        raw = content[:RAW].decode(errors="backslashreplace")
        try:
            work = split_work(content.decode(), SEARCHED)
            yield Candidate(name, work.header, raw, opening(work.body, work.header, OPENING))
        except UnicodeDecodeError:
            rejected.append(RejectedRow(f"{ARCHIVE}/{name}", "not UTF-8", raw))
        except UnusableWork as problem:
            rejected.append(RejectedRow(f"{ARCHIVE}/{name}", str(problem), raw))


def _read_works(candidates: Sequence[Candidate], rejected: list[RejectedRow]) -> Iterator[Candidate]:
    """Titles and authors; one header is read with the help of the others."""
    known = {name for candidate in candidates if (name := author_of_short_header(candidate.header)) is not None}
    for candidate in candidates:
        try:
            header = parse_header(candidate.header, known)
        except UnusableWork as problem:
            rejected.append(candidate.rejected(str(problem)))
            continue
        if not candidate.opening:
            rejected.append(candidate.rejected("empty opening"))
            continue
        yield replace(candidate, title=header.title, author=header.author, asides=header.asides)


def told_apart(works: Sequence[Candidate]) -> list[Candidate]:
    """The works, with longer titles where an author has several of the same title that begin differently."""
    openings: dict[tuple[str, str], set[str]] = {}
    for work in works:
        openings.setdefault((work.author, work.title), set()).add(work.opening)
    return [
        replace(work, title="\u3000".join((work.title, *work.asides)))
        if work.asides and len(openings[work.author, work.title]) > 1
        else work
        for work in works
    ]


def newest(
    works: Sequence[Candidate], group: Callable[[Candidate], Hashable], reason: str, rejected: list[RejectedRow]
) -> list[Candidate]:
    """The newest work of each group, in the order of the archive; the others are rejected.

    Args:
        works: in the order of the archive.
        group: what works have in common that may not be kept together.
        reason: why the others are rejected.
        rejected: they are added here.
    """
    kept: dict[Hashable, Candidate] = {}
    for work in works:
        other = kept.get(group(work))
        if other is None or work.age > other.age:
            kept[group(work)] = work
    names = {work.name for work in kept.values()}
    rejected += (work.rejected(reason) for work in works if work.name not in names)
    return [work for work in works if work.name in names]


def _batch(works: Sequence[Candidate]) -> pa.RecordBatch:
    columns = {name: pa.array([getattr(work, name) for work in works], pa.string()) for name in COLUMNS}
    return pa.RecordBatch.from_pydict(columns)


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
            difference=(CountDifference("the release may hold works that the paper's did not", 0, 2 * 1_000),),
            version=4,
        ),
    ),
    columns={"title": "ja title", "author": "ja author", "opening": "ja opening"},
    read=read,
)
