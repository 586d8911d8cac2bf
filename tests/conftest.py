"""Fixtures of the whole suite."""

from __future__ import annotations

pytest_plugins = ["tests.loopback_hub.fixture", "tests.sample_tree"]
