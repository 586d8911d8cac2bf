"""JSON lists and JSON Lines: what is read, what is a reject, what is an error, with the exact words."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.errors import FormatError
from builders.formats import json_records
from builders.formats.json_records import UnusableRecord, filled, nested, read_lines, read_list, text, texts, to_rows

orjson_dumps = orjson.dumps
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
OBJECTS = st.lists(st.fixed_dictionaries({"key": TEXT, "text": TEXT}), min_size=1, unique_by=lambda row: row["key"])


def written(directory: Path, content: str | bytes) -> Path:
    path = directory / "raw.json"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def row(record):
    return [{"key": text(record, "key"), "text": text(record, "text")}]


def all_rows(placed):
    steps = list(to_rows(placed, "raw.json", ["key", "text"], row))
    return [r for step in steps for r in step.batch.to_pylist()], [r for step in steps for r in step.rejected]


@given(objects=OBJECTS, indented=st.booleans(), mark=st.booleans())
def test_a_list_is_read_back(tmp_path_factory, objects, indented, mark):
    content = orjson.dumps(objects, option=orjson.OPT_INDENT_2 if indented else None)
    path = written(tmp_path_factory.getbasetemp(), b"\xef\xbb\xbf" * mark + content)
    assert all_rows(read_list(path)) == (objects, [])


@given(objects=OBJECTS, end=st.sampled_from([b"\n", b"\r\n"]), mark=st.booleans(), closed=st.booleans())
def test_lines_are_read_back(tmp_path_factory, objects, end, mark, closed):
    content = end.join(map(orjson.dumps, objects)) + end * closed
    path = written(tmp_path_factory.getbasetemp(), b"\xef\xbb\xbf" * mark + content)
    assert all_rows(read_lines(path)) == (objects, [])


@given(objects=OBJECTS, data=st.data())
def test_a_list_cut_anywhere_is_an_error(tmp_path_factory, objects, data):
    content = orjson.dumps(objects)
    path = written(tmp_path_factory.getbasetemp(), content[: data.draw(st.integers(0, len(content) - 1))])
    with pytest.raises(FormatError):
        list(read_list(path))


@given(objects=OBJECTS, data=st.data())
def test_lines_cut_inside_a_line_are_an_error(tmp_path_factory, objects, data):
    *whole, last = map(orjson.dumps, objects)
    content = b"".join(line + b"\n" for line in whole) + last[: data.draw(st.integers(1, len(last) - 1))]
    with pytest.raises(FormatError):
        list(read_lines(written(tmp_path_factory.getbasetemp(), content)))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            '[\n {"key": "1"},\n {"key": "2"',
            "raw.json, line 3, column 13: not valid JSON (unexpected end of data); the file is cut short or damaged",
        ),
        ("", "raw.json: the file is empty"),
        ('{"key": "1"}', "raw.json: not a JSON list but an object"),
        ("null", "raw.json: not a JSON list but null"),
        (
            '[{"key": "雨"}]'.encode("shift_jis"),
            "raw.json, line 1: not UTF-8 (byte 0x89 at position 11); the file has another encoding or is damaged",
        ),
        (
            "\ufeff[]".encode("utf-16-le"),
            "raw.json, line 1: not UTF-8 (byte 0xFF at position 1); the file has another encoding or is damaged",
        ),
        (
            b'[\n{"key": "1"},\n{"key": "\xff"}]',
            "raw.json, line 3: not UTF-8 (byte 0xFF at position 10); the file has another encoding or is damaged",
        ),
    ],
    ids=["cut", "empty", "object", "null", "Shift_JIS", "UTF-16", "one bad byte"],
)
def test_a_file_that_is_no_json_list(tmp_path, content, message):
    with pytest.raises(FormatError) as error:
        list(read_list(written(tmp_path, content)))
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"data": []}', 'raw.json: not the expected document: no field "data.articles"'),
        ("[]", 'raw.json: not the expected document: no field "data"'),
        ('{"data": {"articles": 3}}', 'raw.json, field "data.articles": not a JSON list but a number'),
    ],
)
def test_a_list_that_is_not_where_it_should_be(tmp_path, content, message):
    with pytest.raises(FormatError) as error:
        list(read_list(written(tmp_path, content), at=("data", "articles")))
    assert str(error.value) == message


def test_a_name_of_a_field_that_is_not_utf_8(tmp_path):
    content = b'{"version": "1",\n"\x93": 0, "data": {"articles": []}}'
    with pytest.raises(FormatError) as error:
        list(read_list(written(tmp_path, content), at=("data", "articles")))
    assert str(error.value) == (
        "raw.json, line 2: not UTF-8 (byte 0x93 at position 2); the file has another encoding or is damaged"
    )


def test_a_list_inside_a_document(tmp_path):
    path = written(tmp_path, '{"data": {"articles": ["a", "b"]}}')
    assert list(read_list(path, at=("data", "articles"))) == [("record 1", "a"), ("record 2", "b")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            '{"key": "1", "text": ""}\n{"key": "2", "te',
            "raw.json, line 2: not valid JSON (unexpected end of data); the file is cut short or damaged",
        ),
        (
            "<html>\n<title>Not Found</title>\n</html>\n",
            "raw.json, line 1: not valid JSON (unexpected character, expected a JSON value); "
            "the file is cut short or damaged",
        ),
        ("\n\n", "raw.json: the file is empty"),
        (
            '{"key": "1"}\n{"key": "雨"}\n'.encode("euc-jp"),
            "raw.json, line 2: not UTF-8 (byte 0xB1 at position 10); the file has another encoding or is damaged",
        ),
    ],
    ids=["cut", "web page", "empty", "EUC-JP"],
)
def test_a_file_that_is_no_json_lines(tmp_path, content, message):
    with pytest.raises(FormatError) as error:
        list(read_lines(written(tmp_path, content)))
    assert str(error.value) == message


def test_bad_lines_and_records_are_rejects_that_name_their_place(tmp_path):
    lines = [
        '{"key": "1", "text": "一"}',
        "",
        '{"key": "2", "text": "二',
        '{"key": "3"}',
        '{"key": "4", "text": null}',
        '{"key": "5", "text": ["五"]}',
        '["6", "六"]',
        '{"key": "1", "text": "七"}',
        '{"key": 8, "text": "八"}',
    ]
    rows, rejected = all_rows(read_lines(written(tmp_path, "\n".join(lines) + "\n")))
    assert rows == [{"key": "1", "text": "一"}, {"key": "8", "text": "八"}]
    assert [(reject.place, reject.reason) for reject in rejected] == [
        ("raw.json line 3", "not a JSON object"),
        ("raw.json line 4", 'field "text" is missing'),
        ("raw.json line 5", 'field "text" is null, not text'),
        ("raw.json line 6", 'field "text" is a list, not text'),
        ("raw.json line 7", "not a JSON object"),
        ("raw.json line 8", "an earlier record has the same id"),
    ]
    assert rejected[0].raw == '{"key": "2", "text": "二'
    assert rejected[4].raw == '["6","六"]'


def test_a_reject_keeps_the_beginning_of_a_long_record():
    _, [reject] = all_rows([("record 1", "あ" * 1_000)])
    assert reject.raw == "あ" * json_records.RAW + "…"


def test_a_text_that_many_objects_share_is_not_written_for_each_rejected_row(monkeypatch):
    written = []
    monkeypatch.setattr(json_records.orjson, "dumps", lambda value: written.append(orjson_dumps(value)) or written[-1])
    shared = "長い" * 10_000
    _, rejected = all_rows([(f"record {number}", {"context": shared, "number": number}) for number in range(100)])
    assert {reject.raw for reject in rejected} == {f'{{"context":"{shared}'[: json_records.RAW] + "…"}
    assert sum(map(len, written)) < 100 * 1000


def test_batches_are_bounded_by_their_text_too(monkeypatch):
    monkeypatch.setattr(json_records, "CHARACTERS", 25)
    placed = [(f"record {number}", {"key": str(number), "text": "x" * 10}) for number in range(6)]
    steps = list(to_rows(placed, "raw.json", ["key", "text"], row))
    assert [step.batch.num_rows for step in steps] == [3, 3]


def test_batches_are_bounded(monkeypatch):
    monkeypatch.setattr(json_records, "BATCH", 3)
    placed = [(f"record {n}", {"key": str(n), "text": ""} if n != 5 else 5) for n in range(1, 9)]
    steps = list(to_rows(placed, "raw.json", ["key", "text"], row))
    assert [(step.batch.num_rows, len(step.rejected)) for step in steps] == [(3, 0), (2, 1), (2, 0)]


@pytest.mark.parametrize(
    ("take", "value", "reason"),
    [
        (text, True, 'field "f" is true or false, not text'),
        (text, 1.5, 'field "f" is a number, not text'),
        (filled, "\u3000\n", 'field "f" is empty'),
        (texts, "一", 'field "f" is not a list of texts'),
        (texts, ["一", None], 'field "f" is not a list of texts'),
        (nested, "一", 'field "f" is text, not an object'),
    ],
)
def test_why_a_field_cannot_be_used(take, value, reason):
    with pytest.raises(UnusableRecord) as error:
        take({"f": value}, "f")
    assert str(error.value) == reason
