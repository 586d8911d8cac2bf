"""Fixtures of the whole suite, and which of its tests take long."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("all", deadline=None)  # no test asserts a time
settings.register_profile("fast", deadline=None, max_examples=20)

pytest_plugins = ["tests.support.fixtures", "tests.support.shortcuts"]

HERE = Path(__file__).parent
SLOW = (
    "benchmarks",
    "browse/test_pages.py",
    "browse/test_space.py",
    "build/test_engines.py",
    "build/test_fingerprints.py",
    "build/test_slurm.py",
    "clean/measures/test_rules.py",
    "clean/pairs/test_learn.py",
    "clean/test_evaluate.py",
    "clean/test_explain.py",
    "clean/test_run.py",
    "corpora/test_hostile.py",
    "documents/test_croissant.py",
    "documents/test_spdx.py",
    "download/test_hostile.py",
    "download/test_obtain.py",
    "download/test_transfer.py",
    "finetune",
    "formats/test_hostile.py",
    "fuzz",
    "hub/test_lying_hub.py",
    "hub/test_publish.py",
    "hub/test_readers.py",
    "hub/test_resend.py",
    "hub/test_revision.py",
    "hub/test_streaming.py",
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
"""Files whose tests start servers, clients or trainings, write large files or import a large library.

`make check` goes without them, `make test` does not. A single slow test elsewhere carries the mark itself.
"""


def _only_fast(config: pytest.Config) -> bool:
    return bool(config.option.markexpr == "not slow")


def pytest_configure(config: pytest.Config) -> None:
    """Among fast tests, a property is tried on a fifth of the examples that it has otherwise."""
    settings.load_profile("fast" if _only_fast(config) else "all")


def _is_slow(path: Path) -> bool:
    return any(path.is_relative_to(HERE / place) for place in SLOW)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Passes over the files of `SLOW` where they would be left out anyway: importing them means importing torch."""
    return True if _only_fast(config) and _is_slow(collection_path) else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks the tests of `SLOW`, and begins with them: a long file that comes last would leave a process with nothing to do."""
    items.sort(key=lambda item: not _is_slow(item.path))
    for item in items:
        if _is_slow(item.path):
            item.add_marker(pytest.mark.slow)
