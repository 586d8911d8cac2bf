"""Blank cells are found whatever white space they hold, and each reject names its first blank column."""

from __future__ import annotations

import pyarrow as pa
import pytest

from builders.rows import blank, without_blank_cells


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
