"""Fixtures of the whole suite."""

from __future__ import annotations

pytest_plugins = ["tests.support.loopback_hub.fixture", "tests.support.sample_build"]
