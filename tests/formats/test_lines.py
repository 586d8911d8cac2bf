"""Lines are what `\\n` and `\\r\\n` make of a text, and nothing else."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.errors import FormatError
from builders.formats import blocks, lines


def read(data: bytes) -> list[str]:
    return [line for array in lines.read_lines(io.BytesIO(data), "a.txt") for line in array.to_pylist()]


def test_only_line_feeds_end_a_line():
    text = "一\r\n二\r三\u2028四\x0b五\n\n六"
    assert read(text.encode()) == ["一", "二\r三\u2028四\x0b五", "", "六"]


def test_a_byte_order_mark_is_no_text():
    assert read("\ufeff一\n二\n".encode()) == ["一", "二"]


def test_an_empty_file_has_no_lines():
    assert read(b"") == []


def test_blocks_do_not_cut_lines(monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK", 5)
    assert read("日本語\n二行目です\n終".encode()) == ["日本語", "二行目です", "終"]


@pytest.mark.parametrize("block", [1, 7, 8 << 20])
@given(texts=st.lists(st.text(st.characters(exclude_characters="\n\r\ufeff", codec="utf-8")), min_size=1))
def test_lines_come_back_as_they_were_written(block, texts):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK", block)
        assert read("".join(f"{text}\n" for text in texts).encode()) == texts


def test_another_encoding_is_named_with_its_line():
    with pytest.raises(FormatError) as error:
        read(b"one\ntwo\n" + "三行目\n".encode("shift_jis"))
    assert str(error.value) == (
        "a.txt, line 3: not UTF-8 (byte 0x8E at position 1); the file has another encoding or is damaged"
    )
