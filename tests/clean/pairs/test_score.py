"""The pair score: direction does not matter, order and batches do not, and faults lower it."""

from __future__ import annotations

import pyarrow as pa
import pytest

from builders.clean.pairs import score as pairs
from builders.clean.pairs.score import is_pair, measure_usual, score_pairs, sides

JAPANESE = ["彼は学校に行きました。", "私は犬が好きです。", "明日は雨が降るでしょう。", "これはいくらですか。"]
ENGLISH = ["He went to school.", "I like dogs.", "It will rain tomorrow.", "How much is this?"]


def _scores(japanese, english):
    return score_pairs(pa.array(japanese, pa.string()), pa.array(english, pa.string()))["score"].to_pylist()


def test_translations_score_higher_than_anything_else():
    good = _scores(JAPANESE, ENGLISH)
    shifted = _scores(JAPANESE, ENGLISH[1:] + ENGLISH[:1])
    copied = _scores(ENGLISH, ENGLISH)

    assert min(good) > 0.2
    assert max(shifted) < min(good) / 2
    assert max(copied) < 0.001


def test_each_fault_has_a_column_from_0_to_1():
    columns = score_pairs(pa.array(JAPANESE), pa.array(ENGLISH))

    assert list(columns) == ["score", "sentence", "part", "words", "copy", "alignment"]
    assert all(0 <= value <= 1 for column in columns.values() for value in column.to_pylist())


def test_alignment_is_deaf_to_words():
    columns = score_pairs(pa.array(JAPANESE), pa.array([text.replace("s", "z") for text in ENGLISH]))

    both = [one.as_py() * two.as_py() for one, two in zip(columns["sentence"], columns["part"], strict=True)]
    assert columns["alignment"].to_pylist() == pytest.approx(both, abs=2e-4)


def test_the_score_does_not_depend_on_the_batch(monkeypatch):
    whole = _scores(JAPANESE * 9, ENGLISH * 9)

    monkeypatch.setattr(pairs, "BATCH", 5)

    assert _scores(JAPANESE * 9, ENGLISH * 9) == pytest.approx(whole, abs=1e-6)


def test_empty_texts_and_no_texts_are_scored():
    assert _scores([], []) == []
    assert _scores(["", "犬"], ["Hello.", ""])[0] < 0.05


def test_an_ordinary_sample_lies_above_the_low_quantile():
    usual = measure_usual(pa.array(JAPANESE * 20), pa.array(ENGLISH * 20))

    assert (usual.middle >= usual.low).all()
    scores = score_pairs(pa.array(JAPANESE), pa.array(ENGLISH[1:] + ENGLISH[:1]), usual)["score"].to_pylist()
    assert max(scores) < 0.2


def test_sides_follow_the_task():
    records = pa.RecordBatch.from_pydict(
        {
            "input": ["犬", "dog", "概要"],
            "output": ["dog", "犬", "title"],
            "task": ["ja-en", "definition-en-ja", "title-from-abstract"],
        }
    )

    japanese, english = sides(records)

    assert japanese.to_pylist()[:2] == ["犬", "犬"]
    assert english.to_pylist()[:2] == ["dog", "dog"]
    assert is_pair(records.column("task")).to_pylist() == [True, True, False]
