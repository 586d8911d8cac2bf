"""A record's noise goes by its own length, however the records are put together; an evaluation has none."""

from __future__ import annotations

import math

import pytest
import torch

from finetune import neftune, packing, varlen

LENGTHS = [5, 61, 40, 128, 33, 90]
FIRST = 10
"""Token of the first record; the next one holds the next token only."""
ALPHA = 5.0
SIZE = 64


def collate(tokenizer, batching, attention):
    rows = [{"input_ids": [FIRST + number] * length, "labels": [1] * length} for number, length in enumerate(LENGTHS)]
    made = packing.collator(batching, tokenizer, max_tokens=128, attention=attention)
    return made([rows[:3], rows[3:4], rows[4:]] if batching == "rows" else rows)


@pytest.mark.parametrize("attention", ["sdpa", varlen.NAME])
@pytest.mark.parametrize("batching", ["packed", "rows", "dynamic", "padded"])
def test_noise_goes_by_the_length_of_the_record(tokenizer, batching, attention):
    torch.manual_seed(0)
    batch, embedding = collate(tokenizer, batching, attention), torch.nn.Embedding(500, SIZE)
    plain = embedding(batch["input_ids"])
    noise = neftune.Noise(embedding, ALPHA)
    noise.expect(batch)
    added = (embedding(batch["input_ids"]) - plain).detach().abs()
    for number, length in enumerate(LENGTHS):
        own = added[batch["input_ids"] == FIRST + number]
        assert own.shape == (length, SIZE)
        assert own.max().item() == pytest.approx(ALPHA / math.sqrt(length * SIZE), rel=0.03)
        assert own.mean().item() == pytest.approx(own.max().item() / 2, rel=0.1)


def test_an_evaluation_has_none_and_the_type_stays(tokenizer):
    batch, embedding = collate(tokenizer, "packed", "sdpa"), torch.nn.Embedding(500, SIZE).bfloat16()
    plain = embedding(batch["input_ids"])
    noise = neftune.Noise(embedding, ALPHA)
    noise.expect(batch)
    noisy = embedding(batch["input_ids"])
    assert noisy.dtype == torch.bfloat16 and not noisy.equal(plain)
    assert embedding.eval()(batch["input_ids"]).equal(plain)
