"""JCommonsenseQA, of JGLUE: questions of common sense with five choices.

One line of `valid-v1.1.json` (JSON Lines, in spite of its name):

    {"q_id": 8940, "question": "雨の日に外で差すものは？", "choice0": "傘", "choice1": "帽子", "choice2": "靴", "choice3": "鞄",
     "choice4": "手袋", "label": 0}

`label` is the number of the right choice. The choices are joined by 、; where one of them holds a 、 itself, each stands
in 「」. The keys begin with the split, so that the evaluation data (`valid-…`) can be told from the training data.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from builders.corpus import Corpus, Part, RemoteFile, Task, Template
from builders.formats.json_records import UnusableRecord, filled, present, read_lines, text, to_rows
from builders.licenses import CC_BY_SA_4
from builders.rows import KEY, Rows, stripped

CHOICES = tuple(f"choice{number}" for number in range(5))
COLUMNS = (KEY, "question", "choices", "answer")


def read(part: Part) -> Iterator[Rows]:
    """Reads one split; a key is the split and the question's id (`valid-8940`)."""
    for file, path in part.files.items():
        split = file.split("-")[0]
        yield from to_rows(read_lines(path), file, COLUMNS, partial(_rows, split=split))


def _rows(record: Mapping[str, Any], split: str) -> list[dict[str, str]]:
    choices = [stripped(filled(record, choice)) for choice in CHOICES]
    label = present(record, "label")
    if not isinstance(label, int) or label not in range(len(choices)):
        raise UnusableRecord("label is not the number of a choice")
    row = {
        KEY: f"{split}-{text(record, 'q_id')}",
        "question": filled(record, "question"),
        "choices": joined(choices),
        "answer": choices[label],
    }
    return [row]


def joined(choices: Sequence[str]) -> str:
    """The choices as one text, in which each can be told from the next."""
    if any("、" in choice for choice in choices):
        choices = [f"「{choice}」" for choice in choices]
    return "、".join(choices)


_ADDRESS = "https://raw.githubusercontent.com/yahoojapan/JGLUE/v1.1.0/datasets/jcommonsenseqa-v1.1/"

CORPUS = Corpus(
    name="jcommonsenseqa",
    title="JCommonsenseQA (JGLUE v1.1)",
    homepage="https://github.com/yahoojapan/JGLUE",
    license=CC_BY_SA_4,
    attribution="Kentaro Kurihara, Daisuke Kawahara and Tomohide Shibata (Yahoo Japan Corporation, Waseda University)",
    citation="""@inproceedings{kurihara-etal-2022-jglue,
  title = {{JGLUE}: {J}apanese General Language Understanding Evaluation},
  author = {Kurihara, Kentaro and Kawahara, Daisuke and Shibata, Tomohide},
  booktitle = {Proceedings of the Thirteenth Language Resources and Evaluation Conference},
  year = {2022},
  address = {Marseille, France},
  publisher = {European Language Resources Association},
  pages = {2957--2966},
  url = {https://aclanthology.org/2022.lrec-1.317}
}""",
    files=(
        RemoteFile(
            "train-v1.1.json",
            f"{_ADDRESS}train-v1.1.json",
            size=1_879_961,
            sha256="9b55fae5ecb3aedd6f8ce5bc09196c3b629864668ec6c18eee4d65c0aa48229e",
            git_blob="4d11d31788cb22850b0a88d41a1ffdd13e8a180b",
        ),
        RemoteFile(
            "valid-v1.1.json",
            f"{_ADDRESS}valid-v1.1.json",
            size=235_633,
            sha256="0d8d76f3bfa0d174866939882faccdd01fbc2bcd5a76c43748ba0c40a7b3b8d4",
            git_blob="1099679e5bc9a4d70f9ae6a6e7b41dca84897f99",
        ),
    ),
    tasks=(
        Task(
            "knowledge-jcommonsenseqa",
            (Template("question", "{question}", "{choices}", "{answer}"),),
            paper_count=10_058,
            version=2,
        ),
    ),
    columns={"question": "ja", "choices": "any", "answer": "any"},
    read=read,
    limitations=(
        "All splits are used, the validation set of the JGLUE benchmark among them: do not evaluate a model "
        "that was trained on it with JCommonsenseQA."
    ),
    evaluation={"valid-": "JCommonsenseQA's validation set (JGLUE)"},
)
