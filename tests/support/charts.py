"""Equal charts are drawn once: drawing two takes longer than the rest of a small build, and most have the same figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from builders.documents import charts


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
    """For the charts of the card, which every build draws."""
    with pytest.MonkeyPatch.context() as patch:
        for draw in (charts.shares, charts.spans):
            patch.setattr(charts, draw.__name__, _once(draw))
        yield
