"""Blocks of whole lines, however the stream comes."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.errors import FormatError
from builders.formats import blocks
from builders.formats.blocks import line_blocks

LINES = st.lists(st.binary(max_size=12).filter(lambda line: b"\n" not in line), max_size=30)


@given(lines=LINES, block=st.integers(1, 40), mark=st.booleans(), closed=st.booleans())
def test_blocks_are_whole_lines_with_the_number_of_the_first(lines, block, mark, closed):
    text = b"\n".join([b"first", *lines]) + b"\n" * closed
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK", block)
        found = list(line_blocks(io.BytesIO(b"\xef\xbb\xbf" * mark + text), "a.txt"))
    assert b"".join(lines for _, lines in found) == (text if text.endswith(b"\n") else text + b"\n")
    before = 0
    for first, lines in found:
        assert first == before + 1 and lines.endswith(b"\n")
        before += lines.count(b"\n")


def test_an_empty_stream_has_no_blocks():
    assert list(line_blocks(io.BytesIO(b""), "a.txt")) == []
    assert list(line_blocks(io.BytesIO(b"\xef\xbb\xbf"), "a.txt")) == []


def test_a_line_without_end_is_an_error_before_it_is_in_memory(monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK", 1000)
    monkeypatch.setattr(blocks, "LONGEST", 5000)
    stream = io.BytesIO(b"one\ntwo\n" + b"x" * 100_000)
    with pytest.raises(FormatError) as error:
        list(line_blocks(stream, "a.txt"))
    assert str(error.value) == "a.txt, line 3: longer than 0 MiB, or not text"
    assert stream.tell() < 7000
