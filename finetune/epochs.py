"""The order of the records: every record once an epoch, and every step made of the same places.

The number of training records is hardly ever a multiple of the global batch. The Trainer would end an epoch with
whatever is left, and even that out over the processes by training some records twice, so the result would depend on the
number of processes. Instead the last step is filled up with empty places, which count in no loss.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from datasets import Dataset
from torch.utils import data as torch_data

from finetune.data import IGNORED
from finetune.packing import Record


class Epochs(torch_data.Dataset[Record | list[Record]]):
    """Tokenised records, or rows of them, in another random order in each epoch, filled up to whole global batches."""

    def __init__(
        self, records: Dataset, global_batch: int, seed: int, rows: Sequence[Sequence[int]] | None = None
    ) -> None:
        """Put ``records`` into the order of epoch 0.

        Args:
            records: The columns ``input_ids`` and ``labels``.
            global_batch: Records a step, or rows.
            seed: Decides the order, together with the epoch.
            rows: The records of each row (``packing.rows_of``), where a step counts rows.
        """
        self.records, self.rows = records, rows
        self.places = len(records if rows is None else rows)
        self.length = -(-self.places // global_batch) * global_batch
        self.seed = seed
        self.nothing = {"input_ids": records[0]["input_ids"][:1], "labels": [IGNORED]}
        self.set_epoch(0)

    def set_epoch(self, epoch: int) -> None:
        """Shuffle for ``epoch``, counted from 0. accelerate calls this before each epoch."""
        self.order = np.random.default_rng((self.seed, epoch)).permutation(self.places)

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, place: int) -> Record | list[Record]:
        number = int(self.order[place]) if place < self.places else None
        if self.rows is None:
            return self._record(number)
        return [self._record(member) for member in ([None] if number is None else self.rows[number])]

    def _record(self, number: int | None) -> Record:
        if number is None:
            return self.nothing
        record: Record = self.records[number]
        return record
