"""The prompt is the paper's to the letter: a model tuned with another one answers worse to this one."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import TemplateError

from finetune import config, data, models, prompts, streaming
from finetune.errors import DataError, ModelError

WITH_INPUT = """Below is an instruction that describes a task, paired with an input that provides further context. \
Write a response that appropriately completes the request.

### Instruction:
次の英語を日本語に翻訳してください。

### Input:
I like cats.

### Response:
"""
WITHOUT_INPUT = """Below is an instruction that describes a task. \
Write a response that appropriately completes the request.

### Instruction:
日本の首都はどこですか。

### Response:
"""


def test_exact_text_with_input():
    assert prompts.format_prompt("次の英語を日本語に翻訳してください。", "I like cats.") == WITH_INPUT


def test_exact_text_without_input():
    assert prompts.format_prompt("日本の首都はどこですか。") == WITHOUT_INPUT
    assert prompts.format_prompt("日本の首都はどこですか。", "") == WITHOUT_INPUT


def test_record_is_prompt_and_output():
    assert prompts.format_record("日本の首都はどこですか。", "", "東京です。") == WITHOUT_INPUT + "東京です。"


@given(instruction=st.text(), given_input=st.text(), output=st.text())
def test_texts_come_out_as_they_went_in(instruction, given_input, output):
    text = prompts.format_record(instruction, given_input, output)
    assert f"### Instruction:\n{instruction}\n\n###" in text
    assert text.endswith(f"### Response:\n{output}")
    assert (f"\n\n### Input:\n{given_input}\n\n### Response:\n" in text) or not given_input


def test_token_counts_with_llamas_own_tokenizer(llama_tokenizer_dir):
    """The frame takes 53 and 36 tokens of the 256, BOS included: what is left is the record's."""
    tokenizer = models.load_tokenizer(llama_tokenizer_dir)

    def count(text: str) -> int:
        return len(tokenizer(text)["input_ids"])

    assert count(prompts.format_prompt("", "x")) == 53 + 1
    assert count(prompts.format_prompt("")) == 36
    assert count(WITH_INPUT) == 80
    assert count(WITHOUT_INPUT) == 48


def chat(*contents: str) -> list[dict[str, str]]:
    return [{"role": ("user", "assistant")[place % 2], "content": content} for place, content in enumerate(contents)]


def test_the_alpaca_template_writes_what_is_trained_on(tokenizer):
    """Conversations in the tokenizer's own words give the ids of training, BOS and EOS where they belong."""
    taught = copy.deepcopy(tokenizer)
    taught.chat_template = prompts.alpaca_template(tokenizer)
    question, answer = "日本の首都は\nどこですか。{{ x }}", "東京です。"
    asked = taught.apply_chat_template(chat(question), add_generation_prompt=True)["input_ids"]
    assert asked == tokenizer(prompts.format_prompt(question))["input_ids"]
    told = taught.apply_chat_template(chat(question, answer))["input_ids"]
    record = prompts.format_record(question, "", answer)
    assert told == [*tokenizer(record)["input_ids"], tokenizer.eos_token_id]
    with pytest.raises(TemplateError, match="no place for a message of system"):
        taught.apply_chat_template([{"role": "system", "content": "x"}])


CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


@pytest.fixture
def chatty(tokenizer):
    """A tokenizer with ChatML, whose turns do not end with EOS."""
    taught = copy.deepcopy(tokenizer)
    taught.add_special_tokens({"additional_special_tokens": ["<|im_start|>", "<|im_end|>"]})
    taught.chat_template = CHATML
    return taught


def test_the_models_own_chat_template(chatty):
    prompt = prompts.Prompt("chat_template", chatty)
    assert prompt.text("訳して。", "cat") == "<|im_start|>user\n訳して。\n\ncat<|im_end|>\n<|im_start|>assistant\n"
    assert prompt.end == chatty.convert_tokens_to_ids("<|im_end|>") != chatty.eos_token_id
    (ids,) = prompt.encode([prompt.text("訳して。") + "猫"])["input_ids"]
    assert ids[0] == chatty.convert_tokens_to_ids("<|im_start|>")  # the template says all: no BOS of the tokenizer's


@pytest.mark.parametrize(
    ("template", "message"),
    [
        (None, "has no chat template\nNext step: set data.prompt: alpaca."),
        ("{{ raise_exception('never') }}", "cannot be used: never\nNext step: "),
        ("{% if %}", "cannot be used: "),
        ("{{ messages[0].nothing.at.all }}", "cannot be used: "),
        ("Hello.", "leaves the question out\nNext step: set data.prompt: alpaca."),
    ],
)
def test_a_chat_template_that_fails(chatty, template, message):
    chatty.chat_template = template
    with pytest.raises(ModelError) as error:
        prompts.Prompt("chat_template", chatty)
    assert message in str(error.value)


def test_a_chat_template_that_fails_on_some_texts_names_the_record(chatty, jsonl):
    chatty.chat_template = "{% if '犬' in messages[0].content %}{{ raise_exception('no dogs') }}{% endif %}" + CHATML
    with pytest.raises(ModelError, match="cannot be used: no dogs\nNext step: "):
        prompts.Prompt("chat_template", chatty).text("犬は。")
    rows = [{"instruction": f"{animal}は。", "input": "", "output": "鳴く"} for animal in "猫犬"]
    for settings in ({}, {"streaming": True}):
        chosen = config.Data(dataset=jsonl(rows), validation=0, prompt="chat_template", **settings)
        with pytest.raises(
            DataError, match="^record (number 2|'犬は。'): the chat template of .* cannot be used: no dogs\n"
        ):
            (streaming if settings else data).prepare(chosen, chatty)
