"""What people tune today: tied embeddings, fewer key heads, no BOS, chat templates; in small, trained as LLaMA is."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer, processors
from transformers import AutoModelForCausalLM, AutoTokenizer, Gemma3TextConfig, Qwen3Config

from finetune import adapter, config, generate, merge, models, packing, prompts
from finetune.generate import Question
from tests.finetune.test_prompts import CHATML
from tests.finetune.test_train import ADAPTER, here, write_config

SIZES = {
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 16,
    "tie_word_embeddings": True,
}
KINDS = {
    "qwen": lambda vocabulary: Qwen3Config(vocab_size=vocabulary, **SIZES),
    "gemma": lambda vocabulary: Gemma3TextConfig(
        vocab_size=vocabulary,
        sliding_window=64,
        layer_types=["sliding_attention", "full_attention"],
        query_pre_attn_scalar=16,
        **SIZES,
    ),
}


@pytest.fixture(scope="module", params=KINDS)
def chat_base(request, base, tmp_path_factory) -> Path:
    """A random model of another kind than LLaMA, with ChatML; Qwen's tokenizer puts no BOS in front, Gemma's does."""
    folder = tmp_path_factory.mktemp(request.param)
    tokenizer = AutoTokenizer.from_pretrained(base)
    tokenizer.add_special_tokens({"additional_special_tokens": ["<|im_start|>", "<|im_end|>"]})
    tokenizer.chat_template = CHATML
    tokenizer.save_pretrained(folder)
    if request.param == "qwen":
        inner = Tokenizer.from_file(str(folder / "tokenizer.json"))
        inner.post_processor = processors.TemplateProcessing(single="$A", special_tokens=[])
        inner.save(str(folder / "tokenizer.json"))
    torch.manual_seed(0)
    AutoModelForCausalLM.from_config(KINDS[request.param](len(tokenizer))).save_pretrained(folder)
    return folder


@pytest.mark.parametrize("attention", ["sdpa", "sdpa_varlen"])
def test_packed_is_one_by_one(chat_base, attention):
    """Also where a layer sees a window of 64 tokens only, and records are longer."""
    lora = config.Lora(dropout=0, target_modules=("all-linear",))
    model = models.add_lora(models.load_base(chat_base), lora).train()
    tokenizer = models.load_tokenizer(chat_base)
    for name, parameter in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.02)
    draw = torch.Generator().manual_seed(0)
    ids = [torch.randint(3, 400, (length,), generator=draw).tolist() for length in (5, 90, 70, 3, 120, 40, 33)]
    rows = [{"input_ids": row, "labels": row} for row in ids]
    tokens = sum(len(row) - 1 for row in ids)

    def gradients(batches) -> tuple[float, list[torch.Tensor]]:
        model.zero_grad()
        loss = sum(model(**batch, num_items_in_batch=tokens).loss for batch in batches)
        loss.backward()
        return loss.item(), [weight.grad.clone() for weight in model.parameters() if weight.requires_grad]

    loss, expected = gradients([{name: torch.tensor([row[name]]) for name in row} for row in rows])
    model.get_base_model().set_attn_implementation(attention)
    batch = packing.collator("packed", tokenizer, max_tokens=128, attention=attention)(rows)
    for packed in (batch, packing.scored_only(batch)):
        together, found = gradients([packed])
        assert together == pytest.approx(loss, rel=1e-6)
        for one, other in zip(found, expected, strict=True):
            assert (one - other).abs().max() <= 1e-5 * other.abs().max()


def test_train_answer_and_merge_with_the_models_own_chat_template(chat_base, dataset, tmp_path):
    path = write_config(
        tmp_path,
        chat_base,
        dataset,
        "out",
        lora={"target_modules": "all-linear"},
        data={"prompt": "chat_template", "train_on_inputs": False},
        training={"learning_rate": 3e-3, "deepspeed": "zero2.json"},
    )
    report = here(path)
    assert report["loss"]["last"] < report["loss"]["first"]
    trained = {name.split(".lora_")[0].rpartition(".")[2] for name in load_file(tmp_path / "out" / ADAPTER)}
    assert trained == {"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"}
    tuned = adapter.load(tmp_path / "out", dtype="float32")
    assert tuned.prompt.kind == "chat_template"
    assert tuned.tokenizer.chat_template == CHATML
    assert tuned.prompt.end == tuned.tokenizer.convert_tokens_to_ids("<|im_end|>")
    questions = [Question("札幌の名物を教えてください。"), Question("続けて。", "猫")]
    before = generate.generate(tuned.model, tuned.prompt, questions, max_new_tokens=8)
    folder = merge.merge(tmp_path / "out", tmp_path / "merged")
    merged = AutoModelForCausalLM.from_pretrained(folder)
    prompt = prompts.Prompt("chat_template", AutoTokenizer.from_pretrained(folder))
    assert generate.generate(merged, prompt, questions, max_new_tokens=8) == before
