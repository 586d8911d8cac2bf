"""The whole catalogue, built once from the samples, for the tests of what is made from a built tree."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from builders import build, catalogue, download
from builders.commands.options import SAMPLES


@pytest.fixture(scope="session")
def sample_tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Directory of a tree with every config; tests only read it."""
    directory = tmp_path_factory.mktemp("built") / "sample"
    leaves = build.plan([catalogue.DEFAULT], partial(download.obtain, sources=SAMPLES))
    build.run(leaves, directory, workers=1)
    return directory
