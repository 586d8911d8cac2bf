"""Stands for the packages trackio and wandb, as far as the Trainer calls them: keeps what a run tells it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

run: Any = None
logged: list[dict[str, float]] = []
context_vars = SimpleNamespace(current_space_id=SimpleNamespace(get=lambda: None))


class ConfigError(Exception):
    """Of wandb."""


class _Config(dict[str, Any]):
    def update(self, values: dict[str, Any], allow_val_change: bool) -> None:
        super().update(values)


config = _Config()


def init(project: str, **_: Any) -> None:
    """Begin a run that has told nothing yet."""
    global run
    run = SimpleNamespace(project=project, summary={}, _label=lambda code: None)
    logged.clear()


def log(values: dict[str, float]) -> None:
    """Keep what a step gave."""
    logged.append(values)


def finish() -> None:
    """End the run."""
