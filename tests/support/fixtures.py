"""The fixtures of the whole suite: a loopback Hub, and datasets that are built once.

Each imports what it needs when it is asked for. The process that hands tests out to others asks for none of it, and
they start when it has started.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.loopback_hub import LoopbackHub


@pytest.fixture(scope="session")
def _running_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LoopbackHub]:
    from tests.support.loopback_hub import LoopbackHub

    with LoopbackHub(tmp_path_factory.mktemp("hub")) as hub:
        yield hub


@pytest.fixture
def hub(_running_hub: LoopbackHub) -> Iterator[LoopbackHub]:
    """A loopback Hub, empty and in order at the start of the test."""
    _running_hub.reset()
    yield _running_hub
    _running_hub.reset()


@pytest.fixture(scope="session")
def sample_dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Output directory with every config, built from the samples; tests only read it."""
    from tests.support.sample_build import build_samples

    directory = tmp_path_factory.mktemp("built") / "sample"
    build_samples(directory)
    return directory


@pytest.fixture(scope="session")
def planted_dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Output directory of a small dataset with planted faults, without a curated edition; tests only read or copy it."""
    from tests.support.clean_build import build_planted

    directory = tmp_path_factory.mktemp("planted")
    build_planted(directory / "sources", directory / "out")
    return directory / "out"


@pytest.fixture(scope="session")
def clean_dataset(planted_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with its curated edition; tests only read or copy it."""
    from tests.support.clean_build import clean

    directory = tmp_path_factory.mktemp("clean") / "out"
    shutil.copytree(planted_dataset, directory)
    clean(directory)
    return directory
