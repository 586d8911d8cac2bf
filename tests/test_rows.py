"""Blank cells are found whatever white space they hold, and each reject names its first blank column."""

from __future__ import annotations

import pyarrow as pa
import pytest

from builders.rows import EDGES, blank, stripped, trimmed, without_blank_cells


@pytest.mark.parametrize("cell", ["", " ", "\u3000", "\t \n", "\xa0", None])
def test_blank_cells(cell):
    assert blank(pa.array([cell, "x"], pa.string())).to_pylist() == [True, False]


def test_words_that_look_missing_are_text():
    assert not any(blank(pa.array(["null", "NaN", "0", "。"])).to_pylist())


def test_rejects_name_the_row_and_the_first_blank_column():
    batch = pa.RecordBatch.from_pydict({"en": ["a", "", "c", ""], "ja": ["一", "二", "", ""], "key": list("1234")})
    kept = without_blank_cells(batch, ["en", "ja"], "f.txt line", record_type="pairs")
    assert kept.record_type == "pairs" and kept.batch.to_pylist() == [{"en": "a", "ja": "一", "key": "1"}]
    assert [(reject.place, reject.reason, reject.raw) for reject in kept.rejected] == [
        ("f.txt line 2", "empty en", "\t二"),
        ("f.txt line 3", "empty ja", "c\t"),
        ("f.txt line 4", "empty en", "\t"),
    ]


def test_a_batch_without_blanks_is_handed_on_as_it_is():
    batch = pa.RecordBatch.from_pydict({"en": ["a"], "key": ["1"]})
    assert without_blank_cells(batch, ["en"], "f.txt").batch is batch


def test_edges_are_all_white_space_and_what_has_no_width():
    white = {character for character in map(chr, range(0x10000)) if character.isspace()}
    assert white <= set(EDGES)
    assert set(EDGES) - white == set("\u180e\u200b\u200c\u200d\u200e\u200f\u2060\ufeff")
    assert len(EDGES) == len(set(EDGES))


def test_cells_are_trimmed_at_their_ends_only():
    cells = ["\u3000朝 の\u3000川\n", "\ufeff夜\xa0", "\u200b", "", None]
    assert trimmed(pa.array(cells)).to_pylist() == ["朝 の\u3000川", "夜", "", "", None]
    assert [stripped(cell) for cell in cells[:4]] == ["朝 の\u3000川", "夜", "", ""]
    assert blank(pa.array(cells)).to_pylist() == [False, False, True, True, True]
