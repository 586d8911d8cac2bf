"""How a record becomes a text: the Alpaca prompt in its two forms, or the base model's own chat template.

The paper (arXiv:2305.12720, section 4) shows the Alpaca form for a record with an input; a record without one takes the
Alpaca project's own second form. The blank lines and the line break after ``### Response:`` are those of Alpaca-LoRA
(``templates/alpaca.json``, github.com/tloen/alpaca-lora), which the paper's training code copies.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from finetune.errors import ModelError

if TYPE_CHECKING:
    from transformers import BatchEncoding, PreTrainedTokenizerBase

Kind = Literal["alpaca", "chat_template"]
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
_BEFORE, _AFTER = WITHOUT_INPUT.split("{instruction}")
_TURNS = f"""\
{{%- for message in messages -%}}
{{%- if message['role'] == 'user' -%}}
{{{{ {_BEFORE!r} + message['content'] + {_AFTER!r} }}}}
{{%- elif message['role'] == 'assistant' -%}}
{{{{ message['content'] + eos_token }}}}
{{%- else -%}}
{{{{ raise_exception('the Alpaca prompt has no place for a message of ' + message['role']) }}}}
{{%- endif -%}}
{{%- endfor -%}}"""


def format_prompt(instruction: str, input: str = "") -> str:
    """Make the Alpaca prompt. An empty ``input`` gives the form without ``### Input:``."""
    form = WITH_INPUT if input else WITHOUT_INPUT
    return form.format(instruction=instruction, input=input)


def format_record(instruction: str, input: str, output: str) -> str:
    """Make the Alpaca prompt with its response. EOS is a token and not part of the text."""
    return format_prompt(instruction, input) + output


def alpaca_template(tokenizer: PreTrainedTokenizerBase) -> str:
    """Write the Alpaca prompt as a chat template for ``tokenizer``.

    A conversation of one question gives the ids that ``format_prompt`` gives: with BOS in front if the tokenizer puts
    it there.
    """
    with_bos = tokenizer.bos_token_id is not None and tokenizer("a")["input_ids"][0] == tokenizer.bos_token_id
    return ("{{- bos_token -}}\n" if with_bos else "") + _TURNS


class Prompt:
    """Turns records into texts and tokens for one tokenizer."""

    def __init__(self, kind: Kind, tokenizer: PreTrainedTokenizerBase) -> None:
        """Take the prompt ``kind``.

        Raises:
            ModelError: The tokenizer has no chat template, or one that fails.
        """
        self.kind, self.tokenizer = kind, tokenizer
        self.end: int = tokenizer.eos_token_id
        """The token that ends a response."""
        if kind == "chat_template":
            self.end = self._end_of_turn()

    def text(self, instruction: str, input: str = "") -> str:
        """Make the text after which a model writes its response.

        Raises:
            ModelError: The chat template fails on these texts.
        """
        if self.kind == "alpaca":
            return format_prompt(instruction, input)
        return self._render([{"role": "user", "content": f"{instruction}\n\n{input}" if input else instruction}])

    def encode(self, texts: Sequence[str]) -> BatchEncoding:
        """Cut texts into tokens, with BOS where the tokenizer or the chat template puts it."""
        encoded: BatchEncoding = self.tokenizer(
            list(texts),
            add_special_tokens=self.kind == "alpaca",  # a chat template writes its own
            return_attention_mask=False,
            verbose=False,  # no warning of texts beyond the model's length
        )
        return encoded

    def _render(self, messages: list[dict[str, str]], *, prompt: bool = True) -> str:
        try:
            return str(self.tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=prompt))
        except Exception as error:  # whatever the template raises, in Jinja's words or its own
            raise ModelError(
                f"the chat template of {self.tokenizer.name_or_path} cannot be used: {error}\n"
                "Next step: correct chat_template in its tokenizer_config.json, or set data.prompt: alpaca."
            ) from error

    def _end_of_turn(self) -> int:
        """The first token that the chat template writes after a response; EOS if it writes none."""
        name = self.tokenizer.name_or_path
        if not self.tokenizer.chat_template:
            raise ModelError(f"the tokenizer of {name} has no chat template\nNext step: set data.prompt: alpaca.")
        question = [{"role": "user", "content": "?"}]
        prompt = self._render(question)
        whole = self._render([*question, {"role": "assistant", "content": "!"}], prompt=False)
        if not prompt or "?" not in prompt:
            raise ModelError(
                f"the chat template of {name} leaves the question out\nNext step: set data.prompt: alpaca."
            )
        after = self.tokenizer(whole.rpartition("!")[2], add_special_tokens=False)["input_ids"]
        return int(after[0]) if after else self.end
