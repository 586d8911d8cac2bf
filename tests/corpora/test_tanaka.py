"""What is special to the Tanaka corpus: the last `#ID=`, repeated ids, lines that are no pairs."""

from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.corpora.tanaka import CORPUS, FILE, pairs_of
from builders.errors import FormatError
from tests.support.reading import count_records, raw_files_of, read_rows


def written(directory: Path, text: str | bytes) -> Path:
    raw = text.encode() if isinstance(text, str) else text
    (directory / FILE).write_bytes(gzip.compress(raw))
    return directory


def test_the_last_id_marker_counts(tmp_path):
    line = "A: 番号は#ID=3です。\tIt is #ID=3_4 or C# here.#ID=11_22\n"
    rows, rejected = read_rows(CORPUS, written(tmp_path, line))
    assert rows == [{"japanese": "番号は#ID=3です。", "english": "It is #ID=3_4 or C# here.", "key": "11_22"}]
    assert not rejected


SENTENCES = st.text(st.characters(exclude_characters="\t\n\r", exclude_categories=["Cs"]), min_size=1).filter(str.strip)


@given(japanese=SENTENCES, english=SENTENCES, numbers=st.tuples(st.integers(0), st.integers(0)))
def test_any_two_sentences_are_read_back(japanese, english, numbers):
    key = "_".join(map(str, numbers))
    line = f"A: {japanese}\t{english}#ID={key}"
    step = pairs_of(pa.array(["# comment", line]), 1, Counter())
    assert step.batch.to_pylist() == [{"japanese": japanese, "english": english, "key": key}]


def test_a_repeated_id_loses_no_pair(tmp_path):
    pair = "A: 雨だ。\tIt's raining.#ID=11_22\nB: 雨 だ\n"
    rows, rejected = read_rows(CORPUS, written(tmp_path, pair * 3))
    assert [row["key"] for row in rows] == ["11_22", "11_22.2", "11_22.3"]
    assert not rejected


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("A: 雨だ。 It's raining.#ID=1_2", "1 columns instead of 2"),
        ("A: 雨だ。\tIt's raining.\tNow.#ID=1_2", "3 columns instead of 2"),
        ("A: 雨だ。\tIt's raining.", "no #ID= and number at the end"),
        ("A: 雨だ。\tIt's raining.#ID=1_2 (old)", "no #ID= and number at the end"),
        ("A: \u3000\tIt's raining.#ID=1_2", "empty japanese"),
        ("A: 雨だ。\t #ID=1_2", "empty english"),
        ("C: 雨だ。\tIt's raining.#ID=1_2", "neither an A: line, nor a B: line, nor a comment"),
    ],
)
def test_a_line_that_is_no_pair_is_rejected_with_its_place(tmp_path, line, reason):
    text = f"# comment\n\nA: 一。\tOne.#ID=1_1\nB: 一\n{line}\nA: 二。\tTwo.#ID=2_2\n"
    rows, rejected = read_rows(CORPUS, written(tmp_path, text))
    assert [row["key"] for row in rows] == ["1_1", "2_2"]
    assert [(reject.place, reject.reason, reject.raw) for reject in rejected] == [
        ("examples.utf.gz line 5", reason, line)
    ]


def test_windows_line_ends_and_a_byte_order_mark(tmp_path):
    rows, rejected = read_rows(CORPUS, written(tmp_path, "\ufeffA: 一。\tOne.#ID=1_1\r\nB: 一\r\n"))
    assert rows == [{"japanese": "一。", "english": "One.", "key": "1_1"}]
    assert not rejected


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            gzip.compress("A: 雨だ。\tIt's raining.#ID=1_2\n".encode("euc-jp")),
            "examples.utf.gz, line 1: not UTF-8 (byte 0xB1 at position 4); the file has another encoding or is damaged",
        ),
        (
            gzip.compress(b"<html>moved</html>\n"),
            'examples.utf.gz: no line of the form "A: <Japanese> TAB <English>#ID=<number>"',
        ),
        (
            gzip.compress("A: 雨だ。\tIt's raining.#ID=1_2\n".encode() * 99)[:-9],
            "examples.utf.gz: damaged or cut short "
            "(gzip: Compressed file ended before the end-of-stream marker was reached)",
        ),
    ],
    ids=["another encoding", "another page", "cut"],
)
def test_a_bad_file_is_an_error_that_names_it(tmp_path, content, message):
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(FormatError) as error:
        read_rows(CORPUS, tmp_path)
    assert str(error.value) == message


def test_all_pairs_of_the_real_sentences():
    folder = raw_files_of("tanaka")
    assert count_records(CORPUS, folder) == {"translation-tanaka": 2 * 26_103}
    assert read_rows(CORPUS, folder)[1] == []
