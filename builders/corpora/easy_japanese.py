"""SNOW T15 and T23: Japanese sentences, the same in easy Japanese, and in English.

The first row of the first sheet of `T23-2020.1.7.xlsx`, which names the columns, and one row below it:

    ID      #日本語(原文)              #やさしい日本語            #英語(原文)                      #固有名詞
    Ab_12   彼は約束を必ず履行する。   彼は約束を必ず守る。       He always keeps his promises.

T15 has no fifth column, its ids are numbers, and its English is in lower case with its marks set apart by spaces
("i 'm ..."), as in the corpus it comes from; it is taken as it is. T23 has a second sheet, in which several people
rewrote the same sentences for an evaluation: it is never read.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow.compute as pc

from builders.corpus import Corpus, Part, RemoteFile, Task, Template
from builders.formats.spreadsheet import ROW, read_sheet
from builders.instructions import REPHRASE_EASY, translation
from builders.licenses import CC_BY_4
from builders.rows import KEY, Rows, without_blank_cells

HEADERS = {"id": "ID", "original": "#日本語(原文)", "easy": "#やさしい日本語", "english": "#英語(原文)"}


def read(part: Part) -> Iterator[Rows]:
    """Reads one workbook; a key is the workbook's name and the row's id (`T15-12`, `T23-Ab_12`)."""
    for file, path in part.files.items():
        workbook = file.split("-")[0]
        for batch in read_sheet(path, HEADERS):
            keys = pc.binary_join_element_wise(workbook, batch.column("id"), "-")
            batch = batch.drop_columns([ROW]).append_column(KEY, keys)
            yield without_blank_cells(batch, list(HEADERS), file)


_ADDRESS = "https://filedn.com/lit4DCIlHwxfS1gj9zcYuDJ/SNOW/"

CORPUS = Corpus(
    name="easy_japanese",
    title="SNOW T15 and T23: Simplified Corpus with Core Vocabulary",
    homepage="http://www.jnlp.org/SNOW/T15",
    license=CC_BY_4,
    attribution="Takumi Maruyama, Akihiro Katsuta and Kazuhide Yamamoto (Nagaoka University of Technology)",
    citation="""@inproceedings{maruyama-yamamoto-2018-simplified,
  title = {Simplified Corpus with Core Vocabulary},
  author = {Maruyama, Takumi and Yamamoto, Kazuhide},
  booktitle = {Proceedings of the Eleventh International Conference on Language Resources and Evaluation (LREC 2018)},
  year = {2018},
  address = {Miyazaki, Japan},
  publisher = {European Language Resources Association}
}
@inproceedings{katsuta-yamamoto-2018-crowdsourced,
  title = {Crowdsourced Corpus of Sentence Simplification with Core Vocabulary},
  author = {Katsuta, Akihiro and Yamamoto, Kazuhide},
  booktitle = {Proceedings of the Eleventh International Conference on Language Resources and Evaluation (LREC 2018)},
  year = {2018},
  address = {Miyazaki, Japan},
  publisher = {European Language Resources Association}
}""",
    files=(
        RemoteFile(
            "T15-2020.1.7.xlsx",
            f"{_ADDRESS}T15-2020.1.7.xlsx",
            size=3_634_132,
            sha256="46f6e788e744876b08ca432c585e2942ac6a8a35c8c9ab6687ed7e371a0bc0ac",
        ),
        RemoteFile(
            "T23-2020.1.7.xlsx",
            f"{_ADDRESS}T23-2020.1.7.xlsx",
            size=3_641_507,
            sha256="71a8923f024c26c28543663b46aab4e9b6af7c2e8f99a8644190942d8f63c7ca",
        ),
    ),
    tasks=(
        Task("translation-easy-ja", translation("original"), paper_count=168_600),
        Task("easy-ja", (Template("rephrase", REPHRASE_EASY, "{original}", "{easy}"),), paper_count=84_300),
    ),
    columns={"id": "any", "original": "ja", "easy": "ja easy", "english": "en"},
    read=read,
    limitations="Its sentences were taken from the Tanaka corpus, which is in the dataset too.",
)
