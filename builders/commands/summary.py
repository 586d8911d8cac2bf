"""What a build ends with: a table of counts, and in words what was left out, corrected, or other than the paper's."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console

from builders.commands import terminal
from builders.tree.report import ConfigReport

HEADS = ("rows", "records", "rejected", "paper", "difference")
"""Columns of numbers of the table."""


def show(console: Console, configs: Mapping[str, ConfigReport]) -> None:
    """Prints the entries of a report, by task config."""
    _print_counts(console, configs)
    rejected = {
        name: [f"{count:,} {reason}" for reason, count in config.rejected.items()] for name, config in configs.items()
    }
    _print_words(console, "Rejected, by reason", rejected)
    patches = {name: [f"{key}: {what}" for key, what in config.patches.items()] for name, config in configs.items()}
    _print_words(console, "Corrections of single rows (builders/build/patches.toml)", patches)
    _print_words(console, "Why counts differ from the paper's", _differences(configs))
    _print_words(console, "Raw files that are not the pinned ones", _files(configs))


def _print_counts(console: Console, configs: Mapping[str, ConfigReport]) -> None:
    rows = {name: _counts(config) for name, config in configs.items()}
    table = terminal.table("Built")  # narrow enough for 80 columns and the paper's seven-digit counts
    table.show_footer = True
    table.add_column("config", footer="sum", no_wrap=True)
    for number, head in enumerate(HEADS):
        counts = [row[number] for row in rows.values()]
        footer = "–" if None in counts else _number(head, sum(count or 0 for count in counts))
        table.add_column(head, justify="right", no_wrap=True, footer=footer)
    for name, row in rows.items():
        table.add_row(name, *("–" if n is None else _number(head, n) for head, n in zip(HEADS, row, strict=True)))
    console.print(table)


def _counts(config: ConfigReport) -> tuple[int | None, ...]:
    rejected = sum(config.rejected.values())
    return config.rows_read, config.records, rejected, config.paper_count, config.difference


def _number(head: str, value: int) -> str:
    return f"{value:+,}" if head == "difference" and value else f"{value:,}"


def _differences(configs: Mapping[str, ConfigReport]) -> dict[str, list[str]]:
    """Reasons by config; under one head where all configs have the same."""
    reasons = {name: config.why for name, config in configs.items() if config.why}
    if len(reasons) == len(configs) > 1 and len(set(reasons.values())) == 1:
        return {"all of them": [next(iter(reasons.values()))]}
    return {name: [reason] for name, reason in reasons.items()}


def _files(configs: Mapping[str, ConfigReport]) -> dict[str, list[str]]:
    """What is other than expected of missing and changed files, by path."""
    return {
        f"{config.corpus}/{file.name}": [file.reason]
        for config in configs.values()
        for file in config.files
        if file.status in ("missing", "changed")
    }


def _print_words(console: Console, title: str, lines: dict[str, list[str]]) -> None:
    terminal.print_pairs(console, title, ((head, "\n".join(texts)) for head, texts in lines.items() if texts))
