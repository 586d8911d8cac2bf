"""Every record is trained once an epoch, in an order that only seed and epoch decide."""

from __future__ import annotations

import pytest
from datasets import Dataset
from hypothesis import given, settings
from hypothesis import strategies as st

from finetune.epochs import Epochs


def make(count: int, global_batch: int = 10, seed: int = 42) -> Epochs:
    rows = [{"input_ids": [1, 100 + number], "labels": [-100, 100 + number]} for number in range(count)]
    return Epochs(Dataset.from_list(rows), global_batch, seed)


def order(epochs: Epochs, epoch: int) -> list[int]:
    epochs.set_epoch(epoch)
    return [epochs[place]["labels"][-1] for place in range(len(epochs))]


@settings(max_examples=20, deadline=None)
@given(count=st.integers(1, 60), global_batch=st.integers(1, 20), epoch=st.integers(0, 3))
def test_every_record_once_and_the_rest_counts_in_no_loss(count, global_batch, epoch):
    places = order(make(count, global_batch), epoch)
    assert len(places) % global_batch == 0
    assert len(places) - count < global_batch
    assert sorted(places[:count]) == [100 + number for number in range(count)]
    assert set(places[count:]) <= {-100}


def test_an_empty_place_is_one_token_that_is_not_predicted():
    epochs = make(3)
    assert epochs[9] == {"input_ids": [1], "labels": [-100]}


def test_order_depends_on_seed_and_epoch_alone():
    epochs = make(40)
    assert order(epochs, 0) != order(epochs, 1)
    assert order(epochs, 0) == order(make(40), 0)
    assert order(epochs, 0) != order(make(40, seed=7), 0)


def test_rows_stay_together_and_an_empty_place_is_a_row():
    rows = [[0, 3], [1], [2, 4]]
    records = make(5).records
    epochs = Epochs(records, 2, 42, rows)
    assert len(epochs) == 4 and epochs.places == 3
    for epoch in (0, 1):
        epochs.set_epoch(epoch)
        found = [[record["labels"][-1] - 100 for record in epochs[place]] for place in range(3)]
        assert sorted(found) == sorted(rows)
    assert epochs[3] == [{"input_ids": [1], "labels": [-100]}]


@pytest.mark.parametrize("count", [20, 21])
def test_length_is_in_whole_global_batches(count):
    assert len(make(count)) == {20: 20, 21: 30}[count]
