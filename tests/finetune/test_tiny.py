"""The small LLaMA: a lossless tokenizer in LLaMA's layout, the same files each time, a model that can be taught."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoModelForCausalLM, AutoTokenizer

from finetune import tiny
from finetune.errors import ModelError

TEXTS = [
    "次の英語を日本語に翻訳してください。\nI like cats.\n猫が好きです。",
    "次の英語を日本語に翻訳してください。\nThe train is late.\n電車が遅れています。",
    "日本の首都はどこですか。\n\n東京です。",
]


@pytest.fixture(scope="module")
def model_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.make(TEXTS * 10, tmp_path_factory.mktemp("tiny"), vocab_size=400)


@pytest.fixture(scope="module")
def tokenizer(model_dir):
    return AutoTokenizer.from_pretrained(model_dir)


@settings(max_examples=200, deadline=None)
@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="▁")))
def test_any_text_survives_the_tokenizer(tokenizer, text):
    for special in tiny.SPECIAL_TOKENS:  # those mean themselves, as in LLaMA
        text = text.replace(special, "")
    assert tokenizer.decode(tokenizer(text)["input_ids"], skip_special_tokens=True) == text


def test_a_character_spelt_in_bytes_is_still_there_without_special_tokens(tokenizer):
    ids = tokenizer("鬱")["input_ids"]
    assert tokenizer.convert_ids_to_tokens(ids[-3:]) == ["<0xE9>", "<0xAC>", "<0xB1>"]
    assert tokenizer.decode(ids, skip_special_tokens=True) == "鬱"


def test_tokens_of_a_prompt_are_a_prefix_of_the_record_s(tokenizer):
    prompt, answer = "次の英語を日本語に翻訳してください。\nI like cats.\n", "猫が好きです。"
    ids = tokenizer(prompt)["input_ids"]
    assert tokenizer(prompt + answer)["input_ids"][: len(ids)] == ids


def test_ids_lie_as_in_llama(tokenizer):
    assert tokenizer.convert_ids_to_tokens([0, 1, 2, 3, 258]) == ["<unk>", "<s>", "</s>", "<0x00>", "<0xFF>"]
    assert (tokenizer.bos_token_id, tokenizer.eos_token_id, tokenizer.unk_token_id) == (1, 2, 0)
    assert tokenizer("猫")["input_ids"][0] == 1
    assert tokenizer("猫")["input_ids"][-1] != 2


def test_model_is_a_plain_llama_that_fits_its_tokenizer(model_dir, tokenizer):
    model = AutoModelForCausalLM.from_pretrained(model_dir)
    assert model.config.architectures == ["LlamaForCausalLM"]
    assert model.config.vocab_size == len(tokenizer) <= 400
    assert (model.config.hidden_size, model.config.num_hidden_layers) == (64, 2)


def test_same_arguments_give_the_same_bytes_in_another_process(tmp_path):
    data = tmp_path / "data.jsonl"
    rows = [dict(zip(("instruction", "output", "input"), text.split("\n"), strict=True)) for text in TEXTS]
    once = "".join(
        map(chr, range(0x4E00, 0x4E64))
    )  # more characters as rare as each other than the vocabulary has room for
    rows.append({"instruction": once, "output": once, "input": ""})
    data.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    command = ["--data", str(data), "--vocab-size", "400", "--pretrain-steps", "2", "--out"]
    assert tiny.main([*command, str(tmp_path / "here")]) == 0
    subprocess.run([sys.executable, "-m", "finetune.tiny", *command, str(tmp_path / "there")], check=True)
    here, there = (
        {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in (tmp_path / run).iterdir()}
        for run in ("here", "there")
    )
    assert here == there


def test_another_seed_gives_other_weights(model_dir, tmp_path):
    other = tiny.make(TEXTS * 10, tmp_path, vocab_size=400, seed=7)
    first, second = (AutoModelForCausalLM.from_pretrained(path) for path in (model_dir, other))
    assert not first.lm_head.weight.equal(second.lm_head.weight)


def test_pretraining_teaches_the_texts(tmp_path):
    out = tiny.make(TEXTS, tmp_path, vocab_size=400, pretrain_steps=60)
    tokenizer, model = AutoTokenizer.from_pretrained(out), AutoModelForCausalLM.from_pretrained(out)
    question = tokenizer("日本の首都はどこですか。\n\n", return_tensors="pt")
    answer = model.generate(**question, max_new_tokens=20, do_sample=False, pad_token_id=2)[0]
    assert tokenizer.decode(answer, skip_special_tokens=True).endswith("東京です。")
    assert answer[-1] == tokenizer.eos_token_id


@pytest.mark.parametrize(
    ("texts", "sizes", "message"),
    [
        ([" ", ""], {}, "no text to train the tokenizer on: give records that are not empty"),
        (TEXTS, {"hidden_size": 50}, "hidden_size 50 is not a multiple of 32, the size of an attention head"),
        (
            TEXTS,
            {"vocab_size": 260},
            "vocab_size 260 leaves no room for pieces beside the 259 fixed tokens: use 300 or more",
        ),
    ],
)
def test_what_cannot_work_is_refused(tmp_path, texts, sizes, message):
    with pytest.raises(ModelError) as error:
        tiny.make(texts, tmp_path / "out", **sizes)
    assert str(error.value) == message
    assert not (tmp_path / "out").exists()


def test_a_folder_with_other_things_is_left_alone(tmp_path, capsys):
    (tmp_path / "data.jsonl").write_text('{"instruction": "あ", "input": "", "output": "い"}\n', encoding="utf-8")
    (tmp_path / "config.json").write_text("theirs")
    assert tiny.main(["--data", str(tmp_path / "data.jsonl"), "--out", str(tmp_path), "--vocab-size", "300"]) == 1
    assert f"error: {tmp_path} exists already\nNext step: " in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.json", "data.jsonl"]
    assert (tmp_path / "config.json").read_text() == "theirs"


def test_command_without_data_says_what_to_give(tmp_path, capsys):
    missing = tmp_path / "missing.jsonl"
    assert tiny.main(["--data", str(missing), "--out", str(tmp_path / "out")]) == 1
    message = capsys.readouterr().err
    assert message.startswith(f"error: there is no dataset {missing}")
    assert "Next step: give a directory made by python -m builders build, a JSON Lines file, or " in message
