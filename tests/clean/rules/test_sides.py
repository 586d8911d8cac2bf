"""A pair is scored once for its two directions, and what is remembered changes no score."""

from __future__ import annotations

import pytest

from builders.clean.measures.rules import to_records
from builders.clean.rules import sides
from builders.clean.rules.sides import KnownScores, score_translations

PAIRS = [("犬が歩く。", "A dog walks."), ("雨が降る。", "It rains."), ("猫が寝る。", "Dogs bark.")]


def records(pairs, task):
    turned = task == "en-ja"
    rows = [{"input": pair[turned], "output": pair[not turned], "task": task, "source": "tanaka"} for pair in pairs]
    return to_records(rows)


@pytest.fixture
def scored(monkeypatch):
    """How many pairs each call scored."""
    calls: list[int] = []
    score_pairs = sides.score_pairs

    def counting(japanese, english, usual):
        calls.append(len(japanese))
        return score_pairs(japanese, english, usual)

    monkeypatch.setattr(sides, "score_pairs", counting)
    return calls


def test_a_pair_is_scored_once_for_both_directions(scored):
    known = KnownScores()

    there = score_translations(records(PAIRS, "ja-en"), known)
    back = score_translations(records(PAIRS[::-1] + [("新しい文。", "A new one.")], "en-ja"), known)

    assert scored == [3, 1]
    assert back.to_pylist()[:3] == there.to_pylist()[::-1]


def test_what_is_forgotten_is_scored_again(scored):
    known = KnownScores(slots=1)
    alone = score_translations(records(PAIRS, "ja-en"))

    for _ in range(2):
        found = score_translations(records(PAIRS, "ja-en"), known)
        assert found.to_pylist() == pytest.approx(alone.to_pylist(), abs=1e-6)
    assert sum(scored) == 3 + 3 + 2


def test_a_side_that_stands_in_another_pair_makes_no_pair_known(scored):
    known = KnownScores()
    score_translations(records(PAIRS, "ja-en"), known)

    score_translations(records([(PAIRS[0][0], PAIRS[1][1])], "ja-en"), known)

    assert scored == [3, 1]
