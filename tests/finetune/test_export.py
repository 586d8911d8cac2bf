"""The GGUF file holds the merged model's weights and tokenizer, and llama.cpp answers from it as the merged model does.

`make test-gguf` installs llama.cpp's converter and runs the tests that need it.
"""

from __future__ import annotations

import json
import subprocess
import sys

import gguf
import numpy
import pytest
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer

from finetune import export, generate, merge, prompts
from finetune.generate import Question
from tests.finetune.adapters import QUESTION

needs_converter = pytest.mark.skipif(not export.ready(), reason="make test-gguf installs the converter")
ASK_LLAMA_CPP = """
import json, sys
sys.path.insert(0, sys.argv[1])
import xllamacpp
wanted = xllamacpp.CommonParams()
wanted.model.path, wanted.n_ctx, wanted.warmup = sys.argv[2], 256, False
wanted.cpuparams.n_threads = wanted.cpuparams_batch.n_threads = 1
answer = xllamacpp.Server(wanted).handle_completions({"prompt": sys.argv[3], "max_tokens": 24, "temperature": 0})
print(json.dumps(answer["choices"][0]["text"]))
"""
"""In a process of its own: llama.cpp ends the process where it cannot read a file."""


@pytest.fixture(scope="module")
def merged(adapter_dir, tmp_path_factory):
    return merge.merge(adapter_dir, tmp_path_factory.mktemp("merge") / "merged")


@pytest.fixture(scope="module")
def file(merged, tmp_path_factory):
    out = tmp_path_factory.mktemp("gguf") / "merged.gguf"
    assert export.main([str(merged), "--out", str(out), "--type", "f32"]) == 0
    return out


@needs_converter
def test_weights_and_tokenizer_are_the_merged_model_s(merged, file):
    reader, tokenizer = gguf.GGUFReader(file), AutoTokenizer.from_pretrained(merged)
    weights = {tensor.name: tensor.data for tensor in reader.tensors}
    own = load_file(merged / "model.safetensors")
    assert len(weights) == len(own)
    for name, expected in (("token_embd", "model.embed_tokens"), ("blk.1.attn_v", "model.layers.1.self_attn.v_proj")):
        assert numpy.array_equal(weights[f"{name}.weight"], own[f"{expected}.weight"].numpy())
    fields = {name: field.contents() for name, field in reader.fields.items()}
    assert fields["general.architecture"] == "llama"
    assert fields["tokenizer.ggml.tokens"] == tokenizer.convert_ids_to_tokens(range(len(tokenizer)))
    assert fields["tokenizer.ggml.bos_token_id"] == tokenizer.bos_token_id
    assert fields["tokenizer.ggml.eos_token_id"] == tokenizer.eos_token_id


@needs_converter
def test_llama_cpp_gives_the_same_greedy_answers(merged, file):
    model, tokenizer = AutoModelForCausalLM.from_pretrained(merged), AutoTokenizer.from_pretrained(merged)
    prompt = prompts.Prompt("alpaca", tokenizer)
    questions = [Question(QUESTION), Question("東京は何の首都ですか。")]
    for question, expected in zip(
        questions, generate.generate(model, prompt, questions, max_new_tokens=24), strict=True
    ):
        line = [
            sys.executable,
            "-c",
            ASK_LLAMA_CPP,
            str(export.LIBRARY),
            str(file),
            prompts.format_prompt(question.instruction),
        ]
        asked = subprocess.run(line, capture_output=True, text=True)
        assert asked.returncode == 0, asked.stderr
        assert json.loads(asked.stdout.splitlines()[-1]).strip() == expected.text


@needs_converter
def test_a_model_that_the_converter_does_not_know(tmp_path, capsys):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config.json").write_text(
        '{"architectures": ["UnheardOfForCausalLM"], "model_type": "llama"}'
    )
    assert export.main([str(tmp_path / "model"), "--out", str(tmp_path / "out.gguf")]) == 1
    message = capsys.readouterr().err
    assert f"error: {tmp_path / 'model'} cannot be converted: " in message and "UnheardOfForCausalLM" in message
    assert "\nNext step: " in message
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


@pytest.mark.parametrize(
    ("installed", "message"),
    [
        (False, "llama.cpp's converter is not installed in "),
        (True, " is not a model: config.json is missing\nNext step: give the folder that finetune.merge wrote."),
    ],
    ids=["no converter", "no model"],
)
def test_what_is_not_there(tmp_path, monkeypatch, capsys, installed, message):
    monkeypatch.setattr(export, "ready", lambda: installed)
    assert export.main([str(tmp_path), "--out", str(tmp_path / "out.gguf")]) == 1
    assert message in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
