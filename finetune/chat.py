"""Talk to a tuned model, one question a line.

    python -m finetune.chat out/adapter
    echo "日本で一番高い山は？" | python -m finetune.chat out/adapter
    printf '次の英語を日本語に翻訳してください。\\tI like cats.\\n' | python -m finetune.chat out/adapter

Every line is a question of its own, after the prompt that the adapter was trained with: the records of the dataset hold
one question and one answer, and so has a model tuned on them never seen a conversation. What stands behind a tab is the
question's input. ``/quit`` or the end of the input ends it.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

from finetune import adapter, command
from finetune.errors import DataError
from finetune.generate import Question, generate
from finetune.visible import visible

QUIT = "/quit"
MARK = "> "


def lines() -> Iterator[str]:
    """Yield what is typed or piped, line by line, up to ``/quit`` or the end; empty lines are skipped.

    Raises:
        DataError: A line is not UTF-8.
    """
    typed = sys.stdin.isatty()
    if not typed and isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8")  # whatever the terminal shows, which is not where it comes from
    while True:
        try:
            # A terminal gets a line to edit; a pipe must not see a mark among the answers.
            line = input(MARK) if typed else sys.stdin.readline()
        except EOFError:
            return
        except UnicodeDecodeError as error:
            raise DataError(f"a question cannot be read: {error}\nNext step: send text in UTF-8.") from error
        if (text := line.strip()) == QUIT or not typed and not line:
            return
        if text:
            yield text


def _question(line: str) -> Question:
    """The question of a line, and the input behind the first tab."""
    instruction, _, given = line.partition("\t")
    return Question(instruction.strip(), given.strip())


def _parser() -> argparse.ArgumentParser:
    parser = command.parser(
        "chat",
        "Ask a tuned model one question a line, its input (if it has one) behind a tab; /quit ends it.",
        "out/adapter --temperature 0.7",
    )
    parser.add_argument("adapter", type=Path, help="output folder of python -m finetune.train")
    parser.add_argument("--base", help="the base model, if it is not where it was during training")
    parser.add_argument("--temperature", type=float, default=0.0, help="0.0, the default, always takes the likeliest")
    parser.add_argument("--max-new-tokens", type=int, default=256, help="longest answer in tokens (default: 256)")
    parser.add_argument("--dtype", choices=adapter.DTYPES, default="float32", help="type of the weights")
    return parser


def _check(arguments: argparse.Namespace) -> str | None:
    return command.wrong_temperature(arguments) or command.below_one(arguments, "max_new_tokens")


def _chat(arguments: argparse.Namespace) -> None:
    tuned = adapter.load(arguments.adapter, arguments.base, dtype=arguments.dtype)
    if sys.stdin.isatty():
        print(f"One question a line, its input behind a tab; {QUIT} ends it.")
    with contextlib.suppress(KeyboardInterrupt):
        for number, line in enumerate(lines()):
            (answer,) = generate(
                cast(Any, tuned.model.get_base_model()),
                tuned.prompt,
                [_question(line)],
                temperature=arguments.temperature,
                max_new_tokens=arguments.max_new_tokens,
                seed=number,  # so that a question asked again may be answered in another way
            )
            print(visible(answer.text), flush=True)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; see ``--help``. Returns the exit status."""
    return command.run(_parser(), _chat, argv, check=_check)


if __name__ == "__main__":
    sys.exit(main())
