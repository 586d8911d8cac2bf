"""Quoted CSV: what a spreadsheet writes comes back, what is no row is rejected with its line, what is cut is an error."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.errors import FormatError
from builders.formats import quoted_csv
from builders.formats.quoted_csv import read_quoted_csv

HEADER = 'number,Title,"Text, long"\r\n'
COLUMNS = {"text": "Text, long", "title": "Title"}
CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"), max_size=20)


def all_rows(content: str | bytes):
    raw = content.encode() if isinstance(content, str) else content
    steps = list(read_quoted_csv(io.BytesIO(raw), "a.csv", COLUMNS))
    rows = [row for step in steps for row in step.batch.to_pylist()]
    return rows, [(row.place, row.reason, row.raw) for step in steps for row in step.rejected]


@settings(deadline=None)
@given(
    rows=st.lists(st.tuples(CELL, CELL, CELL).filter(lambda row: "".join(row).strip()), max_size=8),
    end=st.sampled_from(["\n", "\r\n"]),
    mark=st.booleans(),
    closed=st.booleans(),
)
def test_what_is_written_is_read_back(rows, end, mark, closed):
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=end).writerows([["number", "Title", "Text, long"], *rows])
    written = text.getvalue() if closed else text.getvalue().removesuffix(end)
    read, rejected = all_rows("\ufeff" * mark + written)
    assert [(row["title"], row["text"]) for row in read] == [row[1:] for row in rows]
    assert not rejected


def test_quotes_line_ends_in_quotes_and_the_line_where_a_row_begins():
    rows, rejected = all_rows(HEADER + '1,"a ""b"", c","one\r\ntwo"\r\n2,null,NA\r\n')
    assert rows == [
        {"text": "one\ntwo", "title": 'a "b", c', "line": 2},
        {"text": "NA", "title": "null", "line": 4},
    ]
    assert not rejected


def test_rows_of_commas_alone_are_no_rows():
    assert all_rows(HEADER + "1,a,b\r\n" + ",,\r\n" * 1000 + "\r\n , ,\r\n") == (
        [{"text": "b", "title": "a", "line": 2}],
        [],
    )


def test_a_lone_carriage_return_is_a_space():
    assert all_rows(HEADER + '1,a\rb,"c\rd"\n')[0] == [{"text": "c d", "title": "a b", "line": 2}]


def test_rows_that_do_not_fit_are_rejected_with_their_line():
    rows, rejected = all_rows(HEADER + '1,"a\nb"\n2,"c"d,e\n3,f,g,h\n4,i,j\n')
    assert rows == [{"text": "j", "title": "i", "line": 6}]
    assert rejected == [
        ("a.csv line 2", "2 columns instead of 3", "1,a\nb"),
        ("a.csv line 4", "text behind a closing quote", '2,"c"d,e'),
        ("a.csv line 5", "4 columns instead of 3", "3,f,g,h"),
    ]


def test_batches_follow_one_another(monkeypatch):
    monkeypatch.setattr(quoted_csv, "BATCH", 3)
    rows, rejected = all_rows(HEADER + "1,a,b\nshort\n" * 5)
    assert [row["line"] for row in rows] == [2, 4, 6, 8, 10]
    assert [place for place, _, _ in rejected] == [f"a.csv line {line}" for line in (3, 5, 7, 9, 11)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "a.csv: empty"),
        (b"\xef\xbb\xbf\r\n", "a.csv: empty"),
        (b"number,Title\n1,a\n", 'a.csv, line 1: no column "Text, long"; the columns are: number, Title'),
        (
            b'Title,"Text, long",Title\n',
            'a.csv, line 1: more than one column "Title"; the columns are: Title, Text, long, Title',
        ),
        (
            HEADER.encode() + b'1,a,b\n2,c,"d\n3,e,f\n',
            "a.csv, line 3: a quote opens in this row and does not close: the file is cut short or damaged",
        ),
        (
            HEADER.encode() + b'1,a,"b\n' + b"2,c,d\n" * 30_000 + b'3,e,"f"\n',
            "a.csv, line 2: a cell of more than 131,072 characters: a quote in this row may not close",
        ),
        (HEADER.encode() + b"x" * (9 << 20), "a.csv, line 2: longer than 8 MiB, or not text"),
        (HEADER.encode() + b'"' + (b"x" * 65_535 + b'\n","') * 130, "a.csv, line 2: a row longer than 8 MiB"),
        (
            HEADER.encode() + "1,題,文\n".encode("shift_jis"),
            "a.csv, line 2: not UTF-8 (byte 0x91 at position 3); the file has another encoding or is damaged",
        ),
    ],
    ids=[
        "empty",
        "blank",
        "no column",
        "column twice",
        "open quote",
        "quote for ever",
        "no lines",
        "one row",
        "encoding",
    ],
)
def test_a_bad_file_is_an_error_that_names_the_line(content, message):
    with pytest.raises(FormatError) as error:
        all_rows(content)
    assert str(error.value) == message


class Counted(io.BytesIO):
    """Bytes that count how many of them are read."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.taken += len(data)
        return data


@pytest.mark.parametrize("row", [b'1,"a"b,c\n', b"1,2\n", b",,\n"])
def test_bad_rows_in_any_amount_are_read_once(row):
    stream = Counted(HEADER.encode() + row * 50_000)
    steps = list(read_quoted_csv(stream, "a.csv", COLUMNS))
    assert stream.taken == len(stream.getvalue())
    assert sum(len(step.rejected) for step in steps) == (0 if row == b",,\n" else 50_000)


def test_batches_are_bounded_by_their_text_too(monkeypatch):
    monkeypatch.setattr(quoted_csv, "CHARACTERS", 20)
    steps = list(read_quoted_csv(io.BytesIO((HEADER + "1,title,text\n" * 5).encode()), "a.csv", COLUMNS))
    assert [step.batch.num_rows for step in steps] == [3, 2]
