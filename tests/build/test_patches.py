"""Corrections of single rows: applied where the raw text fits, reported where it does not, real ones on real rows."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import catalogue
from builders.build import patches
from builders.build.patches import APPLIED, DIFFERS, PATCHES, Patch
from builders.rows import KEY, RejectedRow, Rows
from tests.support.golden_records import sample_parts
from tests.support.reading import files_in, raw_files_of

TOML = """
[first-character]
corpus = "quiz"
key = "train-2"
column = "question"
was = "士山の高さは？"
becomes = "富士山の高さは？"
reason = "the first character is missing"

[answer]
corpus = "quiz"
key = "train-2"
column = "answer"
was = "3776"
becomes = "3,776メートル"
reason = "the unit is missing"

[repaired-upstream]
corpus = "quiz"
key = "train-3"
column = "question"
was = "い空の色は？"
becomes = "青い空の色は？"
reason = "the first character is missing"

[not-there]
corpus = "quiz"
key = "train-9"
column = "question"
was = "？"
becomes = "何？"
reason = "empty"

[other-type]
corpus = "quiz"
record_type = "hints"
key = "train-1"
column = "question"
was = "花は？"
becomes = "春の花は？"
reason = "a row of another record type"
"""


def quizzes(*rows: tuple[str, str, str], record_type: str = "rows") -> Rows:
    columns = [pa.array(column) for column in zip(*rows, strict=True)]
    batch = pa.RecordBatch.from_arrays(columns, [KEY, "question", "answer"])
    return Rows(batch, (RejectedRow("quiz.txt line 4", "empty answer", "…"),), record_type)


ROWS = quizzes(("train-1", "花は？", "桜"), ("train-2", "士山の高さは？", "3776"), ("train-3", "青い空の色は？", "青"))


@pytest.fixture
def quiz_patches(tmp_path):
    path = tmp_path / "patches.toml"
    path.write_text(TOML)
    return patches.load(path)


def test_a_correction_is_applied_where_the_raw_text_fits_and_reported_where_not(quiz_patches):
    rows, outcomes = patches.apply(ROWS, "quiz", quiz_patches)
    assert rows.batch.to_pylist() == [
        {"key": "train-1", "question": "花は？", "answer": "桜"},
        {"key": "train-2", "question": "富士山の高さは？", "answer": "3,776メートル"},
        {"key": "train-3", "question": "青い空の色は？", "answer": "青"},
    ]
    assert outcomes == {"first-character": APPLIED, "answer": APPLIED, "repaired-upstream": DIFFERS}
    assert (rows.record_type, rows.rejected) == (ROWS.record_type, ROWS.rejected)


def test_a_correction_of_another_view_waits_for_that_view(quiz_patches):
    rows, outcomes = patches.apply(quizzes(("train-1", "花は？", "桜"), record_type="hints"), "quiz", quiz_patches)
    assert rows.batch.column("question").to_pylist() == ["春の花は？"]
    assert outcomes == {"other-type": APPLIED}


def test_rows_without_corrections_are_the_same_object(quiz_patches):
    for rows, corpus in ((ROWS, "another"), (quizzes(("train-7", "？", "！")), "quiz")):
        patched, outcomes = patches.apply(rows, corpus, quiz_patches)
        assert patched.batch is rows.batch
        assert outcomes == {}


CELLS = st.lists(st.tuples(st.text(max_size=2), st.text("ab", max_size=1)), min_size=1, unique_by=lambda row: row[0])


@given(cells=CELLS, data=st.data())
def test_only_the_named_cells_change(cells, data):
    keys = st.sampled_from([key for key, _ in cells])
    meant = data.draw(st.lists(st.tuples(keys, st.sampled_from("ab")), unique_by=lambda pair: pair[0]))
    made = [Patch(f"p{n}", "quiz", key, "question", was, "!", "") for n, (key, was) in enumerate(meant)]
    rows = quizzes(*((key, text, "") for key, text in cells))
    patched, outcomes = patches.apply(rows, "quiz", {"quiz": made})
    expected = ["!" if (key, text) in meant else text for key, text in cells]
    assert patched.batch.column("question").to_pylist() == expected
    before = dict(cells)
    assert outcomes == {p.name: APPLIED if before[p.key] == p.was else DIFFERS for p in made}


@pytest.mark.parametrize("corpus", PATCHES)
def test_every_correction_names_a_cell_that_its_corpus_has(corpus):
    columns = {
        (rows.record_type, column)
        for part in sample_parts(catalogue.CORPORA[corpus])
        for rows in catalogue.CORPORA[corpus].read(part)
        for column in rows.batch.schema.names
    }
    for patch in PATCHES[corpus]:
        assert (patch.record_type, patch.column) in columns and patch.column != KEY
        assert patch.reason and patch.was != patch.becomes
    cells = [(patch.record_type, patch.key, patch.column) for patch in PATCHES[corpus]]
    assert len(set(cells)) == len(cells)


@pytest.mark.parametrize("corpus", PATCHES)
def test_every_correction_of_a_real_row_is_applied(corpus):
    folder = raw_files_of(corpus)
    outcomes = {}
    for part in catalogue.CORPORA[corpus].split(files_in(catalogue.CORPORA[corpus], folder)):
        for rows in catalogue.CORPORA[corpus].read(part):
            outcomes |= patches.apply(rows, corpus)[1]
    absent = {"jmrd-day-of-release-test"}  # of a file that is not among the sources
    assert outcomes == {patch.name: APPLIED for patch in PATCHES[corpus] if patch.name not in absent}
