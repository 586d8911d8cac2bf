"""A stretch of normalized payload is found again in the text as a person wrote it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.clean.texts.normalize import as_text, normalize_text
from builders.clean.texts.spans import Span, locate


@pytest.mark.parametrize(
    ("cells", "stretch", "expected"),
    [
        (["「灯台」とは、何ですか。", "", "塔"], "とは何", [Span(0, 4, 8)]),
        (["夜に光る", "「塔」は？", "灯台"], "光る塔は", [Span(0, 2, 4), Span(1, 1, 4)]),
        (["", "Ｔｏｗｅｒ, 1.5 m", ""], "tower1.5m", [Span(1, 0, 12)]),
        (["", "ｶﾞｽ灯", ""], "ガス", [Span(1, 0, 3)]),
    ],
)
def test_examples(cells, stretch, expected):
    whole = "".join(as_text(normalize_text(cell)) for cell in cells)
    start = whole.index(stretch)

    assert locate([cells], [start], [start + len(stretch)]) == [expected]


def test_stretches_of_many_records_are_found_at_once():
    assert locate([], [], []) == []
    assert locate([["ああ、いう", "", ""], ["", "", "えーお"]], [1, 0], [3, 1]) == [[Span(0, 1, 4)], [Span(2, 0, 1)]]


@settings(deadline=None)
@given(st.lists(st.text("あA1、。 Ｂ", max_size=8), min_size=3, max_size=3), st.data())
def test_what_is_located_normalizes_to_the_stretch(cells, data):
    whole = "".join(as_text(normalize_text(cell)) for cell in cells)
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, len(whole)))

    (found,) = locate([cells], [start], [end])

    assert (
        "".join(as_text(normalize_text(cells[span.cell][span.start : span.end])) for span in found) == whole[start:end]
    )
