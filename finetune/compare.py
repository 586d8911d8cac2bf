"""Base model and tuned model side by side: the same questions, the same prompt, one load of the weights.

    python -m finetune.compare out/adapter --markdown out/compare.md

The default questions ask what the paper asked its models (arXiv:2305.12720), in our words, at its temperature of 0.0.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from finetune import adapter, command, outputs
from finetune.generate import BATCH, Question, generate, read_questions
from finetune.visible import visible

QUESTIONS = (
    "あなたは誰ですか？",
    "東京から大阪へはどうやって行けばよいですか？",
    "東京大学はどこにありますか？",
    "電話が鳴りました。どうしますか？",
    "京都の三大祭りは何ですか？",
)

HEAD = "| question | base | tuned |"
"""First line of a table in Markdown."""


@dataclass(frozen=True)
class Answers:
    """What both sides said to one question."""

    question: str
    base: str
    tuned: str


def compare(
    tuned: adapter.Tuned,
    questions: Sequence[Question],
    *,
    temperature: float = 0.0,
    max_new_tokens: int = 128,
    batch_size: int = BATCH,
    seed: int = 42,
) -> list[Answers]:
    """Ask the model with its adapter switched off and on.

    Args:
        tuned: The base with its adapter.
        questions: What both sides are asked.
        temperature: 0.0 is greedy decoding; above it both sides sample.
        max_new_tokens: Length of the longest answer.
        batch_size: Questions at once.
        seed: Where sampling starts, on both sides.
    """
    said = []
    for name, model in tuned.sides():
        with Console(stderr=True).status(f"asking the {name} model"):
            answers = generate(
                model,
                tuned.prompt,
                questions,
                temperature=temperature,
                max_new_tokens=max_new_tokens,
                batch_size=batch_size,
                seed=seed,
            )
            said.append([answer.text for answer in answers])
    shown = (f"{asked.instruction}\n{asked.input}".strip() for asked in questions)
    return [Answers(*row) for row in zip(shown, *said, strict=True)]


def table(both: Iterable[Answers]) -> Table:
    """Lay the answers out as a table for the terminal."""
    # Japanese has no spaces to break lines at: a cell is folded anywhere.
    grid = Table(*(Column(title, overflow="fold") for title in ("question", "base", "tuned")), show_lines=True)
    for row in both:
        grid.add_row(*(Text(visible(cell)) for cell in (row.question, row.base, row.tuned)))
    return grid


def markdown(both: Iterable[Answers]) -> str:
    """Write the answers as a Markdown table.

    Line breaks become ``<br>``, and what Markdown would read as markup is escaped.
    """
    lines = [HEAD, "|---|---|---|"]
    lines += ["| " + " | ".join(map(_cell, (row.question, row.base, row.tuned))) + " |" for row in both]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return visible(re.sub(r"([\\`*_{}\[\]<>#|~])", r"\\\1", text).replace("\r", "").replace("\n", "<br>"))


def _parser() -> argparse.ArgumentParser:
    parser = command.parser(
        "compare",
        "Ask the base model and the tuned model the same questions and show the answers side by side.",
        "out/adapter --markdown out/compare.md 日本で一番高い山は？",
    )
    parser.add_argument("adapter", type=Path, help="output folder of python -m finetune.train")
    parser.add_argument("questions", nargs="*", help="questions to ask (default: the paper's five)")
    parser.add_argument("--file", type=Path, help="JSON Lines file of questions: instruction and, if any, input")
    parser.add_argument("--base", help="the base model, if it is not where it was during training")
    parser.add_argument("--temperature", type=float, default=0.0, help="0.0, the default, always takes the likeliest")
    parser.add_argument("--max-new-tokens", type=int, default=128, help="longest answer in tokens (default: 128)")
    parser.add_argument("--batch-size", type=int, default=BATCH, help=f"questions at once (default: {BATCH})")
    parser.add_argument(
        "--dtype",
        choices=adapter.DTYPES,
        default="float32",
        help="float32, the default, gives the same answers in every batch; bfloat16 takes half the memory",
    )
    parser.add_argument(
        "--markdown", type=Path, help="also write the table to this file; that of an earlier comparison is replaced"
    )
    return parser


def _check(arguments: argparse.Namespace) -> str | None:
    return command.wrong_temperature(arguments) or command.below_one(arguments, "max_new_tokens", "batch_size")


def _compare(arguments: argparse.Namespace) -> None:
    if arguments.markdown:
        outputs.check(arguments.markdown, "--markdown", HEAD)
    questions = [Question(text) for text in arguments.questions]
    if arguments.file:
        questions += read_questions(arguments.file)
    both = compare(
        adapter.load(arguments.adapter, arguments.base, dtype=arguments.dtype),
        questions or [Question(text) for text in QUESTIONS],
        temperature=arguments.temperature,
        max_new_tokens=arguments.max_new_tokens,
        batch_size=arguments.batch_size,
    )
    Console().print(table(both))
    if arguments.markdown:
        outputs.write(arguments.markdown, markdown(both))


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; see ``--help``. Returns the exit status."""
    return command.run(_parser(), _compare, argv, check=_check)


if __name__ == "__main__":
    sys.exit(main())
