"""The number of steps follows from what there is to train on, unless the config says it."""

from __future__ import annotations

import numpy as np
import pytest

from finetune import config
from finetune.errors import DataError
from finetune.feed import Feed


def feed(places: int | None) -> Feed:
    return Feed(train=None, validation=None, lengths=np.zeros(0, dtype=np.int32), places=places, known=None)


def test_steps_of_the_papers_recipe():
    assert feed(8_393_726 - 2_000).steps(config.Training()) == 64_552


def test_steps_that_the_config_names():
    assert feed(1000).steps(config.Training(max_steps=7)) == feed(None).steps(config.Training(max_steps=7)) == 7


def test_steps_of_several_epochs_of_rows():
    assert feed(41).steps(config.Training(batching="rows", global_batch=20, epochs=2)) == 6


def test_steps_that_nobody_knows():
    with pytest.raises(DataError, match=r"Next step: set training.max_steps\.$"):
        feed(None).steps(config.Training())
