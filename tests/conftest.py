"""Fixtures of the whole suite, and which of its tests take long."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("project", deadline=None)  # no test asserts a time
settings.load_profile("project")

pytest_plugins = ["tests.support.loopback_hub.fixture", "tests.support.sample_build", "tests.support.clean_build"]

SLOW = (
    "browse",
    "build/test_engines.py",
    "build/test_fingerprints.py",
    "download",
    "finetune",
    "formats/test_hostile.py",
    "hub",
    "matrix",
    "support",
    "test_imports.py",
    "test_loading.py",
    "test_loading_script.py",
    "test_sources.py",
    "torture",
    "trainers",
    "tree/export/test_trainers.py",
)
"""Tests that start servers, clients or trainings, or write large files: `make check` goes without them, `make test` does not."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks the tests of `SLOW`."""
    here = Path(__file__).parent
    for item in items:
        if any(item.path.is_relative_to(here / place) for place in SLOW):
            item.add_marker(pytest.mark.slow)
