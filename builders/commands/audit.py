"""What `python -m builders stats --audit` prints: a table of the findings, and the examples below it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rich.console import Console

from builders.commands import terminal

if TYPE_CHECKING:
    from builders.tree.audit import Example, Finding

SHOWN = 60
"""Characters of a text that are printed."""


def print_findings(console: Console, findings: Mapping[str, Mapping[str, Finding]]) -> None:
    """Prints what an audit found.

    Args:
        console: where to.
        findings: by task config, by check.
    """
    checks = list(dict.fromkeys(check for config in findings.values() for check in config))
    table = terminal.table("Records to look at")
    table.add_column("config", no_wrap=True)
    for check in checks:
        table.add_column(check, justify="right")
    for name, found in findings.items():
        table.add_row(name, *(f"{found[check].records:,}" if found[check].records else "–" for check in checks))
    console.print(table)
    for name, found in findings.items():
        for check, finding in found.items():
            for example in finding.examples:
                terminal.say(console, f"{name}, {check}: {_line(example)}")


def _line(example: Example) -> str:
    texts = (_short(text) for text in (example.instruction, example.input, example.output) if text)
    return f"{example.id}\n    {' | '.join(texts)}"


def _short(text: str) -> str:
    text = " ".join(text.split("\n"))
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
