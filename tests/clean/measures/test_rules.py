"""Every rule reaches its precision and recall on enough labelled records."""

from __future__ import annotations

import pytest

from builders.clean.evaluate import labelled
from builders.clean.measures.rules import COLUMNS, MEASURES, to_records
from builders.clean.rules import RULES


@pytest.mark.parametrize("name", MEASURES)
def test_a_rule_is_precise_and_finds_most(name):
    measured = MEASURES[name]()

    assert measured.positives >= 60 and measured.negatives >= 60
    assert measured.precision >= 0.95
    assert measured.recall >= 0.9


def test_labelled_records_are_distinct_and_licensed():
    free = ("coursera", "tab_delimited", "tanaka", "easy_japanese")
    for name in MEASURES:
        rows = labelled(name)
        bare = [str({key: value for key, value in row.items() if key not in ("hit", "id")}) for row in rows]
        assert len(set(bare)) == len(bare) or name == "contradictory", name
        assert all(part.startswith(free) for row in rows for part in row.get("id", "").split()), name


def test_an_empty_batch_gives_nothing():
    empty = to_records([])
    assert empty.schema.names == list(COLUMNS)
    for rule in RULES:
        if rule.find is not None:
            assert rule.find(empty, rule.defaults()).mask.to_pylist() == []
        else:
            assert rule.repair is not None
            assert rule.repair(empty, rule.defaults()).num_rows == 0
