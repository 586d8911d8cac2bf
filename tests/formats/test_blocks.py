"""Blocks of whole lines, however the stream comes."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.errors import FormatError
from builders.formats import blocks
from builders.formats.blocks import Held, line_blocks

LINES = st.lists(st.binary(max_size=12).filter(lambda line: b"\n" not in line), max_size=30)


@given(lines=LINES, block=st.integers(1, 40), most=st.integers(1, 4), mark=st.booleans(), closed=st.booleans())
def test_blocks_are_whole_lines_with_the_number_of_the_first(lines, block, most, mark, closed):
    text = b"\n".join([b"first", *lines]) + b"\n" * closed
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK", block)
        patch.setattr(blocks, "MOST_LINES", most)
        found = list(line_blocks(io.BytesIO(b"\xef\xbb\xbf" * mark + text), "a.txt"))
    assert b"".join(lines for _, lines in found) == (text if text.endswith(b"\n") else text + b"\n")
    before = 0
    for first, lines in found:
        assert first == before + 1 and lines.endswith(b"\n") and lines.count(b"\n") <= most
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


@pytest.mark.parametrize(
    ("text", "fits"), [(b"a\n" * 5, True), (b"a\n" * 6, False), (b"a" * 12, True), (b"a" * 13, False)]
)
def test_a_text_that_is_held_has_so_many_bytes_and_lines_at_most(monkeypatch, text, fits):
    monkeypatch.setattr(blocks, "LINES_HELD", 5)
    held = Held(io.BytesIO(text), "a.txt", largest=12)
    if fits:
        assert b"".join(iter(lambda: held.read(4), b"")) == text
        return
    with pytest.raises(FormatError) as error:
        list(line_blocks(held, "a.txt"))
    assert str(error.value) == "a.txt: more than 0 MiB or 5 lines: too large to be held in memory"
