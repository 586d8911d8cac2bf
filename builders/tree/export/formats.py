"""The four forms: each is one function from a record to the object that becomes a line of JSON.

A record is a mapping with `instruction`, `input` and `output`. Where a form has one text for what is asked,
instruction and input are joined by a blank line; without an input it is the instruction alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

BLANK_LINE = "\n\n"

Record = Mapping[str, str]


def question(record: Record) -> str:
    """What is asked, in one text."""
    return BLANK_LINE.join(filter(None, (record["instruction"], record["input"])))


def messages(record: Record) -> dict:
    """A conversation of two turns, as the chat templates of transformers take it."""
    return {
        "messages": [
            {"role": "user", "content": question(record)},
            {"role": "assistant", "content": record["output"]},
        ]
    }


def prompt_completion(record: Record) -> dict:
    """Two texts that a trainer puts one behind the other; so the prompt ends with a blank line of its own."""
    return {"prompt": question(record) + BLANK_LINE, "completion": record["output"]}


def sharegpt(record: Record) -> dict:
    """A conversation in the names of ShareGPT."""
    return {
        "conversations": [
            {"from": "human", "value": question(record)},
            {"from": "gpt", "value": record["output"]},
        ]
    }


def alpaca(record: Record) -> dict:
    """The triple itself; the trainer's own template joins it."""
    return {name: record[name] for name in ("instruction", "input", "output")}


FORMATS: dict[str, Callable[[Record], dict]] = {
    "messages": messages,
    "prompt-completion": prompt_completion,
    "sharegpt": sharegpt,
    "alpaca": alpaca,
}
"""Form by the name that the command line has for it."""
