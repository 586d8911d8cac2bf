"""AI王 (JAQKET 2.0): quiz questions and their answers, of the second competition of Project AIO.

One line of `aio_02_dev_v1.0.jsonl`:

    {"qid": "AIO02-0007", "competition": "第2回AI王", "timestamp": "2021/01/29", "section": "開発データ問題", "number": "7",
     "original_question": "日本で一番高い山は何？", "original_answer": "富士山", "original_additional_info": "",
     "question": "日本で一番高い山は何?", "answers": ["富士山"]}

The `original_` texts are the quiz as it was written, the others are normalised for machines. `number` is text in one
file and a number in the other; nothing here depends on it. The keys begin with the split, so that the development set,
which competitions score on, can be told from the training data (`dev-…`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from builders.corpus import Corpus, CountDifference, Part, RemoteFile, Task, Template
from builders.formats.json_records import filled, read_lines, to_rows
from builders.licenses import CC_BY_SA_4
from builders.rows import KEY, Rows

COLUMNS = (KEY, "question", "answer")
SPLITS = {"aio_02_train.jsonl": "train", "aio_02_dev_v1.0.jsonl": "dev"}


def read(part: Part) -> Iterator[Rows]:
    """Reads one split; a key is the split and the question's id (`dev-AIO02-0007`)."""
    for file, path in part.files.items():
        split = SPLITS[file]
        yield from to_rows(read_lines(path), file, COLUMNS, partial(_rows, split=split))


def _rows(record: Mapping[str, Any], split: str) -> list[dict[str, str]]:
    row = {
        KEY: f"{split}-{filled(record, 'qid')}",
        "question": filled(record, "original_question"),
        "answer": filled(record, "original_answer"),
    }
    return [row]


_ADDRESS = "https://jaqket.s3.ap-northeast-1.amazonaws.com/data/aio_02/"

CORPUS = Corpus(
    name="aio",
    title="AI王 official dataset, version 2.0 (JAQKET)",
    homepage="https://sites.google.com/view/project-aio/dataset",
    license=CC_BY_SA_4,
    attribution="Project AIO; the quiz writers of the abc/EQIDEN executive committee and of Project AIO",
    citation="""@inproceedings{suzuki-etal-2020-jaqket,
  title = {{JAQKET}: クイズを題材にした日本語{QA}データセットの構築},
  author = {鈴木正敏 and 鈴木潤 and 松田耕史 and 西田京介 and 井之上直也},
  booktitle = {言語処理学会第26回年次大会},
  year = {2020},
  url = {https://www.anlp.jp/proceedings/annual_meeting/2020/pdf_dir/P2-24.pdf}
}""",
    files=tuple(RemoteFile(file, f"{_ADDRESS}{file}") for file in SPLITS),
    tasks=(
        Task(
            "knowledge-aio",
            (Template("question", "{question}", "", "{answer}"),),
            paper_count=23_335,
            difference=(
                CountDifference("files without a published checksum, which may have been replaced", -200, 200),
            ),
        ),
    ),
    columns={"question": "ja", "answer": "any"},
    read=read,
    limitations=(
        "All splits are used, the development set of the AIO competition among them: do not evaluate a model "
        "that was trained on it with that set."
    ),
    evaluation={"dev-": "the development set of the AIO competition"},
)
