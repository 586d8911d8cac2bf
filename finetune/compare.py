"""Base model and tuned model side by side: the same questions, the same prompt, one load of the weights.

    python -m finetune.compare out/adapter --markdown out/compare.md

The default questions ask what the paper asked its models (arXiv:2305.12720), in our words, at its temperature of 0.0.
"""

from __future__ import annotations

import argparse
import contextlib
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import track
from rich.table import Column, Table
from rich.text import Text

from finetune import adapter, command, prompts

if TYPE_CHECKING:
    from peft import PeftModel
    from transformers import PreTrainedTokenizerBase

QUESTIONS = (
    "あなたは誰ですか？",
    "東京から大阪へはどうやって行けばよいですか？",
    "東京大学はどこにありますか？",
    "電話が鳴りました。どうしますか？",
    "京都の三大祭りは何ですか？",
)
# A model may bring its own sampling settings (LLaMA 2 does), and transformers warns of them in greedy decoding.
GREEDY = {"do_sample": False, "temperature": None, "top_p": None, "top_k": None}


@dataclass(frozen=True)
class Answers:
    """What both sides said to one question."""

    question: str
    base: str
    tuned: str


def compare(
    model: PeftModel,
    tokenizer: PreTrainedTokenizerBase,
    questions: Iterable[str],
    *,
    temperature: float = 0.0,
    max_new_tokens: int = 128,
    seed: int = 42,
) -> list[Answers]:
    """Ask ``model`` with its adapter switched off and on, question by question.

    Args:
        model: The base with its adapter.
        tokenizer: The model's.
        questions: Instructions without an input.
        temperature: 0.0 is greedy decoding; above it both sides sample.
        max_new_tokens: Length of the longest answer.
        seed: Where sampling starts, on both sides.
    """
    import torch

    both = []
    for question in track(list(questions), "asking both models", console=Console(stderr=True), transient=True):
        said = []
        for side in (model.disable_adapter(), contextlib.nullcontext()):
            with side:
                torch.manual_seed(seed)
                said.append(answer(model, tokenizer, question, temperature, max_new_tokens))
        both.append(Answers(question, *said))
    return both


def answer(
    model: PeftModel, tokenizer: PreTrainedTokenizerBase, question: str, temperature: float, max_new_tokens: int
) -> str:
    """Let ``model`` write after the prompt of ``question``, up to EOS or ``max_new_tokens`` tokens."""
    import torch

    prompt = tokenizer(prompts.format_prompt(question), return_tensors="pt").to(model.device)
    # transformers does not take a temperature of 0: it is the limit that greedy decoding is.
    decoding: dict[str, Any] = {"do_sample": True, "temperature": temperature} if temperature > 0 else GREEDY
    with torch.inference_mode():
        generate: Any = model.generate
        ids = generate(**prompt, **decoding, max_new_tokens=max_new_tokens, pad_token_id=tokenizer.eos_token_id)
    return str(tokenizer.decode(ids[0, prompt["input_ids"].shape[1] :], skip_special_tokens=True)).strip()


def table(both: Iterable[Answers]) -> Table:
    """Lay the answers out as a table for the terminal."""
    # Japanese has no spaces to break lines at: a cell is folded anywhere.
    grid = Table(*(Column(title, overflow="fold") for title in ("question", "base", "tuned")), show_lines=True)
    for row in both:
        grid.add_row(*(Text(cell) for cell in (row.question, row.base, row.tuned)))
    return grid


def markdown(both: Iterable[Answers]) -> str:
    """Write the answers as a Markdown table.

    Line breaks become ``<br>``, and what Markdown would read as markup is escaped.
    """
    lines = ["| question | base | tuned |", "|---|---|---|"]
    lines += ["| " + " | ".join(map(_cell, (row.question, row.base, row.tuned))) + " |" for row in both]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]<>#|~])", r"\\\1", text).replace("\r", "").replace("\n", "<br>")


def _parser() -> argparse.ArgumentParser:
    parser = command.parser(
        "compare",
        "Ask the base model and the tuned model the same questions and show the answers side by side.",
        "out/adapter --markdown out/compare.md 日本で一番高い山は？",
    )
    parser.add_argument("adapter", type=Path, help="output folder of python -m finetune.train")
    parser.add_argument("questions", nargs="*", help="questions to ask (default: the paper's five)")
    parser.add_argument("--base", help="the base model, if it is not where it was during training")
    parser.add_argument("--temperature", type=float, default=0.0, help="0.0, the default, always takes the likeliest")
    parser.add_argument("--max-new-tokens", type=int, default=128, help="longest answer in tokens (default: 128)")
    parser.add_argument("--markdown", type=Path, help="also write the table to this file")
    return parser


def _check(arguments: argparse.Namespace) -> str | None:
    if arguments.temperature < 0:
        return f"--temperature {arguments.temperature} is below 0: give 0.0 for the likeliest answer, or more"
    return None


def _compare(arguments: argparse.Namespace) -> None:
    model, tokenizer = adapter.load(arguments.adapter, arguments.base)
    both = compare(
        model,
        tokenizer,
        arguments.questions or QUESTIONS,
        temperature=arguments.temperature,
        max_new_tokens=arguments.max_new_tokens,
    )
    if arguments.markdown:
        arguments.markdown.write_text(markdown(both), encoding="utf-8")
    Console().print(table(both))


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; see ``--help``. Returns the exit status."""
    return command.run(_parser(), _compare, argv, check=_check)


if __name__ == "__main__":
    sys.exit(main())
