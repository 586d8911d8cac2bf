"""The prompt is the paper's to the letter: a model tuned with another one answers worse to this one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from finetune import models, prompts

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
