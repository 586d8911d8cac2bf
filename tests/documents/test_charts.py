"""Charts are PNG files that show what they are given."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from matplotlib.image import imread

from builders.documents import charts
from builders.documents.charts import Span
from builders.tree import lengths

BLUE = np.array([0x3B, 0x6E, 0xA8]) / 255


def test_a_bar_is_longer_for_more_records():
    image = imread(BytesIO(charts.bars({"few": 10, "many": 1_000, "none": 0}, "Records", "records")))

    widths = [row.sum() for row in _is_blue(image) if row.any()]

    assert len(set(widths)) == 2  # two bars, none for none
    assert widths[0] > 2 * widths[-1]  # the longer one on top


def test_a_piece_is_as_long_as_its_share():
    image = imread(BytesIO(charts.shares({"All": {"one": 3, "two": 1}})))

    blue, orange = (_is(image, colour).sum(axis=1).max() for colour in charts.COLOURS[:2])

    assert abs(blue / orange - 3) < 0.05
    assert image[0, 0, 3] == 0, "no background"


def test_spans_lie_on_a_logarithmic_axis():
    image = imread(BytesIO(charts.spans({"a": Span(1, 3, 10), "b": Span(1, 20, 100)}, "Lengths")))

    widths = sorted(set(_is(image, charts.COLOURS[0]).sum(axis=1)) - {0})

    assert image.shape[1] == 1120 and abs(widths[-1] / widths[0] - 2) < 0.1


@pytest.mark.parametrize("draw", [lambda: charts.shares({}), lambda: charts.spans({}, "Lengths")])
def test_charts_of_the_card_can_be_drawn_of_nothing(draw):
    assert imread(BytesIO(draw())).shape[1] == 1120


def _is(image: np.ndarray, colour: str) -> np.ndarray:
    wanted = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    return (np.abs(image[:, :, :3] - wanted) < 0.02).all(axis=2) & (image[:, :, 3] > 0.9)


DRAWN = {
    "bars": (lambda: charts.bars({"a": 3}, "Records", "records"), True),
    "histogram": (lambda: charts.histogram({"input": [3, 1]}, lengths.EDGES, "Lengths", "characters"), True),
    "shares": (lambda: charts.shares({"All": {"one": 3}}), False),
    "spans": (lambda: charts.spans({"a": Span(1, 3, 10)}, "Lengths"), False),
}


@pytest.mark.parametrize(("draw", "is_ours"), DRAWN.values(), ids=DRAWN)
def test_a_chart_holds_no_date_and_no_version_and_is_known_again_where_a_person_asks_for_it(draw, is_ours):
    png, again = draw(), draw()

    assert png.startswith(b"\x89PNG") and png == again
    assert png.count(b"tEXt") == is_ours and b"tIME" not in png
    assert charts.is_ours(BytesIO(png)) == is_ours


@pytest.mark.parametrize(
    "series", [{}, {"input": []}, {"input": [5]}, {"input": [0] * 40 + [1]}, {"input": [1, 2], "output": [0, 0, 3]}]
)
def test_a_histogram_can_be_drawn_of_few_texts(series):
    assert imread(BytesIO(charts.histogram(series, lengths.EDGES, "Lengths", "characters"))).shape[1] == 900


def test_bars_can_be_drawn_of_nothing():
    assert imread(BytesIO(charts.bars({}, "Records", "records"))).shape[1] == 900


def _is_blue(image: np.ndarray) -> np.ndarray:
    return (np.abs(image[:, :, :3] - BLUE) < 0.02).all(axis=2)
