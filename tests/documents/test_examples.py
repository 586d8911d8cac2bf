"""The record that is shown is neither the shortest nor a whole page, if there is a choice."""

from __future__ import annotations

import pyarrow as pa
import pytest

from builders.documents import examples


@pytest.mark.parametrize(
    ("outputs", "shown"),
    [
        (["Go.", "I walked to the station.", "We walked home."], 1),
        (["Go.", "x" * 500, "y" * 190], 2),
        (["Go.", "Run."], 0),
        (["x" * 500, "y" * 600], 0),
    ],
)
def test_the_first_of_telling_length_or_else_the_first(outputs, shown):
    batch = _batch([("other", "A sentence of another template."), *(("ja-en", output) for output in outputs)])

    assert examples._index(batch, "ja-en") == shown + 1


def test_a_template_that_is_not_in_the_batch():
    assert examples._index(_batch([("other", "Go.")]), "ja-en") is None


def _batch(rows: list[tuple[str, str]]) -> pa.RecordBatch:
    columns = {"task": [task for task, _ in rows], "output": [output for _, output in rows], "input": [""] * len(rows)}
    return pa.RecordBatch.from_pydict(columns)
