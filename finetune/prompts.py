"""The Alpaca prompt, in its two forms.

The paper (arXiv:2305.12720, section 4) shows the form for a record with an input; a record without one takes the Alpaca
project's own second form. The blank lines and the line break after ``### Response:`` are those of Alpaca-LoRA
(``templates/alpaca.json``, github.com/tloen/alpaca-lora), which the paper's training code copies.
"""

from __future__ import annotations

WITH_INPUT = (
    "Below is an instruction that describes a task, paired with an input that provides further context. "
    "Write a response that appropriately completes the request.\n\n"
    "### Instruction:\n{instruction}\n\n"
    "### Input:\n{input}\n\n"
    "### Response:\n"
)
WITHOUT_INPUT = (
    "Below is an instruction that describes a task. "
    "Write a response that appropriately completes the request.\n\n"
    "### Instruction:\n{instruction}\n\n"
    "### Response:\n"
)


def format_prompt(instruction: str, input: str = "") -> str:
    """Make the text after which a model writes its response. An empty ``input`` gives the form without ``### Input:``."""
    form = WITH_INPUT if input else WITHOUT_INPUT
    return form.format(instruction=instruction, input=input)


def format_record(instruction: str, input: str, output: str) -> str:
    """Make the whole text that a model is trained on: the prompt with its response. EOS is a token and not part of it."""
    return format_prompt(instruction, input) + output
