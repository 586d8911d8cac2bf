"""Articles as rows: handed over a batch at a time, whatever the size of their texts."""

from __future__ import annotations

import pytest

from builders.formats import articles
from builders.formats.articles import article_rows, reject
from samples import dumps


@pytest.mark.parametrize(("limit", "value"), [("BATCH", 3), ("CHARACTERS", 10)])
def test_batches_are_bounded_by_their_rows_and_by_their_text(tmp_path, monkeypatch, limit, value):
    path = tmp_path / "a.xml"
    path.write_bytes(dumps.plain([dumps.Page(f"題{number}", "text") for number in range(5)]))
    monkeypatch.setattr(articles, limit, value)
    steps = list(article_rows(path, None, "text", lambda page: page.text.decode()))
    assert [step.batch.num_rows for step in steps] == [3, 2]


def test_articles_that_are_rejected_are_part_of_a_batch(tmp_path, monkeypatch):
    path = tmp_path / "a.xml"
    path.write_bytes(dumps.plain([dumps.Page(f"題{number}", "text") for number in range(5)]))
    monkeypatch.setattr(articles, "BATCH", 2)
    steps = list(article_rows(path, None, "text", lambda page: reject(page, "no good", page.text)))
    assert [[row.reason for row in step.rejected] for step in steps] == [["no good"] * 2, ["no good"] * 2, ["no good"]]
