"""The fault matrix of README.md is whole, and names tests that are there."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

HERE = Path(__file__).parent
COLUMNS = ["fault", "what the user sees", "left behind", "test"]
LINES = (HERE / "README.md").read_text("utf-8").splitlines()
ROWS = [
    [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
    for line in LINES
    if line.startswith("|") and not line.startswith("|---")
]
FAULTS = [row for row in ROWS if row != COLUMNS]
TEST = re.compile(r"`([\w/]+\.py)(?:::(\w+))?`")
NAMED = sorted({named for row in FAULTS for named in TEST.findall(row[-1])})


@cache
def defined_in(file: str) -> set[str]:
    """The tests of a file, and its classes of tests."""
    nodes = (node for node in ast.walk(ast.parse((HERE / file).read_bytes())))
    kinds = {ast.FunctionDef: "test_", ast.AsyncFunctionDef: "test_", ast.ClassDef: "Test"}
    return {node.name for node in nodes if (start := kinds.get(type(node))) and node.name.startswith(start)}


def test_every_table_is_part_of_the_matrix():
    rules = [number for number, line in enumerate(LINES) if line.startswith("|---")]
    assert rules and ROWS.count(COLUMNS) == len(rules)


@pytest.mark.parametrize("row", FAULTS, ids=lambda row: row[0])
def test_a_fault_says_what_is_seen_what_is_left_and_which_test_shows_it(row):
    assert len(row) == len(COLUMNS) and all(row)
    assert TEST.sub("", row[-1]).strip(", ") == "" and TEST.search(row[-1])


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_a_named_test_is_there(file, name):
    assert defined_in(file) and (not name or name in defined_in(file))
