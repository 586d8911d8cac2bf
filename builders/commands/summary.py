"""What a build ends with: a table of counts, and in words what was left out, corrected, or other than the paper's."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

COUNTS = {
    "rows_read": "rows",
    "records": "records",
    "rejected": "rejects",
    "paper": "paper",
    "difference": "difference",
}
"""Columns of the table: key of a report's entry, and head."""


def show(console: Console, entries: dict[str, dict]) -> None:
    """Prints the entries of a report (see `builders.report`), by config."""
    _print_counts(console, entries)
    rejects = {
        config: [f"{n:,} {reason}" for reason, n in entry["rejects"].items()] for config, entry in entries.items()
    }
    _print_words(console, "Rejected, by reason", rejects)
    patches = {
        config: [f"{name}: {what}" for name, what in entry["patches"].items()] for config, entry in entries.items()
    }
    _print_words(console, "Corrections of single rows (builders/patches.toml)", patches)
    _print_words(console, "Why counts differ from the paper's", _differences(entries))
    _print_words(console, "Raw files that are not the pinned ones", _files(entries))


def _print_counts(console: Console, entries: dict[str, dict]) -> None:
    rows = {config: {**entry, "rejected": sum(entry["rejects"].values())} for config, entry in entries.items()}
    # narrow enough for 80 columns and the paper's seven-digit counts
    table = Table(title="Built", title_justify="left", show_footer=True, box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("config", footer="sum", no_wrap=True)
    for key, head in COUNTS.items():
        total = _number(key, sum(row[key] for row in rows.values()))
        table.add_column(head, justify="right", no_wrap=True, footer=total)
    for config, row in rows.items():
        table.add_row(config, *(_number(key, row[key]) for key in COUNTS))
    console.print(table)


def _number(key: str, value: int) -> str:
    return f"{value:+,}" if key == "difference" and value else f"{value:,}"


def _differences(entries: dict[str, dict]) -> dict[str, list[str]]:
    """Reasons by config; under one head where all configs have the same."""
    reasons = {config: entry["why"] for config, entry in entries.items() if entry["why"]}
    if len(reasons) == len(entries) > 1 and len(set(reasons.values())) == 1:
        return {"all of them": [next(iter(reasons.values()))]}
    return {config: [reason] for config, reason in reasons.items()}


def _files(entries: dict[str, dict]) -> dict[str, list[str]]:
    """What is other than expected of missing and changed files, by path."""
    return {
        f"{entry['corpus']}/{file['name']}": [file["reason"]]
        for entry in entries.values()
        for file in entry["files"]
        if file["status"] in ("missing", "changed")
    }


def _print_words(console: Console, title: str, lines: dict[str, list[str]]) -> None:
    if not any(lines.values()):
        return
    table = Table(title=title, title_justify="left", show_header=False, box=None, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for head, texts in lines.items():
        if texts:
            table.add_row(head, Text("\n".join(texts)))
    console.print(table)
    console.print()
