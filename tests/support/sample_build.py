"""The whole catalogue, built once from the samples, for the tests of what is made from a built dataset."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

from builders import download
from builders.build.plan import plan_configs
from builders.build.run import run_build
from builders.commands.options import SAMPLES
from builders.documents import describe
from builders.tree.report import Report

EVERYTHING = "extended"


def build_samples(directory: Path, configs: Sequence[str] = (EVERYTHING,)) -> Report:
    """Builds configs from the samples and returns the report."""
    plans = plan_configs(configs, partial(download.obtain, sources=SAMPLES))
    return run_build(plans, directory, workers=1, describe=describe)


@pytest.fixture(scope="session")
def sample_dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Output directory with every config; tests only read it."""
    directory = tmp_path_factory.mktemp("built") / "sample"
    build_samples(directory)
    return directory
