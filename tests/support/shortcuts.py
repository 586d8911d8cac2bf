"""What takes long and changes nothing that a test sees is left out: equal charts are drawn once, no file is flushed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest


def _once(draw: Callable[..., bytes]) -> Callable[..., bytes]:
    drawn: dict[str, bytes] = {}

    def remembered(*figures: object) -> bytes:
        key = repr(figures)
        if key not in drawn:
            drawn[key] = draw(*figures)
        return drawn[key]

    return remembered


@pytest.fixture(scope="session", autouse=True)
def equal_charts_are_drawn_once() -> Iterator[None]:
    """Every build draws the two of the card, which takes longer than the rest of it; most have the same figures."""
    from builders.documents import charts  # imported here, as in `tests.support.fixtures`

    with pytest.MonkeyPatch.context() as patch:
        for draw in (charts.shares, charts.spans):
            patch.setattr(charts, draw.__name__, _once(draw))
        yield


@pytest.fixture(scope="session", autouse=True)
def no_file_is_flushed() -> Iterator[None]:
    """Only a loss of power would show the difference; processes that a test starts flush as always."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda descriptor: None)
        yield
