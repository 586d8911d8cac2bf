"""Of several answers to one question the first stays."""

from __future__ import annotations

import numpy as np

from builders.clean.measures.rules import to_records
from builders.clean.rules.contradictions import find_contradictions, make_keys


def _decide(rows):
    batches = [to_records([row]) for row in rows]
    keys = [make_keys(batch) for batch in batches]
    columns = {name: np.concatenate([key[name] for key in keys]) for name in ("question", "answer")}
    return find_contradictions(columns["question"], columns["answer"]).tolist()


def test_another_answer_goes_and_the_same_stays():
    question = {"instruction": "いつか。", "input": "本文"}

    assert _decide(
        [
            {**question, "output": "1990年"},
            {**question, "output": "1994年"},
            {**question, "output": "1990年"},
            {**question, "input": "別の本文", "output": "1994年"},
        ]
    ) == [False, True, False, False]


def test_question_and_text_are_not_mixed_up():
    assert _decide(
        [
            {"instruction": "あ", "input": "い", "output": "1"},
            {"instruction": "い", "input": "あ", "output": "2"},
            {"instruction": "あい", "input": "", "output": "3"},
        ]
    ) == [False, False, False]


def test_no_records_have_no_contradictions():
    empty = np.zeros(0, np.uint64)

    assert find_contradictions(empty, empty).tolist() == []
