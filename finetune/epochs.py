"""The order of the records: every record once an epoch, and every step made of the same places.

The number of training records is hardly ever a multiple of the global batch. The Trainer would end an epoch with
whatever is left, and even that out over the processes by training some records twice, so the result would depend on the
number of processes. Instead the last step is filled up with empty places, which count in no loss.
"""

from __future__ import annotations

import numpy as np
from datasets import Dataset
from torch.utils import data as torch_data

from finetune.data import IGNORED


class Epochs(torch_data.Dataset[dict[str, list[int]]]):
    """Tokenised records in another random order in each epoch, filled up to whole global batches."""

    def __init__(self, records: Dataset, global_batch: int, seed: int) -> None:
        """Put ``records`` into the order of epoch 0.

        Args:
            records: The columns ``input_ids`` and ``labels``.
            global_batch: Records a step.
            seed: Decides the order, together with the epoch.
        """
        self.records = records
        self.length = -(-len(records) // global_batch) * global_batch
        self.seed = seed
        self.nothing = {"input_ids": records[0]["input_ids"][:1], "labels": [IGNORED]}
        self.set_epoch(0)

    def set_epoch(self, epoch: int) -> None:
        """Shuffle for ``epoch``, counted from 0. accelerate calls this before each epoch."""
        self.order = np.random.default_rng((self.seed, epoch)).permutation(len(self.records))

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, place: int) -> dict[str, list[int]]:
        if place >= len(self.order):
            return self.nothing
        record: dict[str, list[int]] = self.records[int(self.order[place])]
        return record
