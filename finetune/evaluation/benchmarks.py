"""Benchmarks in their publishers' own files: JCommonsenseQA and JSQuAD, of JGLUE.

Questions are put as the dataset's own records put them: the question is the instruction; the choices, or the title and
the paragraph, are the input.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from finetune.errors import DataError
from finetune.evaluation import seen
from finetune.generate import Question

if TYPE_CHECKING:
    from collections.abc import Callable

CHOICES = tuple(f"choice{number}" for number in range(5))
SEPARATOR = " [SEP] "
"""Between title and paragraph in JSQuAD."""
SHOWN = 3


@dataclass(frozen=True)
class Item:
    """One question of a benchmark."""

    key: str
    """The publisher's id."""
    question: Question
    references: tuple[str, ...]
    """Every answer that is right."""
    choices: tuple[str, ...] = ()
    """What can be answered, where there is a choice."""
    context: str = ""
    """The paragraph as it was published, where there is one."""


@dataclass(frozen=True)
class Benchmark:
    """The items of a benchmark that a model is asked."""

    name: str
    items: Sequence[Item]
    left_out: int
    """Items that say what a trained record says."""


def load(name: str, file: Path, trained: seen.Trained, *, limit: int | None, seed: int) -> Benchmark:
    """Read a benchmark and draw items that the model was not trained on.

    Args:
        name: ``jcommonsenseqa`` or ``jsquad``.
        file: The publisher's file.
        trained: What was trained on.
        limit: Most items; nothing takes all.
        seed: Decides which items are drawn.

    Raises:
        DataError: The file lacks fields or items, the model was trained on items of it, or nothing is left.
    """
    items = READERS[name](file)
    known = trained.keys(name)
    if repeated := [item.key for item in items if item.key in known]:
        raise DataError(
            f"{file} cannot be reported: the model was trained on {len(repeated):,} of its {len(items):,} items "
            f"({', '.join(repeated[:SHOWN])}{', ...' if len(repeated) > SHOWN else ''}), so it would be asked what it "
            "was told\nNext step: train on a dataset without them, or leave this benchmark out."
        )
    rows = [
        {"instruction": item.question.instruction, "input": item.question.input, "output": item.references[0]}
        for item in items
    ]
    near = trained.near(pa.Table.from_pylist(rows))
    if near.all():
        raise DataError(
            f"{file} has nothing to ask: the model was trained on the same texts\nNext step: give another file."
        )
    order = np.random.default_rng(seed).permutation(np.flatnonzero(~near))[:limit]
    return Benchmark(name, [items[place] for place in order], int(near.sum()))


def _read_jcommonsenseqa(file: Path) -> list[Item]:
    """Read JSON Lines with ``q_id``, ``question``, ``choice0`` to ``choice4`` and ``label``."""
    items = []
    for number, line in enumerate(_text(file).split("\n"), 1):
        if line.strip():
            place = f"{file}, line {number}"
            row = _object(line, place)
            choices = tuple(_field(row, choice, str, place).strip() for choice in CHOICES)
            label = _field(row, "label", int, place)
            if label not in range(len(choices)):
                raise DataError(f"{place}: label {label} is not the number of a choice\nNext step: correct it.")
            asked = Question(_field(row, "question", str, place), _joined(choices))
            items.append(Item(str(_field(row, "q_id", int | str, place)), asked, (choices[label],), choices))
    return _some(items, file)


def _joined(choices: Sequence[str]) -> str:
    """The choices as one text; where one of them holds the separator, each stands in brackets."""
    return "、".join(f"「{choice}」" for choice in choices) if "、" in "".join(choices) else "、".join(choices)


def _read_jsquad(file: Path) -> list[Item]:
    """Read a file in the layout of SQuAD: ``data``, ``paragraphs``, ``qas``."""
    items = []
    for number, (context, row) in enumerate(_squad_questions(_object(_text(file), str(file)), str(file)), 1):
        place = f"{file}, question {number}"
        answers = [_field(answer, "text", str, place) for answer in _objects(row, "answers", place)]
        if not answers:
            raise DataError(f"{place}: answers is empty\nNext step: give the file as it was published.")
        title, separator, paragraph = context.partition(SEPARATOR)
        asked = Question(_field(row, "question", str, place), f"{title}：{paragraph}" if separator else context)
        right = tuple(dict.fromkeys(answers))
        items.append(Item(_field(row, "id", str, place), asked, right, context=context))
    return _some(items, file)


def _squad_questions(content: Mapping[str, Any], place: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for number, article in enumerate(_objects(content, "data", place), 1):
        for paragraph in _objects(article, "paragraphs", where := f"{place}, article {number}"):
            context = _field(paragraph, "context", str, where)
            yield from ((context, row) for row in _objects(paragraph, "qas", where))


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{file} cannot be read: {error}\nNext step: give the file as it was published.") from error


def _object(text: str, place: str) -> Mapping[str, Any]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{place}: no JSON: {error}\nNext step: give the file as it was published.") from error
    if not isinstance(content, dict):
        raise DataError(f"{place}: no JSON object\nNext step: give the file as it was published.")
    return content


def _objects(row: Mapping[str, Any], name: str, place: str) -> list[Mapping[str, Any]]:
    found: list[Any] = _field(row, name, list, place)
    if not all(isinstance(entry, dict) for entry in found):
        raise DataError(
            f"{place}: {name} holds something else than objects\nNext step: give the file as it was published."
        )
    return found


def _field(row: Mapping[str, Any], name: str, kind: Any, place: str) -> Any:
    if not isinstance(value := row.get(name), kind) or isinstance(value, bool):
        problem = f"there is no field {name}" if name not in row else f"{name} is {value!r}"
        raise DataError(f"{place}: {problem}\nNext step: give the file as it was published.")
    return value


def _some(items: list[Item], file: Path) -> list[Item]:
    if not items:
        raise DataError(f"{file} holds no questions\nNext step: give the file as it was published.")
    return items


READERS: dict[str, Callable[[Path], list[Item]]] = {"jcommonsenseqa": _read_jcommonsenseqa, "jsquad": _read_jsquad}
