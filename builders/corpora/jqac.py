"""JQAC, the Japanese Question Answering Corpus: questions that students wrote on Wikipedia articles, with answers.

Two rows of the member `jqac/Culture.csv` of the archive, the header first:

    Theme (Category),Topic (Title),"Question (What, Who, Where, Whose, How, Yes/No)",Answer,Difficulty (by Author),…
    文化,紙芝居,"紙芝居で絵を見せながら話す人を、何という?",演じ手,2,,https://ja.wikipedia.org/wiki/紙芝居

One member for each theme. Behind its last row, a member may have a thousand rows of commas alone. Members that begin with
`.` are what macOS adds; the questions of `… Syllabus.csv` are on one university's lectures and are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

import pyarrow as pa
import pyarrow.compute as pc

from builders.corpus import Corpus, Part, RemoteFile, Task, Template
from builders.formats.archives import gzip_file, tar_members
from builders.formats.delimited import LINE
from builders.formats.quoted_csv import read_quoted_csv
from builders.instructions import ABOUT_TOPIC
from builders.licenses import CC_BY_SA_4
from builders.rows import KEY, Rows, without_blank_cells

ARCHIVE = "jqac20180625.tgz"
HEADER = {
    "topic": "Topic (Title)",
    "question": "Question (What, Who, Where, Whose, How, Yes/No)",
    "answer": "Answer",
}


def read(part: Part) -> Iterator[Rows]:
    """Reads all members; a key is the member's name and the line where the row begins (`Culture-2`)."""
    with gzip_file(part.files[ARCHIVE]) as archive:
        for member, stream in tar_members(archive, ARCHIVE, _has_questions):
            for rows in read_quoted_csv(stream, f"{ARCHIVE}/{member}", HEADER):
                yield _usable(rows, member)


def _has_questions(member: str) -> bool:
    name = PurePosixPath(member).name
    return name.endswith(".csv") and not name.startswith(".") and not name.endswith("Syllabus.csv")


def _usable(rows: Rows, member: str) -> Rows:
    cells = [pc.utf8_trim_whitespace(rows.batch.column(name)) for name in HEADER]
    lines = pc.cast(rows.batch.column(LINE), pa.string())
    batch = pa.RecordBatch.from_arrays([*cells, lines], [*HEADER, KEY])
    kept = without_blank_cells(batch, tuple(HEADER), f"{ARCHIVE}/{member} line")
    theme = PurePosixPath(member).stem.replace(" ", "_")
    keys = pc.binary_join_element_wise(theme, kept.batch.column(KEY), "-")
    keyed = kept.batch.drop_columns([KEY]).append_column(KEY, keys)
    return Rows(keyed, rows.rejected + kept.rejected)


CORPUS = Corpus(
    name="jqac",
    title="JQAC: Japanese Question Answering Corpus",
    homepage="https://taniokah.github.io/jqac/",
    license=CC_BY_SA_4,
    attribution="Hiroki Tanioka and the students who wrote the questions; the authors of the Wikipedia articles",
    citation="""@inproceedings{tanioka-etal-2018-jqac,
  title = {Automatic Generation of {J}apanese Question-Answering Pairs},
  author = {Tanioka, Hiroki and Kimura, Kaoru and Takaoka, Kazuma and Nakatani, Ryohei and Uchida, Yoshitaka},
  booktitle = {Fourth Asia Pacific Corpus Linguistics Conference (APCLC 2018)},
  year = {2018},
  url = {https://taniokah.github.io/jqac/}
}""",
    files=(
        RemoteFile(
            ARCHIVE,
            f"https://taniokah.github.io/jqac/{ARCHIVE}",
            size=45_409,
            sha256="1d128f8dd2bb38fa9b8a7b13c9c24d25ceb4c640dd17f75660cf07c98ff15927",
            git_blob="d126ecf521564721c6d538da44dd0c8aea184768",
        ),
    ),
    tasks=(Task("knowledge-jqac", (Template("question", ABOUT_TOPIC, "", "{answer}"),)),),
    columns={"topic": "any title", "question": "ja question", "answer": "any answer"},
    read=read,
    limitations=(
        "A question with several right answers has a record for each of them. Some questions are statements to be "
        "answered by YES or NO, and such answers are written in several ways (はい, YES, Yes). Some dates are in the order "
        "of the United States (3/22/17). The answers are of 2018."
    ),
)
