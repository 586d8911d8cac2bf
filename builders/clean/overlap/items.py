"""Items of benchmarks: out of the built records themselves, whose ids name the split, or out of anybody's JSON Lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from builders.clean.texts.payload import cells
from builders.corpus import Template
from builders.errors import BuildError, FormatError
from builders.formats.json_records import read_lines
from builders.formats.text import require_utf8

ROLES = ("question", "answer", "passage", "side")
"""What a field of a benchmark file can be; an item may have several sides, which are translations of one another."""


@dataclass(frozen=True)
class Item:
    """One item of a benchmark. By what it is recognized: its question; else its sides; else its passage.

    Args:
        benchmark: name of the benchmark.
        key: unique in the benchmark.
        question, answer, passage: texts; "" where the item has none. The answer only confirms what the question says.
        sides: texts that are translations of one another.
    """

    benchmark: str
    key: str
    question: str = ""
    answer: str = ""
    passage: str = ""
    sides: tuple[str, ...] = ()

    @property
    def telling(self) -> tuple[str, ...]:
        """The texts by which the item is recognized."""
        return (self.question,) if self.question else self.sides or (self.passage,)


@dataclass(frozen=True)
class Known:
    """A benchmark that is part of the dataset.

    Args:
        name: of the benchmark.
        config: the task config that holds its items.
        ids: regular expression (RE2) of the ids of all records made from it. Where the benchmark is a list of articles,
            its group `article` is the article's number.
        items: regular expression of the ids that give the items, one a raw row.
        roles: role of the columns.
        articles: name of the file that lists the articles.
    """

    name: str
    config: str
    ids: str
    items: str
    roles: Mapping[str, str] = field(default_factory=dict)
    articles: str = ""


_QUESTION = {"instruction": "question", "input": "passage", "output": "answer"}
_SIDES = {"input": "side", "output": "side"}
_ALT = r"^alt:[^:]+:SNT\.(?P<article>\d+)\."
KNOWN: tuple[Known, ...] = (
    Known("jsquad-valid", "jsquad", "^jsquad:[^:]+:valid-", "^jsquad:question:valid-", _QUESTION),
    Known(
        "jcommonsenseqa-valid",
        "knowledge-jcommonsenseqa",
        "^jcommonsenseqa:[^:]+:valid-",
        "^jcommonsenseqa:question:valid-",
        _QUESTION,
    ),
    Known("aio-dev", "knowledge-aio", "^aio:[^:]+:dev-", "^aio:question:dev-", _QUESTION),
    Known("alt-dev", "translation-alt", _ALT, "^alt:ja-en:", _SIDES, "URL-dev.txt"),
    Known("alt-test", "translation-alt", _ALT, "^alt:ja-en:", _SIDES, "URL-test.txt"),
)
"""Benchmarks whose items are in the dataset because a corpus brings them. Llm-jp-eval and the Nejumi leaderboard score
these parts of ALT, and the lists of the parts are on ALT's page."""


def belongs(ids: pa.Array, known: Known, articles: frozenset[str] = frozenset()) -> pa.Array:
    """Which records are made from a benchmark's own items.

    Args:
        ids: ids of records.
        known: the benchmark.
        articles: numbers of its articles, where it is a list of articles (see `read_articles`).

    Returns:
        Boolean mask.
    """
    if not known.articles:
        return pc.match_substring_regex(ids, known.ids)
    numbers = pc.struct_field(pc.extract_regex(ids, known.ids), "article")
    return pc.is_in(numbers, pa.array(sorted(articles), pa.string()))


def read_articles(path: Path) -> frozenset[str]:
    """Numbers of the articles in one of ALT's lists, whose lines are `URL.<number><TAB><address>`.

    Raises:
        FormatError: a line is none of that, or not UTF-8.
    """
    numbers = set()
    for place, line in enumerate(require_utf8(path.read_bytes(), path.name, "").splitlines(), 1):
        name, _, number = line.partition("\t")[0].partition(".")
        if name != "URL" or not number.isdigit():
            raise FormatError(path.name, f"line {place}", "not a line of `URL.<number>`, a tab and an address")
        numbers.add(number)
    return frozenset(numbers)


def from_records(
    batches: Iterable[pa.RecordBatch],
    known: Known,
    templates: tuple[Template, ...],
    articles: frozenset[str] = frozenset(),
) -> list[Item]:
    """A benchmark's items out of the records made from them.

    Args:
        batches: records of the benchmark's config, with ids.
        known: the benchmark.
        templates: of the config.
        articles: as `belongs`.
    """
    items: list[Item] = []
    for batch in batches:
        ids = batch.column("id")
        mask = pc.and_(belongs(ids, known, articles), pc.match_substring_regex(ids, known.items))
        chosen = batch.filter(pc.fill_null(mask, False))
        columns = [column.to_pylist() for column in cells(chosen, templates)]
        for key, *texts in zip(chosen.column("id").to_pylist(), *columns, strict=True):
            by_column = dict(zip(("instruction", "input", "output"), texts, strict=True))
            items.append(_item(known.name, key, ((role, by_column[name]) for name, role in known.roles.items())))
    return items


def read_jsonl(path: Path, roles: Mapping[str, str]) -> list[Item]:
    """Items out of a JSON Lines file.

    Args:
        path: the file; its name without the ending is the benchmark's name.
        roles: role (of `ROLES`) by field. A list of strings counts as several texts of its field's role.

    Raises:
        BuildError: an unknown role, a line without one of the fields, or a file without items.
        FormatError: not JSON Lines.
    """
    unknown = [role for role in roles.values() if role not in ROLES]
    if unknown or not roles:
        raise BuildError(f'"{", ".join(unknown)}" is no role of a field.', f"Use one of: {', '.join(ROLES)}.")
    items = [_from_object(path, place, value, roles) for place, value in read_lines(path)]
    if not any(any(item.telling) for item in items):
        raise BuildError(f"{path} holds no item with a text.", "Name the fields that hold the texts of the items.")
    return items


def _from_object(path: Path, place: str, value: object, roles: Mapping[str, str]) -> Item:
    if not isinstance(value, dict):
        raise FormatError(path.name, place, "not a JSON object")
    missing = [name for name in roles if name not in value]
    if missing:
        raise BuildError(
            f'{path}, {place}: no field "{missing[0]}". It has: {", ".join(value)}.',
            "Name the fields that hold the texts of the items.",
        )
    return _item(path.stem, place, _texts(value, roles))


def _texts(value: Mapping[str, object], roles: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, role in roles.items():
        found = value[name]
        for text in found if isinstance(found, list) else [found]:
            yield role, text if isinstance(text, str) else "" if text is None else str(text)


def _item(benchmark: str, key: str, texts: Iterable[tuple[str, str]]) -> Item:
    by_role: dict[str, list[str]] = {role: [] for role in ROLES}
    for role, text in texts:
        by_role[role].append(text)
    question, answer, passage = ("\n".join(by_role[role]) for role in ROLES[:3])
    return Item(benchmark, key, question, answer, passage, tuple(by_role["side"]))
