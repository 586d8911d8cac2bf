"""Pytest plugin: the fixture `hub`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.loopback_hub.server import LoopbackHub


@pytest.fixture(scope="session")
def _running_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LoopbackHub]:
    with LoopbackHub(tmp_path_factory.mktemp("hub")) as hub:
        yield hub


@pytest.fixture
def hub(_running_hub: LoopbackHub) -> Iterator[LoopbackHub]:
    """A loopback Hub, empty and in order at the start of the test."""
    _running_hub.reset()
    yield _running_hub
    _running_hub.reset()
