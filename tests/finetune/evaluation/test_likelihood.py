"""The likelihood of a response is that of one row alone, whatever stands beside it and however often its prompt is read."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from datasets import Dataset
from transformers import AutoModelForCausalLM, MistralConfig, MistralForCausalLM

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


@pytest.mark.parametrize("shape", ["llama", "sliding"])
def test_a_question_that_is_read_once_gives_what_whole_rows_give(shape, base, tokenizer, records):
    model = AutoModelForCausalLM.from_pretrained(base).eval() if shape == "llama" else sliding(len(tokenizer))
    answers = ["はい", "はいはい", "I do not know.", "いいえ、違います"]
    asked = [record | {"output": answer} for record in records[:5] for answer in answers]
    rows = data.tokenise(Dataset.from_list(asked), tokenizer, workers=1)
    assert len({row["prompt"] for row in rows}) > 1, "no question is padded"
    whole = likelihood.nats(model, rows, pad=0, batch_size=1)[:, 0].reshape(-1, len(answers))
    for batch_size in (1, 8, 20):
        found = likelihood.of_choices(model, rows, choices=len(answers), pad=0, batch_size=batch_size)
        assert np.allclose(found, whole, rtol=1e-5)


def sliding(vocabulary: int) -> torch.nn.Module:
    """A model whose layers see no farther back than 16 tokens, less than a question has."""
    config = MistralConfig(
        vocab_size=vocabulary,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        sliding_window=16,
    )
    torch.manual_seed(0)
    return MistralForCausalLM(config).eval()
