"""A GGUF file becomes a folder that loads like any other model; one that cannot be read is named with the reason."""

from __future__ import annotations

import gguf
import numpy as np
import pytest
import torch
from tokenizers import pre_tokenizers
from transformers import AutoModelForCausalLM

from finetune import gguf as converter
from finetune import models
from finetune.errors import ModelError

WIDTH, INNER, HEADS = 64, 96, 2
PIECES = [*sorted(pre_tokenizers.ByteLevel.alphabet()), "ab", "<|start|>", "<|end|>"]


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """A LLaMA of one layer in llama.cpp's own layout, its embeddings quantised to 4 bits."""
    path = tmp_path_factory.mktemp("gguf") / "small.gguf"
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(128)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(1)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_vocab_size(len(PIECES))
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(PIECES)
    writer.add_token_types([1] * (len(PIECES) - 2) + [3, 3])
    writer.add_token_merges(["a b"])
    writer.add_bos_token_id(len(PIECES) - 2)
    writer.add_eos_token_id(len(PIECES) - 1)
    draw = np.random.default_rng(0)
    for name, shape in shapes().items():
        weights = draw.normal(scale=0.1, size=shape).astype(np.float32)
        if name == "token_embd.weight":
            kind = gguf.GGMLQuantizationType.Q4_1
            writer.add_tensor(name, gguf.quants.quantize(weights, kind), raw_dtype=kind)
        else:
            writer.add_tensor(name, weights)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def shapes() -> dict[str, tuple[int, ...]]:
    square = {f"blk.0.attn_{name}.weight": (WIDTH, WIDTH) for name in ("q", "k", "v", "output")}
    inner = {"blk.0.ffn_gate.weight": (INNER, WIDTH), "blk.0.ffn_up.weight": (INNER, WIDTH)}
    norms = {f"{name}.weight": (WIDTH,) for name in ("blk.0.attn_norm", "blk.0.ffn_norm", "output_norm")}
    return {"token_embd.weight": (len(PIECES), WIDTH), "blk.0.ffn_down.weight": (WIDTH, INNER)} | square | inner | norms


def test_file_becomes_a_model_folder(file, tmp_path, capsys):
    out = tmp_path / "models" / "small"
    assert converter.main([str(file), "--out", str(out)]) == 0, capsys.readouterr().err
    model, tokenizer = models.load_base(out), models.load_tokenizer(out)
    assert model.dtype == torch.float32 and model.config.tie_word_embeddings
    assert not hasattr(AutoModelForCausalLM.from_pretrained(out).config, "quantization_config")
    assert tokenizer.eos_token == "<|end|>"
    assert tokenizer.decode(tokenizer("猫 ab", add_special_tokens=False)["input_ids"]) == "猫 ab"
    reader = {tensor.name: tensor for tensor in gguf.GGUFReader(file).tensors}
    embeddings = reader["token_embd.weight"]
    expected = gguf.quants.dequantize(embeddings.data, embeddings.tensor_type)
    assert np.allclose(model.get_input_embeddings().weight.detach().numpy(), expected)
    assert {path.stat().st_mode & 0o044 for path in out.iterdir()} == {0o044}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "is not a GGUF file: it begins with b''"),
        (b"PK\x03\x04....", "is not a GGUF file"),
        (b"GGUF\x03\x00", "cannot be read: "),
        (b"GGUF" + b"\xff" * 200, "cannot be read: "),
    ],
)
def test_file_that_cannot_be_read(tmp_path, content, problem):
    (tmp_path / "model.gguf").write_bytes(content)
    with pytest.raises(ModelError) as error:
        converter.convert(tmp_path / "model.gguf", tmp_path / "out")
    assert problem in str(error.value) and "\nNext step: " in str(error.value)
    assert [path.name for path in tmp_path.iterdir()] == ["model.gguf"]


def test_file_that_is_cut_short(file, tmp_path):
    (tmp_path / "cut.gguf").write_bytes(file.read_bytes()[:-20_000])
    with pytest.raises(ModelError, match=r"cut.gguf cannot be read: "):
        converter.convert(tmp_path / "cut.gguf", tmp_path / "out")


def test_missing_file_and_output_that_exists(file, tmp_path):
    with pytest.raises(ModelError, match="cannot be read: No such file"):
        converter.convert(tmp_path / "missing.gguf", tmp_path / "out")
    with pytest.raises(ModelError, match="exists already"):
        converter.convert(file, tmp_path)
