"""JSQuAD, of JGLUE: questions whose answers stand in a paragraph of a Wikipedia article.

One question, in the layout of SQuAD 2.0 (`data` > articles > `paragraphs` > `qas`):

    {"title": "急須", "paragraphs": [
      {"context": "急須 [SEP] 急須（きゅうす）は、茶葉に湯を注いで茶を出すための道具である。",
       "qas": [{"id": "a100p0q0", "question": "茶を出すための道具を何というか。",
                "answers": [{"text": "急須", "answer_start": 9}, {"text": "急須（きゅうす）", "answer_start": 9}],
                "is_impossible": false}]}]}

A context is a title and a paragraph with ` [SEP] ` between them. Where the annotators gave different answers, each
gives a record, but for those contained in a longer one (here 「急須」). Paragraphs that leave the input under 30
characters are remains of markup and are rejected. Both rules together give the paper's count.

The records of a question with several answers contradict each other now and then (1990年 and 1994年). Their ids say so:
they end in `-1of2`, `-2of2`, those of all other questions in `-1` (see `answers_of`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from builders.corpora import jcommonsenseqa
from builders.corpus import Corpus, Part, RemoteFile, Task, Template
from builders.errors import FormatError
from builders.formats.json_records import Placed, UnusableRecord, filled, present, read_list, text, to_rows
from builders.licenses import CC_BY_SA_4
from builders.rows import KEY, Rows, stripped

COLUMNS = (KEY, "title", "paragraph", "question", "answer")
SEPARATOR = " [SEP] "
INPUT = "{title}：{paragraph}"
SEVERAL = re.compile(r"-\d+of(\d+)$")
"""The end of a key of a question with several answers."""
SHORTEST_INPUT = 30
"""Characters, title and colon included."""


def read(part: Part) -> Iterator[Rows]:
    """Reads one split; a key is split, question id and which answer it is (`valid-a100p0q0-1`, `valid-a1p0q0-1of2`)."""
    for file, path in part.files.items():
        split = file.split("-")[0]
        yield from to_rows(_questions(path), file, COLUMNS, partial(_rows, split=split))


def _questions(path: Path) -> Iterator[Placed]:
    """Yields each question with its context as one more field.

    Raises:
        FormatError: an article or a paragraph lacks the level below.
    """
    for place, article in read_list(path, at=("data",)):
        try:
            for paragraph in present(article, "paragraphs"):
                context = present(paragraph, "context")
                for number, question in enumerate(present(paragraph, "qas"), 1):
                    if isinstance(question, dict):
                        yield f"question {question.get('id', number)}", {**question, "context": context}
                    else:
                        yield f"{place}, question {number}", question
        except (UnusableRecord, TypeError) as error:
            raise FormatError(path.name, place, f"not an article in the layout of SQuAD ({error})") from None


def _rows(record: Mapping[str, Any], split: str) -> list[dict[str, str]]:
    title, separator, paragraph = text(record, "context").partition(SEPARATOR)
    if not separator:
        raise UnusableRecord(f'field "context" has no "{SEPARATOR.strip()}"')
    if len(INPUT.format(title=title, paragraph=paragraph)) < SHORTEST_INPUT:
        raise UnusableRecord(f"input under {SHORTEST_INPUT} characters")
    given = present(record, "answers")
    if not isinstance(given, list) or not given:
        raise UnusableRecord("no answer")
    answers = longest([stripped(filled(answer, "text")) for answer in given])
    question, key = filled(record, "question"), f"{split}-{text(record, 'id')}"
    of = f"of{len(answers)}" if len(answers) > 1 else ""
    return [
        {KEY: f"{key}-{number}{of}", "title": title, "paragraph": paragraph, "question": question, "answer": answer}
        for number, answer in enumerate(answers, 1)
    ]


def answers_of(key: str) -> int:
    """How many answers the question of a record has, by the record's key or id.

    Args:
        key: as `read` gives it, or the whole id (`jsquad:question:valid-a100p0q0-1of2`).
    """
    found = SEVERAL.search(key)
    return int(found[1]) if found else 1


def longest(answers: list[str]) -> list[str]:
    """The different answers, in order, without those that are contained in another."""
    different = list(dict.fromkeys(answers))
    return [answer for answer in different if not any(answer in other and answer != other for other in different)]


_ADDRESS = "https://raw.githubusercontent.com/yahoojapan/JGLUE/v1.1.0/datasets/jsquad-v1.1/"

CORPUS = Corpus(
    name="jsquad",
    title="JSQuAD (JGLUE v1.1)",
    homepage="https://github.com/yahoojapan/JGLUE",
    license=CC_BY_SA_4,
    attribution=f"{jcommonsenseqa.CORPUS.attribution}; paragraphs by the authors of Japanese Wikipedia",
    citation=jcommonsenseqa.CORPUS.citation,
    files=(
        RemoteFile(
            "train-v1.1.json", f"{_ADDRESS}train-v1.1.json", git_blob="20ce716ee531e3e23088f5840a3b0751ae803424"
        ),
        RemoteFile(
            "valid-v1.1.json",
            f"{_ADDRESS}valid-v1.1.json",
            size=1_976_638,
            sha256="fb0a57a35281ff03bbe7f0e878cff5b577985fbe6fcb242e7e8ddb63d1c0ab11",
            git_blob="bcde414e0b7131607bb1fa2c4542dd888f68771a",
        ),
    ),
    tasks=(Task("jsquad", (Template("question", "{question}", INPUT, "{answer}"),), paper_count=67_491, version=2),),
    columns={"title": "any title", "paragraph": "ja", "question": "ja", "answer": "any"},
    read=read,
    limitations=(
        "All splits are used, the validation set of the JGLUE benchmark among them: do not evaluate a model "
        "that was trained on it with JSQuAD."
    ),
    evaluation={"valid-": "JSQuAD's validation set (JGLUE)"},
)
