"""JMRD: dialogues in which one person recommends a movie to another, with what the person knew of the movie.

One dialogue of the list in `valid.json`, shortened (`…`):

    {"dialog_id": "09001", "movie_title": "星降る駅の３人", "first_speaker": "seeker", "questionnaire": {…},
     "knowledge": {"[知識なし]": "[知識なし]", "タイトル": "星降る駅の３人", "製作年度": "２０１８年", "監督名": "北川遥",
                   "監督説明": "…", "キャスト名": ["村井透", "岸本しおり"], "キャスト説明": […], "ジャンル": ["ドラマ"],
                   "レビュー": […], "あらすじ": ["舞台は山あいの小さな駅。", "３人の旅人が終電を逃す。"]},
     "dialog": […]}

Only the knowledge is used: one record per movie, whichever of the files its dialogues are in; the last dialogue counts,
the others are rejected. 「製作年度」 is a year, or the whole date on which the movie was released.

Upstream writes every digit and Latin letter in full width (２０１８年, ＴＨＥ), which nobody writes in running Japanese
text. They are made half width, with the full stop, comma or hyphen that belongs to them (Ａ．Ｉ． is A.I.); all other
full-width characters (！ ？ ： （ ） ＆) are Japanese typography and stay.

A question names the movie as 映画『<title>』, or as 『<title>』 where the title itself says that it is a movie (映画…,
劇場版…).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from builders.corpus import Corpus, Part, RemoteFile, Task, Template, whole
from builders.formats.json_records import UnusableRecord, filled, nested, read_list, text, texts, to_rows
from builders.instructions import ABOUT_MOVIE, MOVIE
from builders.licenses import CC_BY_SA_4
from builders.rows import KEY, RejectedRow, Rows, stripped

COLUMNS = (KEY, "title", "movie", "released", "director", "cast", "summary")
FILES = ("train.json", "valid.json", "test.json")
WORD = "０-９Ａ-Ｚａ-ｚ"
FULL_WIDTH = re.compile(f"[{WORD}]|(?<=[{WORD}])．|(?<=[{WORD}])[，－](?=[{WORD}])")
SAYS_MOVIE = ("映画", "劇場版")
FULL_TO_HALF = 0xFEE0
"""Distance of a full-width form (U+FF01 to U+FF5E) from its ASCII character."""


def read(part: Part) -> Iterator[Rows]:
    """Reads all files together; a key is the file and the dialogue's id (`valid-09001`)."""
    steps: list[tuple[str, Rows]] = []
    for file in FILES:
        if file in part.files:
            parse = partial(_rows, split=file.removesuffix(".json"))
            steps += [(file, rows) for rows in to_rows(read_list(part.files[file]), file, COLUMNS, parse)]
    last: dict[str, str] = {}
    for _, rows in steps:
        last.update(zip(rows.batch.column("title").to_pylist(), rows.batch.column(KEY).to_pylist(), strict=True))
    kept = pa.array(last.values(), pa.string())
    for file, rows in steps:
        yield _only(kept, rows, file)


def half_width(japanese: str) -> str:
    """Full-width digits and Latin letters made half width, as the module says."""
    return FULL_WIDTH.sub(lambda match: chr(ord(match.group()) - FULL_TO_HALF), japanese)


def _only(kept: pa.Array, rows: Rows, file: str) -> Rows:
    mask = pc.is_in(rows.batch.column(KEY), kept)
    superseded = rows.batch.filter(pc.invert(mask)).select([KEY, "title"]).to_pylist()
    rejected = [
        RejectedRow(f"{file} {row[KEY]}", "a later dialogue has the same movie", row["title"]) for row in superseded
    ]
    return Rows(rows.batch.filter(mask), (*rows.rejected, *rejected))


def _rows(record: Mapping[str, Any], split: str) -> list[dict[str, str]]:
    knowledge = nested(record, "knowledge")
    released = filled(knowledge, "製作年度")
    title = half_width(stripped(filled(record, "movie_title")))
    row = {
        "title": title,
        "movie": f"『{title}』" if title.startswith(SAYS_MOVIE) else f"映画『{title}』",
        "released": f"{released}公開" if released.endswith("日") else released,
        "director": filled(knowledge, "監督名"),
        "cast": _joined(knowledge, "キャスト名", "、"),
        "summary": _joined(knowledge, "あらすじ", ""),
    }
    return [{KEY: f"{split}-{text(record, 'dialog_id')}", **{name: half_width(cell) for name, cell in row.items()}}]


def _joined(knowledge: Mapping[str, Any], field: str, separator: str) -> str:
    if not (joined := separator.join(filter(None, map(stripped, texts(knowledge, field))))):
        raise UnusableRecord(f'field "{field}" is empty')
    return joined


_ADDRESS = "https://raw.githubusercontent.com/ku-nlp/JMRD/a20b0a89b4cf6ce1db320039f6e27df10604bf4c/data/"

CORPUS = Corpus(
    name="jmrd",
    title="Japanese Movie Recommendation Dialogue",
    homepage="https://github.com/ku-nlp/JMRD",
    license=CC_BY_SA_4,
    attribution="Takashi Kodama, Ribeka Tanaka and Sadao Kurohashi (Kyoto University)",
    citation="""@inproceedings{kodama-etal-2022-construction,
  title = {Construction of Hierarchical Structured Knowledge-based Recommendation Dialogue Dataset and Dialogue System},
  author = {Kodama, Takashi and Tanaka, Ribeka and Kurohashi, Sadao},
  booktitle = {Proceedings of the Second DialDoc Workshop on Document-grounded Dialogue and Conversational Question
               Answering},
  year = {2022},
  address = {Dublin, Ireland},
  publisher = {Association for Computational Linguistics},
  pages = {83--92},
  url = {https://aclanthology.org/2022.dialdoc-1.9}
}""",
    files=(
        RemoteFile("train.json", f"{_ADDRESS}train.json", git_blob="890767f428f7b211780a21a3726bfe0b147e1141"),
        RemoteFile(
            "valid.json",
            f"{_ADDRESS}valid.json",
            size=2_155_968,
            sha256="6443c59c37247cb278432a91d140c8da08a3ea79874dd13fa2bf37d166e88395",
            git_blob="0d3aca5187cdbfae0ac56e249efe156033bde094",
        ),
        RemoteFile(
            "test.json",
            f"{_ADDRESS}test.json",
            size=3_220_172,
            sha256="6076bb05ccaafa098753618d6e79dbbba7d1367bbb66630ca527c512883fe086",
            git_blob="77d9f25ff23e1ec39e9d9a075b8b7196f807bb2f",
        ),
    ),
    tasks=(Task("knowledge-jmrd", (Template("movie", MOVIE, "", ABOUT_MOVIE),), paper_count=260, version=2),),
    columns={
        "title": "any title",
        "movie": "any title",
        "released": "any date",
        "director": "any",
        "cast": "any",
        "summary": "ja summary",
    },
    read=read,
    split=whole,
)
