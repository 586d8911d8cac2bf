"""The likelihood of a response is that of one row alone, whatever stands beside it in a batch."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from datasets import Dataset
from transformers import AutoModelForCausalLM

from finetune import data
from finetune.evaluation import likelihood


def test_batches_give_what_single_rows_give(base, tokenizer, records):
    model = AutoModelForCausalLM.from_pretrained(base).eval()
    rows = data.tokenise(Dataset.from_list(records[:7]), tokenizer, workers=1)
    found = likelihood.nats(model, rows, pad=0, batch_size=3)
    for row, (nats, tokens) in zip(rows, found, strict=True):
        ids = torch.tensor([row["input_ids"]])
        with torch.inference_mode():
            chances = model(ids).logits[0, :-1].log_softmax(-1)
        of_response = range(row["prompt"] - 1, len(row["input_ids"]) - 1)
        assert nats == pytest.approx(-sum(chances[place, ids[0, place + 1]].item() for place in of_response), rel=1e-5)
        assert tokens == len(of_response)
    assert np.allclose(found, likelihood.nats(model, rows, pad=0, batch_size=1), rtol=1e-5)
