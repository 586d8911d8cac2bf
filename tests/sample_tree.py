"""The whole catalogue, built once from the samples, for the tests of what is made from a built tree."""

from __future__ import annotations

from pathlib import Path

import pytest

from builders import catalogue
from tests import trees


@pytest.fixture(scope="session")
def sample_tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Directory of a tree with every config; tests only read it."""
    directory = tmp_path_factory.mktemp("built") / "sample"
    trees.sample_tree(directory, [catalogue.DEFAULT])
    return directory
