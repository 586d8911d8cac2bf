"""The forms that a line may have: each is the object that becomes a line of JSON, with names in the places of texts.

`{output}` stands for the column `output`, and so on. Where a form has one text for what is asked, instruction and input
are joined by a blank line, for which `{gap}` stands; without an input it is the instruction alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

BLANK_LINE = "\n\n"
KEPT = ("id", "source", "license")
"""Columns that stay beside a form's own names, so that a line can be traced and its license be looked up."""
QUESTION = "{instruction}{gap}{input}"
LLM_JP = (
    "以下は、タスクを説明する指示です。要求を適切に満たす応答を書きなさい。\n\n### 指示:\n"
    + QUESTION
    + "\n\n### 応答:\n{output}"
)
"""The text that llm-jp-sft trains on (https://github.com/llm-jp/llm-jp-sft, `data/example.jsonl`)."""


@dataclass(frozen=True)
class Form:
    """One form of a line.

    Args:
        line: the object.
        keeps: whether `KEPT` may stand beside its names: not where the reader refuses names that it does not know.
    """

    line: dict[str, Any]
    keeps: bool = True


def _turns(names: tuple[str, str], asks: str, answers: str) -> list[dict[str, str]]:
    speaker, text = names
    return [{speaker: asks, text: QUESTION}, {speaker: answers, text: "{output}"}]


_MESSAGES = {"messages": _turns(("role", "content"), "user", "assistant")}
FORMS: dict[str, Form] = {
    "messages": Form(_MESSAGES),
    "prompt-completion": Form({"prompt": QUESTION + BLANK_LINE, "completion": "{output}"}),
    "sharegpt": Form({"conversations": _turns(("from", "value"), "human", "gpt")}),
    "alpaca": Form({"instruction": "{instruction}", "input": "{input}", "output": "{output}"}),
    "llm-jp": Form({"text": LLM_JP}),
    "openai": Form(_MESSAGES, keeps=False),
}
"""Form by the name that the command line has for it."""


def gap(blank_line: str = BLANK_LINE) -> pl.Expr:
    """What stands between instruction and input: nothing where there is no input.

    Args:
        blank_line: what stands there otherwise.
    """
    import polars as pl

    return pl.when(pl.col("input") == "").then(pl.lit("")).otherwise(pl.lit(blank_line))


def question() -> pl.Expr:
    """What is asked, in one text."""
    import polars as pl

    return pl.concat_str("instruction", gap(), "input")
