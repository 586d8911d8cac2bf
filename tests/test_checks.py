"""Each slip in a corpus's module is told by its cause: made-up corpora with one fault each, and the words that name it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from builders import catalogue, corpora
from builders.checks import faults
from builders.corpus import Corpus, License, Part, RemoteFile, Task, Template
from builders.errors import BuildError
from builders.formats.json_records import to_rows
from builders.instructions import ABOUT_TOPIC, JA_TO_EN, TITLE_FROM_ABSTRACT, translation
from builders.licenses import CC_BY_4
from builders.rows import KEY, RejectedRow, Rows
from tests.support.sample_faults import sample_faults

JAPANESE = [f"{number}番の文です。" for number in range(1, 24)]
ENGLISH = [f"This is sentence {number}." for number in range(1, 24)]
PARTS = [Part("all", {})]


def rows_of(rejected: tuple[RejectedRow, ...] = (), **columns: list[str]) -> Rows:
    return Rows(pa.RecordBatch.from_pydict(columns), rejected)


def reading(rows: Rows) -> Callable[[Part], Iterator[Rows]]:
    return lambda part: iter([rows])


def keys(count: int = len(JAPANESE)) -> list[str]:
    return [str(number) for number in range(count)]


PAIRS = Corpus(
    name="pairs",
    title="Pairs",
    homepage="https://example.org/",
    license=CC_BY_4,
    attribution="nobody",
    citation="",
    files=(RemoteFile("pairs.tsv", "https://example.org/pairs.tsv"),),
    tasks=(Task("translation-pairs", translation()),),
    columns={"japanese": "ja", "english": "en"},
    read=reading(rows_of(japanese=JAPANESE, english=ENGLISH, key=keys())),
)


def with_template(*parts: str, columns: dict[str, str] | None = None) -> Corpus:
    return replace(PAIRS, tasks=(Task("pairs", (Template(*parts),)),), columns=columns or PAIRS.columns)


def test_a_sound_corpus_has_no_fault():
    assert faults({"pairs": PAIRS}, catalogue.GROUP_NAMES) == []
    assert sample_faults(PAIRS, PARTS) == []


@pytest.mark.parametrize(
    ("corpus", "fault"),
    [
        (
            replace(PAIRS, name="pair"),
            'its name is "pair"; it must be that of its module, in lower-case letters, digits and "_"',
        ),
        (
            replace(PAIRS, license=License("CC-BY-4", "Attribution", "https://example.org/")),
            'its license "CC-BY-4" is not one of builders/licenses.py',
        ),
        (
            replace(PAIRS, license=replace(CC_BY_4, commercial=False)),
            'its license "CC-BY-4.0" is not one of builders/licenses.py',
        ),
        (
            replace(PAIRS, tasks=(replace(PAIRS.tasks[0], files=("pairs.tsv", "pair.tsv")),)),
            'the config "translation-pairs" is made from "pair.tsv", which is no file of it',
        ),
        (
            replace(PAIRS, columns={"japanese": "jp", "english": "en"}),
            'its column "japanese" is of the kind "jp"; a kind begins with ja, en, any',
        ),
        (
            replace(PAIRS, tasks=(Task("Pairs_1", translation()),)),
            'the config "Pairs_1" may have lower-case letters, digits and single "-" between them only',
        ),
        (
            with_template("ja:en", JA_TO_EN, "{japanese}", "{english}"),
            'the template "ja:en" may have lower-case letters, digits and single "-" between them only',
        ),
        (
            with_template("ja-en", JA_TO_EN, "{japanes}", "{english}"),
            'the template "ja-en" names the column "japanes"; there are: japanese, english',
        ),
        (
            with_template("ja-en", JA_TO_EN, "{japanese", "{english}"),
            "the template \"ja-en\" has a pattern that is no pattern: expected '}' before end of string",
        ),
        (
            replace(PAIRS, tasks=(Task("a", translation()), Task("b", translation()[:1]))),
            'two templates have the name "ja-en"',
        ),
        (
            with_template(
                "title", TITLE_FROM_ABSTRACT, "{title}", "", columns={"title": "ja title", "abstract": "ja abstract"}
            ),
            'the input of the template "title" holds ja title, but its instruction asks for abstract: '
            "次の論文の要旨からタイトルを作成してください。",
        ),
        (
            with_template("asked", ABOUT_TOPIC, "", "{question}", columns={"topic": "ja", "question": "ja question"}),
            'the output of the template "asked" holds the question: is it swapped with another?',
        ),
        (
            with_template("asked", "{answer}", "", "{it}", columns={"it": "ja", "answer": "any answer"}),
            'the instruction of the template "asked" holds the answer: is it swapped with another?',
        ),
    ],
    ids=[
        "name of another module",
        "unknown license",
        "license of one's own",
        "file of another corpus",
        "no language",
        "config with odd characters",
        "template with a colon",
        "misspelt column",
        "open brace",
        "template twice",
        "another kind",
        "question as the output",
        "answer as the instruction",
    ],
)
def test_a_fault_of_a_module_is_named(corpus, fault):
    assert f"builders/corpora/pairs.py: {fault}" in faults({"pairs": corpus}, catalogue.GROUP_NAMES)


def test_swapped_input_and_output_are_named_once_each():
    swapped = with_template("ja-en", JA_TO_EN, "{english}", "{japanese}")
    assert faults({"pairs": swapped}, ()) == [
        'builders/corpora/pairs.py: the input of the template "ja-en" holds en, but its instruction asks for ja: '
        "次の日本語を英語に翻訳してください。",
        'builders/corpora/pairs.py: the output of the template "ja-en" holds ja, but its instruction asks for en: '
        "次の日本語を英語に翻訳してください。",
    ]


def test_two_columns_do_not_pass_for_the_last_of_them():
    both = with_template("ja-en", JA_TO_EN, "{japanese}", "{japanese}{english}")
    assert faults({"pairs": both}, ()) == [
        'builders/corpora/pairs.py: the output of the template "ja-en" holds ja, en, '
        "but its instruction asks for en: 次の日本語を英語に翻訳してください。"
    ]


def test_configs_that_two_tasks_or_a_group_have():
    other = replace(PAIRS, name="other", tasks=(Task("translation-pairs", translation()), Task("all", translation())))
    assert faults({"pairs": PAIRS, "other": replace(other, tasks=other.tasks[:1])}, ()) == [
        'two tasks have the config "translation-pairs"'
    ]
    found = faults({"other": replace(other, tasks=other.tasks[1:])}, catalogue.GROUP_NAMES)
    assert found == ['the config "all" has the name of a group']


@pytest.mark.parametrize("content", ["", "CORPUS = 'pairs'\n"], ids=["nothing", "another type"])
def test_a_module_without_a_corpus_is_named(monkeypatch, tmp_path, content):
    (tmp_path / "made_up.py").write_text(content)
    monkeypatch.setattr(corpora, "__path__", [*corpora.__path__, str(tmp_path)])
    try:
        with pytest.raises(BuildError) as error:
            catalogue.load_corpora(["aio", "made_up"])
    finally:
        sys.modules.pop("builders.corpora.made_up", None)
    assert str(error.value) == (
        "builders/corpora/made_up.py: defines no CORPUS of the type builders.corpus.Corpus\n"
        "Next step: Mend the modules named above; `python -m builders new` writes one that fits."
    )


def rejected_for(reason: str, count: int) -> tuple[RejectedRow, ...]:
    return tuple(RejectedRow(f"pairs.tsv line {line}", reason, "") for line in range(count))


def read_with_one_key(part: Part) -> Iterator[Rows]:
    """As `to_rows` reads a list whose key is the same in all objects: one row, and 22 rejected."""
    placed = [(f"record {number}", {"japanese": text}) for number, text in enumerate(JAPANESE, 1)]
    row = {"english": "This is it.", KEY: "1"}
    return to_rows(placed, "pairs.json", [*PAIRS.columns, KEY], lambda record: [{**record, **row}])


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (
            {"read": reading(rows_of(japanese=JAPANESE, english=ENGLISH, key=["1"] * 23))},
            '23 rows of the type "rows" have the key "1": a key names one row',
        ),
        (
            {"read": read_with_one_key},
            '22 of 23 rows of the type "rows" are rejected because an earlier record has the same id: '
            "the key does not tell rows apart",
        ),
        (
            {"read": reading(rows_of(rejected_for("empty english", 3), japanese=["一"], english=["One."], key=["1"]))},
            '3 of 4 rows of the type "rows" are rejected, 3 of them for "empty english": '
            "a sample is for rows that can be used",
        ),
        (
            {"read": reading(rows_of(japanese=ENGLISH, english=JAPANESE, key=keys()))},
            'the column "japanese" is declared as "ja", but 0 of its 23 texts have Japanese characters: '
            "is it swapped with another?",
        ),
        (
            {"read": reading(rows_of(japanese=JAPANESE, english=JAPANESE[:5] + ENGLISH[5:], key=keys()))},
            'the column "english" is declared as "en", but 5 of its 23 texts have Japanese characters: '
            "is it swapped with another?",
        ),
        (
            {"read": reading(rows_of(japanese=JAPANESE, english=ENGLISH, note=ENGLISH, key=keys()))},
            'read gives the column "note", which Corpus.columns does not declare',
        ),
        (
            {"columns": {**PAIRS.columns, "note": "any"}},
            'Corpus.columns declares the column "note", which read does not give; it gives: japanese, english',
        ),
        (
            {"read": reading(rows_of(japanese=JAPANESE, english_text=ENGLISH, key=keys()))},
            'the template "ja-en" names the column "english"; rows of the type "rows" have: japanese, english_text',
        ),
        (
            {"tasks": (Task("translation-pairs", translation(record_type="pair")),)},
            'the template "ja-en" is made from rows of the type "pair"; the types that read gives are: rows',
        ),
    ],
    ids=[
        "one key",
        "rows rejected for their key",
        "most rows rejected",
        "columns swapped",
        "some rows swapped",
        "column not declared",
        "column not given",
        "column of another name",
        "type not given",
    ],
)
def test_a_fault_that_the_samples_show_is_named(change, fault):
    assert f"pairs: {fault}" in sample_faults(replace(PAIRS, **change), PARTS)


def test_a_few_rows_for_show_are_no_fault():
    rejected = rejected_for("an earlier record has the same id", 2) + rejected_for("empty english", 9)
    rows = rows_of(rejected, japanese=["null", *JAPANESE[1:]], english=["「silence」", *ENGLISH[1:]], key=keys())
    assert sample_faults(replace(PAIRS, read=reading(rows)), PARTS) == []


def test_the_real_corpora_are_sound():
    assert faults(catalogue.CORPORA, catalogue.GROUP_NAMES) == []
    assert Path(corpora.__path__[0]).is_dir() and len(catalogue.CORPORA) > 1
