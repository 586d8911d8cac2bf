"""Files whose layout is right and whose content is anything: hypothesis makes them, corpora read them."""

from __future__ import annotations

import bz2
import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from builders.catalogue import CORPORA
from builders.corpora import jqac, jwtd
from samples import dumps
from tests.fuzz.cases import OUTCOMES, outcome_of, sample_files
from tests.fuzz.containers import tarred

some = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
LEAVES = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | TEXT
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3), max_leaves=8
)
CELL = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["", " ", "A: ", "#ID=1", "0", "\r"]
)
ROWS = st.lists(st.lists(CELL, max_size=5), max_size=12)
MARKS = st.sampled_from(
    [
        "[[",
        "]]",
        "{{",
        "}}",
        "|",
        "{|",
        "|}",
        "<ref>",
        "</ref>",
        "<!--",
        "-->",
        "==",
        "'''",
        "\n",
        "《",
        "》",
        "｜",
        "［＃",
        "］",
        "※",
    ]
)
MARKUP = st.lists(MARKS | TEXT, max_size=30).map("".join)
JSON_CORPORA = [name for name in CORPORA if sample_files(CORPORA[name])[0].suffix in (".json", ".jsonl")]
LINES = ("aio", "jcommonsenseqa")
"""Corpora of JSON Lines, whatever their files are called."""


def read(name: str, folder: Path, **contents: bytes) -> None:
    """Reads the samples of a corpus with some files' content put in their place, by a word of their names."""
    files = {path.name: path for path in sample_files(CORPORA[name])}
    for word, content in contents.items():
        [file] = [file for file in files if word in file]
        files[file] = folder / file
        files[file].write_bytes(content)
    assert outcome_of(CORPORA[name], files) in OUTCOMES


def tab_separated(rows: list[list[str]]) -> bytes:
    return "\n".join("\t".join(row) for row in rows).encode()


def zipped(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


def replaced(value: object, new: object, place: int) -> object:
    """A JSON value of which the inner value number `place` (counted from the outside) is another one."""
    left = place

    def walk(inner: object) -> object:
        nonlocal left
        left -= 1
        if left == -1:
            return new
        if isinstance(inner, dict):
            return {key: walk(element) for key, element in inner.items()}
        if isinstance(inner, list):
            return [walk(element) for element in inner]
        return inner

    return walk(value)


def with_another_value(document: bytes, new: object, place: int) -> bytes:
    """JSON with an inner value replaced; samples have lines that are none, which stay."""
    try:
        return orjson.dumps(replaced(orjson.loads(document), new, place))
    except orjson.JSONDecodeError:
        return document


@pytest.mark.parametrize("name", JSON_CORPORA)
@some
@given(new=JSON, place=st.integers(0, 60))
def test_json_with_any_value_anywhere(name, new, place, tmp_path_factory):
    path = sample_files(CORPORA[name])[0]
    raw = path.read_bytes()
    documents = raw.splitlines() if name in LINES else [raw]
    content = b"\n".join(with_another_value(document, new, place) for document in documents)
    folder = tmp_path_factory.getbasetemp()
    files = {other.name: other for other in sample_files(CORPORA[name])} | {path.name: folder / path.name}
    files[path.name].write_bytes(content)
    assert outcome_of(CORPORA[name], files) in OUTCOMES


TABLES: dict[str, Callable[[Path, bytes], None]] = {
    "tab_delimited": lambda folder, table: read("tab_delimited", folder, jpn=zipped({"jpn.txt": table})),
    "jesc": lambda folder, table: read("jesc", folder, raw=gzip.compress(tarred({"raw/raw": table}))),
    "tanaka": lambda folder, table: read("tanaka", folder, examples=gzip.compress(table)),
    "wordnet definitions": lambda folder, table: read("wordnet", folder, **{"-def": gzip.compress(table)}),
    "wordnet words": lambda folder, table: read("wordnet", folder, **{"-ok": gzip.compress(table)}),
    "alt": lambda folder, table: read(
        "alt", folder, ALT=zipped({f"ALT-Parallel-Corpus-20191206/data_{side}.txt": table for side in ("en", "ja")})
    ),
    "coursera": lambda folder, table: read(
        "coursera",
        folder,
        Coursera=zipped(
            {f"Coursera_En-Ja/{split}.{side}.txt": table for split in ("train", "dev", "test") for side in ("en", "ja")}
        ),
    ),
}


@pytest.mark.parametrize("table", TABLES)
@some
@given(rows=ROWS)
def test_tables_of_any_cells(table, rows, tmp_path_factory):
    TABLES[table](tmp_path_factory.getbasetemp(), tab_separated(rows))


@some
@given(
    rows=st.lists(
        st.lists(LEAVES.filter(lambda cell: not isinstance(cell, str)) | st.just("日本"), max_size=5), max_size=6
    )
)
def test_sheets_of_any_cells(rows, tmp_path_factory):
    book = Workbook()
    book.active.append(["ID", "#日本語(原文)", "#英語(原文)", "#やさしい日本語"])
    for row in rows:
        book.active.append(row)
    saved = io.BytesIO()
    book.save(saved)
    read("easy_japanese", tmp_path_factory.getbasetemp(), T15=saved.getvalue())


@pytest.mark.parametrize("name", ["wikipedia", "wikinews"])
@some
@given(texts=st.lists(MARKUP, min_size=1, max_size=4), title=TEXT)
def test_pages_of_any_markup(name, texts, title, tmp_path_factory):
    content = dumps.plain([dumps.Page(title, text) for text in texts])
    folder = tmp_path_factory.getbasetemp()
    path = sample_files(CORPORA[name])[0]
    (folder / path.name).write_bytes(content)
    assert outcome_of(CORPORA[name], {path.name: folder / path.name}) in OUTCOMES


@some
@given(works=st.lists(MARKUP, min_size=1, max_size=4))
def test_works_of_any_markup(works, tmp_path_factory):
    members = {
        f"AozoraTxt/person_utf8/00000{n}/{n}_ruby_{n}.txt": f"題\n著者\n\n{work}" for n, work in enumerate(works)
    }
    packed = zipped({name: text.encode() for name, text in members.items()})
    read("aozora", tmp_path_factory.getbasetemp(), Aozora=packed)


XML = st.lists(
    st.sampled_from(["<i>", "</i>", "<sub/>", "&amp;", "&x;", "<!--", "-->", "<AbstractText>", "</AbstractText>"])
    | st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="<&"), max_size=20),
    max_size=6,
).map("".join)


