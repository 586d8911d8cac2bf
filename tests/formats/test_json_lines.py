"""Typed JSON Lines as a stream: lines come back as objects, others are rejected with their line, a cut file is an error."""

from __future__ import annotations

import io
import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.errors import FormatError
from builders.formats import blocks
from builders.formats.json_lines import read_typed_lines

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


class Line(msgspec.Struct):
    text: str
    number: int = 0


def all_lines(content: bytes):
    steps = list(read_typed_lines(io.BytesIO(content), "a.jsonl", Line))
    read = [(number, line.text) for step in steps for number, line in zip(step.numbers, step.values, strict=True)]
    return read, [(row.place, row.reason, row.raw) for step in steps for row in step.rejected]


@settings(deadline=None)
@given(
    texts=st.lists(TEXT, min_size=1, max_size=8),
    end=st.sampled_from([b"\n", b"\r\n"]),
    mark=st.booleans(),
    closed=st.booleans(),
)
def test_lines_are_read_back_and_other_fields_left_out(texts, end, mark, closed):
    lines = [json.dumps({"other": [{}], "text": text}).encode() for text in texts]
    content = b"\xef\xbb\xbf" * mark + end.join(lines) + end * closed
    assert all_lines(content) == (list(enumerate(texts, 1)), [])


@pytest.mark.parametrize("size", [1, 20, 10_000])
def test_lines_that_do_not_fit_are_rejected_with_their_line(monkeypatch, size):
    monkeypatch.setattr(blocks, "BLOCK", size)
    content = '{"text": "一"}\n\n{"text": 2}\n{"number": 1}\n["三"]\n{"text": "cut\n{"text": "六"}\n'
    read, rejected = all_lines(content.encode())
    assert read == [(1, "一"), (7, "六")]
    assert rejected == [
        ("a.jsonl line 3", "Expected `str`, got `int` - at `$.text`", '{"text": 2}'),
        ("a.jsonl line 4", "Object missing required field `text`", '{"number": 1}'),
        ("a.jsonl line 5", "Expected `object`, got `array`", '["三"]'),
        ("a.jsonl line 6", "not valid JSON", '{"text": "cut'),
    ]


def test_a_line_that_is_nested_too_deep_is_rejected():
    deep = '{"other": %s, "text": "一"}' % ("[" * 100_000 + "]" * 100_000)
    read, [rejected] = all_lines(f'{{"text": "一"}}\n{deep}\n{{"text": "二"}}\n'.encode())
    assert read == [(1, "一"), (3, "二")]
    assert rejected[:2] == ("a.jsonl line 2", "nested too deep")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "a.jsonl: empty"),
        (
            b"<html>\n</html>\n",
            "a.jsonl, line 1: not valid JSON (JSON is malformed); the file is cut short or damaged",
        ),
        (
            b'{"text": "a"}\n{"text": "b',
            "a.jsonl, line 2: not valid JSON (JSON is malformed); the file is cut short or damaged",
        ),
        (
            b'{"text": "a"}\n{"text": "\x93\xfa"}\n',
            "a.jsonl, line 2: not UTF-8 (byte 0x93 at position 11); the file has another encoding or is damaged",
        ),
        (
            b'{"text": "a"}\n{"text": "b", "other": {"\x93": 1}}\n',
            "a.jsonl, line 2: not UTF-8 (byte 0x93 at position 26); the file has another encoding or is damaged",
        ),
        (b'{"text": "a"}\n' + b" " * (9 << 20), "a.jsonl, line 2: longer than 8 MiB, or not text"),
    ],
    ids=["empty", "another format", "cut", "encoding", "encoding of a field that is not read", "no lines"],
)
def test_a_bad_file_is_an_error_that_names_the_line(content, message):
    with pytest.raises(FormatError) as error:
        all_lines(content)
    assert str(error.value) == message


def test_each_line_is_decoded_twice_at_most(monkeypatch):
    decoded = []
    real = msgspec.json.Decoder

    class Decoder:
        def __init__(self, line_type: type):
            self.decoder = real(line_type)

        def decode(self, line: bytes):
            decoded.append(line)
            return self.decoder.decode(line)

    monkeypatch.setattr(msgspec.json, "Decoder", Decoder)
    bad = 30_000
    _, rejected = all_lines(b'{"text": "a"}\n' + b"[]\n" * bad)
    assert len(rejected) == bad
    assert len(decoded) <= 2 * (bad + 1)
