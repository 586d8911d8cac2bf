"""Every rule reaches its precision and recall on enough labelled records; the table is golden.

python -m tests.clean.test_evaluate_rules     writes the golden table again
"""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from builders.clean.evaluate_rules import COLUMNS, MEASURES, read_labelled, show, to_records
from builders.clean.rules import RULES

GOLDEN = Path(__file__).with_name("golden") / "rules.txt"


@pytest.mark.parametrize("name", MEASURES)
def test_a_rule_is_precise_and_finds_most(name):
    measured = MEASURES[name]()

    assert measured.positives >= 60 and measured.negatives >= 60
    assert measured.precision >= 0.95
    assert measured.recall >= 0.9


def test_the_table_is_the_golden_one():
    assert render() == GOLDEN.read_text(encoding="utf-8")


def test_labelled_records_are_distinct_and_licensed():
    free = ("coursera", "tab_delimited", "tanaka", "easy_japanese")
    for name in MEASURES:
        rows = read_labelled(name)
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


def render() -> str:
    """The table as text."""
    console = Console(width=100, file=StringIO())
    console.print(show({name: measure() for name, measure in MEASURES.items()}))
    return console.file.getvalue()


if __name__ == "__main__":
    GOLDEN.write_text(render(), encoding="utf-8")
