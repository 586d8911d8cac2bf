"""Shares of a mixture add up exactly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from finetune import config, mixture


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=20), st.integers(0, 10_000))
def test_weights_share_out_every_record(weights, total):
    counts = mixture.count({str(n): config.Share(weight=weight) for n, weight in enumerate(weights)}, total)
    assert sum(counts.values()) == total
    for number, weight in enumerate(weights):
        assert abs(counts[str(number)] - total * weight / sum(weights)) < 1


def test_numbers_are_taken_first():
    shares = {"a": config.Share(records=30), "b": config.Share(weight=1), "c": config.Share(weight=2)}
    assert mixture.count(shares, 100) == {"a": 30, "b": 23, "c": 47}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"mixture": {"a": {}}}, "give either records or weight"),
        ({"mixture": {"a": {"records": 1, "weight": 1}}}, "give either records or weight"),
        ({"mixture": {"a": {"weight": 1}}}, "weights in a mixture need a limit above the numbers of records in it"),
        ({"mixture": {"a": {"records": 5}, "b": {"weight": 1}}, "limit": 5}, "need a limit above"),
        ({"mixture": {"a": {"records": 5}}, "limit": 5}, "a mixture of numbers of records needs no limit"),
        ({"mixture": {"a": {"records": 5}}, "config": "a"}, "give either config or mixture"),
        ({"mixture": {}}, "at least 1"),
    ],
)
def test_what_makes_no_sense_is_refused(settings, message):
    with pytest.raises(ValidationError, match=message):
        config.Data(dataset="d", **settings)
