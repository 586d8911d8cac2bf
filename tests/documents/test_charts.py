"""Charts are PNG files that show what they are given."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from matplotlib.image import imread

from builders.documents import charts
from builders.tree import lengths

BLUE = np.array([0x3B, 0x6E, 0xA8]) / 255


def test_a_bar_is_longer_for_more_records():
    image = imread(BytesIO(charts.bars({"few": 10, "many": 1_000, "none": 0}, "Records", "records")))

    widths = [row.sum() for row in _is_blue(image) if row.any()]

    assert len(set(widths)) == 2  # two bars, none for none
    assert widths[0] > 2 * widths[-1]  # the longer one on top


def test_a_chart_holds_no_date_and_no_version():
    png = charts.histogram({"input": [3, 1]}, lengths.EDGES, "Lengths", "characters")

    assert png.startswith(b"\x89PNG")
    assert b"tEXt" not in png and b"tIME" not in png


@pytest.mark.parametrize(
    "series", [{}, {"input": []}, {"input": [5]}, {"input": [0] * 40 + [1]}, {"input": [1, 2], "output": [0, 0, 3]}]
)
def test_a_histogram_can_be_drawn_of_few_texts(series):
    assert imread(BytesIO(charts.histogram(series, lengths.EDGES, "Lengths", "characters"))).shape[1] == 900


def test_bars_can_be_drawn_of_nothing():
    assert imread(BytesIO(charts.bars({}, "Records", "records"))).shape[1] == 900


def _is_blue(image: np.ndarray) -> np.ndarray:
    return (np.abs(image[:, :, :3] - BLUE) < 0.02).all(axis=2)
