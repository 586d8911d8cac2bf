"""A file in another layout ends as an error, whatever reads it; one with many bad rows among more good ones does not."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from builders.build import plausible, shards
from builders.build.plausible import RowCount
from builders.catalogue import CORPORA
from builders.corpora import aio, coursera, jqac, jwtd, tanaka, wikinews
from builders.corpus import Part
from builders.errors import BuildError, FormatError
from builders.rows import RejectedRow, Rows
from samples import dumps
from tests.fuzz.containers import tarred

MOST = 5
"""Rows that are rejected one by one, here."""


@pytest.fixture(autouse=True)
def few_rows(monkeypatch):
    monkeypatch.setattr(plausible, "MOST_REJECTED", MOST)
    monkeypatch.setattr(plausible, "MOST_ROWS", 40)


def counted(*steps: tuple[int, int]) -> str:
    """What is said of steps with so many rows that can be used, and so many that cannot."""
    count = RowCount("a.txt")
    try:
        for good, bad in steps:
            batch = pa.RecordBatch.from_pydict({"key": [""] * good})
            count.add(Rows(batch, tuple(RejectedRow(f"a.txt line {number}", "no good", "") for number in range(bad))))
    except FormatError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([(0, MOST)], ""),
        ([(0, MOST + 1)], "a.txt line 5: 6 rows up to here are rejected, and 0 can be used: another layout (no good)"),
        ([(1, 3), (1, 3)], "a.txt line 2: 6 rows up to here are rejected, and 2 can be used: another layout (no good)"),
        ([(6, 6)], ""),
        ([(6, 0), (0, 6)], ""),
        ([(6, 6), (0, 1)], "a.txt line 0: 7 rows up to here are rejected, and 6 can be used: another layout (no good)"),
        ([(30, 10)], ""),
        ([(30, 10), (1, 0)], "a.txt: more than 40 rows: no corpus has so many in one part"),
    ],
)
def test_more_rows_that_cannot_be_used_than_others_are_another_layout(steps, said):
    assert counted(*steps) == said


def packed(folder: Path, name: str, members: dict[str, str]) -> Path:
    with zipfile.ZipFile(folder / name, "w") as archive:
        for member, text in members.items():
            archive.writestr(member, text)
    return folder / name


def written(folder: Path, name: str, content: bytes) -> Path:
    (folder / name).write_bytes(content)
    return folder / name


def sides(folder: Path, bad: int) -> Path:
    texts = {f"Coursera_En-Ja/{split}.{side}.txt": "x\n" for split in coursera.SPLITS for side in ("en", "ja")}
    return packed(
        folder,
        coursera.ARCHIVE,
        texts | {"Coursera_En-Ja/train.en.txt": "\n" * bad, "Coursera_En-Ja/train.ja.txt": "x\n" * bad},
    )


def corrections(folder: Path, bad: int) -> Path:
    line = b'{"page":1,"pre_rev":1,"post_rev":1,"pre_text":"a","post_text":"b"}\n'
    members = dict.fromkeys(jwtd.MEMBERS, line) | {jwtd.MEMBERS[0]: line + b"1\n" * bad}
    return written(folder, jwtd.ARCHIVE, gzip.compress(tarred(members)))


def questions(folder: Path, bad: int) -> Path:
    header = ",".join(f'"{name}"' for name in jqac.HEADER.values())
    return written(folder, jqac.ARCHIVE, gzip.compress(tarred({"jqac/A.csv": (header + "\n" + "a\n" * bad).encode()})))


MAKE: dict[str, Callable[[Path, int], Path]] = {
    "aio": lambda folder, bad: written(folder, next(iter(aio.SPLITS)), b"{}\n" * bad),
    "coursera": sides,
    "jqac": questions,
    "jwtd": corrections,
    "tanaka": lambda folder, bad: written(folder, tanaka.FILE, gzip.compress(b"A: a\tb#ID=1\n" + b"x\n" * bad)),
    "wikinews": lambda folder, bad: written(
        folder,
        wikinews.DUMP.format(date="20230401"),
        dumps.plain([dumps.Page(f"題{number}", None) for number in range(bad)]),
    ),
}
"""Writes a raw file with so many bad rows, and hardly a good one, for each way in which rows are read."""


@pytest.mark.parametrize("name", MAKE)
def test_a_file_in_another_layout_is_an_error_whatever_reads_it(tmp_path, name):
    corpus = CORPORA[name]

    def read(bad: int) -> list[shards.Step]:
        path = MAKE[name](tmp_path, bad)
        return list(shards.steps(corpus, corpus.tasks[0], Part("all", {path.name: path})))

    assert sum(len(step.rejected) for step in read(MOST)) == MOST
    with pytest.raises(BuildError) as error:
        read(MOST + 2)
    assert f"{name}: " in error.value.problem and "7 rows up to here are rejected, and " in error.value.problem
    assert error.value.problem.splitlines()[0].count(": another layout (") == 1
    assert "Replace the raw file by a fresh copy" in error.value.next_step


def test_rows_of_every_record_type_count(tmp_path):
    def read(part: Part):
        for number in range(3):
            yield Rows(pa.RecordBatch.from_pydict({"key": ["a"] * 20}), record_type=f"kind {number}")

    corpus = replace(CORPORA["tanaka"], read=read)
    with pytest.raises(BuildError, match="tanaka: a.gz: more than 40 rows: no corpus has so many in one part"):
        list(shards.steps(corpus, corpus.tasks[0], Part("all", {"a.gz": tmp_path})))
