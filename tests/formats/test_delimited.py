"""Tab-separated text without quoting: every character is text, every row is a row or a reject."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.errors import FormatError
from builders.formats import blocks, delimited


def read(data: bytes, columns=("english", "japanese"), optional=()):
    rows, rejected = [], []
    for step in delimited.read_delimited(io.BytesIO(data), "a.txt", columns, optional):
        rows += step.batch.to_pylist()
        rejected += step.rejected
    return rows, rejected


def test_quotes_are_characters_and_words_are_words():
    rows, rejected = read('"Wait.\t「待って\nnull\tヌル\nNA\t"\n#N/A\tnan\n'.encode())
    cells = [(row["english"], row["japanese"]) for row in rows]
    assert cells == [('"Wait.', "「待って"), ("null", "ヌル"), ("NA", '"'), ("#N/A", "nan")]
    assert rejected == []


def test_byte_order_mark_and_both_line_ends():
    rows, _ = read("\ufeffa\t一\r\nb\t二\n".encode())
    assert [(row["english"], row["japanese"], row["line"]) for row in rows] == [("a", "一", 1), ("b", "二", 2)]


def test_a_lone_carriage_return_becomes_a_space_and_ends_no_row():
    rows, rejected = read("gre\ren\t緑\nb\t二\r\n".encode())
    assert [(row["english"], row["japanese"]) for row in rows] == [("gre en", "緑"), ("b", "二")]
    assert rejected == []


def test_rows_with_other_columns_are_rejects_with_their_line():
    rows, rejected = read("a\t一\nonly one\nb\t二\tthree\nc\t三\n".encode())
    assert [row["line"] for row in rows] == [1, 4]
    assert [(reject.place, reject.reason, reject.raw) for reject in rejected] == [
        ("a.txt line 2", "1 columns instead of 2", "only one"),
        ("a.txt line 3", "3 columns instead of 2", "b\t二\tthree"),
    ]


def test_a_file_of_nothing_but_bad_rows_still_gives_its_rejected():
    rows, rejected = read(b"one\ntwo\n")
    assert rows == [] and [reject.raw for reject in rejected] == ["one", "two"]


def test_the_first_row_decides_on_optional_columns():
    rows, _ = read("a\t一\tby someone\n".encode(), optional=("attribution",))
    assert rows[0]["attribution"] == "by someone"
    rows, rejected = read("a\t一\nb\t二\tby someone\n".encode(), optional=("attribution",))
    assert "attribution" not in rows[0] and [reject.place for reject in rejected] == ["a.txt line 2"]


def test_an_empty_file_is_an_error():
    with pytest.raises(FormatError) as error:
        read(b"")
    assert str(error.value) == "a.txt: empty"


def test_another_encoding_is_named_with_its_line():
    with pytest.raises(FormatError) as error:
        read(b"a\tb\n" + "c\t漢字\n".encode("euc_jp"))
    assert str(error.value) == (
        "a.txt, line 2: not UTF-8 (byte 0xB4 at position 3); the file has another encoding or is damaged"
    )


def test_another_encoding_in_a_row_to_reject_is_no_lost_row():
    with pytest.raises(FormatError, match=r"a\.txt, line 2: not UTF-8 \(byte 0xFF at position 4\)"):
        read(b"a\tb\none\xff\nc\td\n")


def test_a_row_longer_than_the_longest_is_an_error_with_its_line(monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK", 1000)
    monkeypatch.setattr(blocks, "LONGEST", 1000)
    with pytest.raises(FormatError) as error:
        read(b"a\tb\n" * 300 + b"x" * 5000 + b"\ty\n")
    assert str(error.value) == "a.txt, line 301: longer than 0 MiB, or not text"


def test_a_file_in_another_layout_is_an_error_after_some_rejected_rows(monkeypatch):
    monkeypatch.setattr(delimited, "MOST_REJECTED", 5)
    assert len(read(b"one\n" * 5)[1]) == 5
    with pytest.raises(FormatError) as error:
        read(b"a\tb\n" + b"one\n" * 7)
    assert str(error.value) == "a.txt, line 7: the 6th row with another number of columns than 2: another layout"


def test_rejected_rows_are_counted_over_all_blocks(monkeypatch):
    monkeypatch.setattr(delimited, "MOST_REJECTED", 5)
    monkeypatch.setattr(blocks, "BLOCK", 10)
    with pytest.raises(FormatError, match="line 7: the 6th row"):
        read(b"a\tb\n" + b"one\n" * 7)


def test_a_mark_at_the_start_of_a_later_block_is_text(monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK", 6)
    rows, _ = read("a\tbcd\n\ufeffe\tf\n".encode())
    assert [row["english"] for row in rows] == ["a", "\ufeffe"]


CELL = st.text(st.characters(exclude_characters="\t\n\r\ufeff", exclude_categories=["Cs"]), min_size=1)
WRONG = st.lists(CELL, min_size=1, max_size=4).filter(lambda cells: len(cells) != 2)


@pytest.mark.parametrize("block", [40, 8 << 20])
@given(lines=st.lists(st.one_of(st.tuples(CELL, CELL), WRONG), min_size=1, max_size=40))
def test_every_line_is_a_row_or_a_reject_with_its_number(block, lines):
    lines = [("first", "最初"), *lines]
    data = "".join("\t".join(cells) + "\n" for cells in lines).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK", block)
        rows, rejected = read(data)
    expected = {number: tuple(cells) for number, cells in enumerate(lines, 1)}
    got = {row["line"]: (row["english"], row["japanese"]) for row in rows}
    got |= {int(reject.place.split()[-1]): tuple(reject.raw.split("\t")) for reject in rejected}
    assert got == expected
