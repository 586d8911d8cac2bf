"""ALT, the Asian Language Treebank: sentences of English Wikinews, translated by hand into the languages of Asia.

One sentence, from the members `data_en.txt` and `data_ja.txt` of the archive:

    SNT.1.1<TAB>The new bridge was opened on Monday.
    SNT.1.1<TAB>新しい橋は月曜日に開通した。

The two are joined by id: not every id is on both sides, and some Japanese cells are empty.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from builders.corpus import Corpus, CountDifference, Part, RemoteFile, Task
from builders.formats.archives import zip_member
from builders.formats.blocks import Held
from builders.formats.delimited import read_delimited
from builders.instructions import translation
from builders.licenses import CC_BY_4
from builders.rows import KEY, RejectedRow, Rows, stripped

ARCHIVE = "ALT-Parallel-Corpus-20191206.zip"
FOLDER = "ALT-Parallel-Corpus-20191206"
ENGLISH, JAPANESE = "data_en.txt", "data_ja.txt"
SCHEMA = pa.schema([(name, pa.string()) for name in ("english", "japanese", KEY)])


class Sentence(NamedTuple):
    """One line of a side: where it stands and what it says."""

    place: str
    text: str


def read(part: Part) -> Iterator[Rows]:
    """Joins the sides by sentence id, which is the key; rows are in the order of the English side."""
    rejected: list[RejectedRow] = []
    english = _side(part.files[ARCHIVE], ENGLISH, rejected)
    japanese = _side(part.files[ARCHIVE], JAPANESE, rejected)
    rows = []
    for key, sentence in english.items():
        translated = japanese.get(key)
        if translated is None:
            rejected.append(RejectedRow(sentence.place, f"id only in {ENGLISH}", f"{key}\t{sentence.text}"))
        elif not stripped(translated.text):
            rejected.append(RejectedRow(translated.place, "empty japanese", f"{key}\t{sentence.text}"))
        elif not stripped(sentence.text):
            rejected.append(RejectedRow(sentence.place, "empty english", f"{key}\t{translated.text}"))
        else:
            rows.append({"english": sentence.text, "japanese": translated.text, KEY: key})
    for key, sentence in japanese.items():
        if key not in english:
            rejected.append(RejectedRow(sentence.place, f"id only in {JAPANESE}", f"{key}\t{sentence.text}"))
    yield Rows(pa.RecordBatch.from_pylist(rows, SCHEMA), tuple(rejected))


def _side(path: Path, member: str, rejected: list[RejectedRow]) -> dict[str, Sentence]:
    """The sentences of one language by id; an id that comes again is a reject, as nobody knows which one is meant.

    The corpus has 20,000 sentences, some 4 MB a language.
    """
    file = f"{ARCHIVE}/{FOLDER}/{member}"
    sentences: dict[str, Sentence] = {}
    with zip_member(path, f"{FOLDER}/{member}") as stream:
        for rows in read_delimited(Held(stream, file), file, ("id", "text")):
            rejected += rows.rejected
            for key, text, line in zip(*(column.to_pylist() for column in rows.batch.columns), strict=True):
                place = f"{file} line {line}"
                if not key.strip() or key in sentences:
                    rejected.append(RejectedRow(place, "repeated id" if key.strip() else "empty id", f"{key}\t{text}"))
                else:
                    sentences[key] = Sentence(place, text)
    return sentences


CORPUS = Corpus(
    name="alt",
    title="Asian Language Treebank (ALT) Parallel Corpus",
    homepage="https://www2.nict.go.jp/astrec-att/member/mutiyama/ALT/",
    license=CC_BY_4,
    attribution="the ALT project: NICT and its partners; the English sentences are from Wikinews (CC BY 2.5)",
    citation="""@inproceedings{riza2016introduction,
  title = {Introduction of the {Asian} Language Treebank},
  author = {Riza, Hammam and Purwoadi, Michael and Gunarso and Uliniansyah, Teduh and Ti, Aw Ai and
            Aljunied, Sharifah Mahani and Mai, Luong Chi and Thang, Vu Tat and Thai, Nguyen Phuong and Chea, Vichet and
            Sun, Rapid and Sam, Sethserey and Seng, Sopheap and Soe, Khin Mar and Nwet, Khin Thandar and
            Utiyama, Masao and Ding, Chenchen},
  booktitle = {2016 Conference of the Oriental Chapter of the International Committee for Coordination and
               Standardization of Speech Databases and Assessment Techniques (O-COCOSDA)},
  year = {2016}
}""",
    files=(
        RemoteFile(
            ARCHIVE,
            "https://www2.nict.go.jp/astrec-att/member/mutiyama/ALT/ALT-Parallel-Corpus-20191206.zip",
            size=21_105_607,
            sha256="05f7b31b517d4c4e074bb7fb57277758c0e3e15d1ad9cfc5727e9bce79b07bbd",
        ),
    ),
    tasks=(
        Task(
            "translation-alt",
            translation(),
            paper_count=39_816,
            difference=(CountDifference("the paper's parser lost rows to CSV quoting", 0, 2 * 250),),
        ),
    ),
    columns={"english": "en", "japanese": "ja"},
    read=read,
)
