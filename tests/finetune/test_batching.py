"""130 records a step come out exactly, or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finetune import batching
from finetune.errors import ConfigError


@pytest.mark.parametrize(
    ("per_device", "processes", "accumulation"),
    [(65, 2, 1), (13, 2, 5), (13, 1, 10), (130, 1, 1), (1, 130, 1), (13, 10, 1)],
)
def test_the_recipes_batch(per_device, processes, accumulation):
    batch = batching.plan(130, per_device, processes)
    assert batch == batching.Batch(per_device, accumulation, processes)
    assert batch.records == 130


@given(st.integers(1, 600), st.integers(1, 80), st.integers(1, 80))
def test_a_plan_is_exact_or_refused(global_batch, per_device, processes):
    try:
        assert batching.plan(global_batch, per_device, processes).records == global_batch
    except ConfigError:
        assert global_batch % (per_device * processes)


def test_impossible_number_of_processes_lists_what_works():
    with pytest.raises(ConfigError) as error:
        batching.plan(130, 13, 4)
    assert str(error.value) == (
        "130 records a step cannot be shared equally by 4 processes.\n"
        "Numbers of processes that work, with the training.per_device_batch for each:\n"
        "    1: 1, 2, 5, 10, 13, 26, 65, 130\n"
        "    2: 1, 5, 13, 65\n"
        "    5: 1, 2, 13, 26\n"
        "   10: 1, 13\n"
        "   13: 1, 2, 5, 10\n"
        "   26: 1, 5\n"
        "   65: 1, 2\n"
        "  130: 1\n"
        "Next step: start one of these numbers, or give up the recipe's batch: training.global_batch 128 or 132."
    )


def test_impossible_records_at_once_lists_what_works():
    with pytest.raises(ConfigError) as error:
        batching.plan(130, 14, 2)
    assert str(error.value) == (
        "2 x 14 records at once do not add up to 130 a step.\n"
        "Next step: set training.per_device_batch to one of 1, 5, 13, 65."
    )


@given(st.integers(1, 200), st.integers(1, 200))
def test_what_is_listed_works(global_batch, processes):
    for per_device in batching.divisors(global_batch // processes) if not global_batch % processes else []:
        assert batching.plan(global_batch, per_device, processes).records == global_batch


def test_the_papers_steps():
    records = 8_393_726 - 2_000
    assert batching.steps(records, 130) == 64_552
    assert records - 64_551 * 130 == 96  # the last step trains these


def test_steps_of_several_epochs_and_of_half_an_epoch():
    assert batching.steps(131, 130, epochs=3) == 6
    assert batching.steps(1300, 130, epochs=0.5) == 5


@given(records=st.integers(1, 1000), global_batch=st.integers(1, 130), epochs=st.integers(1, 3))
def test_all_records_are_trained_once_an_epoch(records, global_batch, epochs):
    steps = batching.steps(records, global_batch, epochs)
    assert batching.records_after(steps, records, global_batch) == epochs * records
    assert batching.records_after(1, records, global_batch) == min(records, global_batch)
