"""README.md of the tests names tests that are there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
NAMED = sorted(set(re.findall(r"`([\w/]+\.py)(?:::(\w+))?`", (HERE / "README.md").read_text("utf-8"))))


def test_the_matrix_names_tests():
    assert len(NAMED) > 40


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_a_named_test_is_there(file, name):
    tree = ast.parse((HERE / file).read_bytes())
    assert not name or name in {getattr(node, "name", "") for node in ast.walk(tree)}
