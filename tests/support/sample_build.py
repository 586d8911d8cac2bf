"""The whole catalogue, built once from the samples, for the tests of what is made from a built dataset."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from builders.commands.options import SAMPLES
from builders.tree.report import Report
from tests.support.pairs import build_pairs

EVERYTHING = "extended"


def build_samples(directory: Path, configs: Sequence[str] = (EVERYTHING,)) -> Report:
    """Builds configs from the samples and returns the report."""
    return build_pairs(SAMPLES, directory, configs)


@pytest.fixture(scope="session")
def sample_dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Output directory with every config; tests only read it."""
    directory = tmp_path_factory.mktemp("built") / "sample"
    build_samples(directory)
    return directory
