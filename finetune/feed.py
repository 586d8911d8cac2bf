"""What a training draws its records from: a dataset that was tokenised before, or a stream."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from datasets import Dataset
from numpy.typing import NDArray
from transformers import PreTrainedTokenizerBase, TrainingArguments

from finetune import batching, config, data, packing, streaming
from finetune.epochs import Epochs
from finetune.errors import DataError
from finetune.streaming import Stream


@dataclass(frozen=True)
class Feed:
    """The records of a run, in the order of its steps."""

    train: Epochs | Stream
    validation: Dataset | None
    lengths: NDArray[np.int32]
    """Tokens of records, without EOS: of all, or of some of a stream."""
    places: int | None
    """Records, or rows, of an epoch; nothing where a stream does not say how many it has."""
    known: data.Counts | None
    """What the dataset holds; nothing where only the training will tell."""

    def counts(self) -> data.Counts:
        """Count what was trained on; each process has to call this."""
        if self.known is not None:
            return self.known
        assert isinstance(self.train, Stream)
        return self.train.counts()

    def steps(self, training: config.Training) -> int:
        """Count the steps that ``training`` takes.

        Raises:
            DataError: A stream does not say how many records it has, and nobody else does.
        """
        if training.max_steps is not None:
            return training.max_steps
        if self.places is None:
            raise DataError(
                "the stream does not say how many records (or rows) it holds, so the number of steps is unknown\n"
                "Next step: set training.max_steps."
            )
        return batching.steps(self.places, training.global_batch, training.epochs)


def prepare(settings: config.TrainConfig, arguments: TrainingArguments, tokenizer: PreTrainedTokenizerBase) -> Feed:
    """Read the dataset that ``settings`` name, or open it as a stream.

    Args:
        settings: The whole config.
        arguments: Those of the Trainer, which know the other processes.
        tokenizer: Cuts the texts into tokens.

    Raises:
        DataError: The dataset cannot be used.
    """
    training = settings.training
    in_rows = training.batching == "rows"
    if settings.data.streaming:
        share = arguments.process_index, arguments.world_size
        opened = streaming.prepare(settings.data, tokenizer, seed=training.seed, share=share, rows=in_rows)
        return Feed(opened.train, opened.validation, opened.lengths, None if in_rows else opened.records, None)
    with arguments.main_process_first(desc="tokenising"):
        prepared = data.prepare(settings.data, tokenizer, seed=training.seed)
    rows = packing.rows_of(prepared.kept, settings.data.max_tokens, training.seed) if in_rows else None
    train = Epochs(prepared.train, training.global_batch, training.seed, rows)
    return Feed(train, prepared.validation, prepared.lengths, train.places, prepared.counts)
