"""The forms that a line may have: each is the object that becomes a line of JSON, with texts in the places of names.

A form says where the texts of a record go: `{output}` stands for the text `output`, and so on (`TEXTS`). Where a form
has one text for what is asked, instruction and input are joined by a blank line; without an input it is the
instruction alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

BLANK_LINE = "\n\n"
KEPT = ("id", "source", "license")
"""Columns that stay beside a form's own names, so that a line can be traced and its license be looked up."""
LLM_JP = "以下は、タスクを説明する指示です。要求を適切に満たす応答を書きなさい。\n\n### 指示:\n{}\n\n### 応答:\n{}"
"""The text that llm-jp-sft trains on (https://github.com/llm-jp/llm-jp-sft, `data/example.jsonl`)."""


@dataclass(frozen=True)
class Form:
    """One form of a line.

    Args:
        line: the object; `{name}` for the text of that name.
        keeps: whether `KEPT` may stand beside its names: not where the reader refuses names that it does not know.
    """

    line: dict[str, Any]
    keeps: bool = True


def _turns(names: tuple[str, str], asks: str, answers: str) -> list[dict[str, str]]:
    speaker, text = names
    return [{speaker: asks, text: "{question}"}, {speaker: answers, text: "{output}"}]


_MESSAGES = {"messages": _turns(("role", "content"), "user", "assistant")}
FORMS: dict[str, Form] = {
    "messages": Form(_MESSAGES),
    "prompt-completion": Form({"prompt": "{prompt}", "completion": "{output}"}),
    "sharegpt": Form({"conversations": _turns(("from", "value"), "human", "gpt")}),
    "alpaca": Form({"instruction": "{instruction}", "input": "{input}", "output": "{output}"}),
    "llm-jp": Form({"text": "{llm_jp}"}),
    "openai": Form(_MESSAGES, keeps=False),
}
"""Form by the name that the command line has for it."""


def question() -> pl.Expr:
    """What is asked, in one text."""
    import polars as pl

    joined = pl.concat_str("instruction", pl.lit(BLANK_LINE), "input")
    return pl.when(pl.col("input") == "").then("instruction").otherwise(joined)


def prompt() -> pl.Expr:
    """What is asked, with a blank line at its end, as a trainer puts the answer right behind it."""
    import polars as pl

    return pl.concat_str(question(), pl.lit(BLANK_LINE))


def llm_jp() -> pl.Expr:
    """The whole conversation in one text."""
    import polars as pl

    before, between, _ = LLM_JP.split("{}")
    return pl.concat_str(pl.lit(before), question(), pl.lit(between), "output")


TEXTS: dict[str, Callable[[], pl.Expr]] = {"question": question, "prompt": prompt, "llm_jp": llm_jp}
"""Texts that are made of several columns; every other name is a column's."""