@some
@given(
    title=XML,
    abstract=st.lists(XML, max_size=3),
    translations=st.lists(st.binary(max_size=8) | TEXT.map(str.encode), min_size=3, max_size=3),
)
def test_articles_of_any_xml_with_translations_of_any_bytes(title, abstract, translations, tmp_path_factory):
    parts = "".join(f"<AbstractText>{part}</AbstractText>" for part in abstract)
    xml = f"<PubmedArticle><Article><ArticleTitle>{title}</ArticleTitle><Abstract>{parts}</Abstract></Article></PubmedArticle>"
    folder = "ParaNatCom-20201127"
    members = {f"{folder}/articles/a": xml.encode(), f"{folder}/articles/b": ARTICLE}
    for number, translation in enumerate(translations, 1):
        members |= {f"{folder}/abstracts-ja-{number}/{article}": translation for article in "ab"}
    read("paranatcom", tmp_path_factory.getbasetemp(), ParaNatCom=zipped(members))


ARTICLE = b"<Article><ArticleTitle>T</ArticleTitle><Abstract><AbstractText>A</AbstractText></Abstract></Article>"
"""One that can be read, so that its translations are."""

QUOTED = CELL.map(lambda cell: '"{}"'.format(cell.replace('"', '""'))) | st.sampled_from(['"a,\n"', "a", '"a"b', 'a"'])
QUOTED_ROWS = st.lists(st.lists(QUOTED, min_size=2, max_size=4).map(",".join), max_size=8)


@some
@given(
    tables=st.lists(QUOTED_ROWS, min_size=1, max_size=2),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
    tail=st.sampled_from(["", "", '"a']),
)
def test_questions_of_any_cells(tables, line_end, tail, tmp_path_factory):
    header = ",".join(f'"{name}"' for name in jqac.HEADER.values())
    texts = ("\n".join([header, line_end.join(table)]) + tail for table in tables)
    members = {f"jqac/{number}.csv": text.encode() for number, text in enumerate(texts)}
    read("jqac", tmp_path_factory.getbasetemp(), jqac=gzip.compress(tarred(members)))


CORRECTION = {"page": 1, "pre_rev": "2", "post_rev": 3, "pre_text": "灯台はは高い。", "post_text": "灯台は高い。"}
DIFFERENCES = st.lists(st.fixed_dictionaries({"category": JSON | st.just(jwtd.NO_TYPO)}), max_size=2)


@some
@given(
    changes=st.lists(
        st.fixed_dictionaries({}, optional={"diffs": DIFFERENCES | JSON, "pre_text": TEXT})
        | st.dictionaries(st.sampled_from([*CORRECTION, "diffs"]), JSON, max_size=1),
        max_size=6,
    )
)
def test_corrections_of_any_values(changes, tmp_path_factory):
    table = b"".join(orjson.dumps(CORRECTION | change) + b"\n" for change in changes)
    read("jwtd", tmp_path_factory.getbasetemp(), jwtd=gzip.compress(tarred(dict.fromkeys(jwtd.MEMBERS, table))))


@some
@given(
    texts=st.lists(MARKUP, min_size=1, max_size=6),
    per_stream=st.integers(1, 3),
    offsets=st.dictionaries(st.integers(0, 6), st.integers(-1, 2**70) | CELL, max_size=2),
)
def test_a_multistream_dump_with_any_index(texts, per_stream, offsets, tmp_path_factory):
    pages = [dumps.Page(f"題{number}", text) for number, text in enumerate(texts)]
    dump, index = dumps.multistream(pages, per_stream)
    lines = bz2.decompress(index).decode().splitlines()
    for number, offset in offsets.items():
        lines[number:number] = [f"{offset}:1:題"]
    content = bz2.compress("\n".join(lines).encode())
    read("wikipedia", tmp_path_factory.getbasetemp(), **{"multistream.xml": dump, "index": content})
