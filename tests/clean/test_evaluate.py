"""The table of precision and recall is the one in the repository, and every rule reaches what it must.

`python -m tests.clean.regenerate` rewrites the tables.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from builders.clean.evaluate import LABELLED, Row, labelled, measure, table
from builders.clean.measures import found, read_pairs, rules

GOLDEN = Path(__file__).parent / "golden"
RULES = ("duplicates", "overlap")


@pytest.fixture(scope="module", params=RULES)
def rows(request):
    return request.param, measure([request.param])


def test_the_table_is_the_one_in_the_repository(rows):
    rule, measured = rows
    assert table(measured) == (GOLDEN / f"evaluate.{rule}.txt").read_text("utf-8")


def test_what_must_be_reached(rows):
    for row in rows[1]:
        if row.case.startswith("verbatim") or row.case == "planted: verbatim":
            assert row.recall == "1.0000", row
        elif row.positives and row.case != "labelled":
            least = 0.94 if ", from " in row.case else 0.95  # few cases of each length
            assert row.found / row.positives >= least, row
        if row.case.startswith(("planted", "distinct")):
            assert row.wrong <= 0.01 * row.found, row
        assert row.wrong <= 0.05 * (row.found + row.wrong), row


@pytest.mark.parametrize("rule", RULES)
def test_enough_labelled_cases(rule):
    label = {"duplicates": "duplicate", "overlap": "leak"}[rule]
    labels = [case[label] for case in labelled(rule)]

    assert labels.count(True) >= 60
    assert labels.count(False) >= 60


def test_all_labelled_data_is_measured():
    known = {*RULES, *rules.MEASURES, "kanji-only", found.FILE, read_pairs.NAME}

    assert {path.stem for path in LABELLED.glob("*.jsonl")} == known


@pytest.mark.parametrize("name", [read_pairs.NAME, "rules"])
def test_the_table_of_the_other_rules_is_the_one_in_the_repository(name):
    assert table(measure([name])) == (GOLDEN / f"evaluate.{name}.txt").read_text("utf-8")


def test_precision_and_recall_are_counted():
    row = Row.of("rule", "case", [True, True, False, False, True], [True, False, True, False, True])

    assert (row.positives, row.negatives, row.found, row.wrong) == (3, 2, 2, 1)
    assert (row.recall, row.precision) == ("0.6667", "0.6667")
    assert Row.of("rule", "case", [True], [True]).precision == "-"
    assert Row.of("rule", "case", [False], [False]).recall == "-"


def test_the_command_prints_the_table():
    command = [sys.executable, "-m", "builders.clean.evaluate", "duplicates"]

    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert done.stdout == (GOLDEN / "evaluate.duplicates.txt").read_text("utf-8")
