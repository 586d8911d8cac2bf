"""`python -m builders list`"""

from __future__ import annotations

import argparse

from rich.console import Console

from builders.commands import terminal

SUMMARY = "Show every config with its corpora, license and the paper's count."
EXAMPLES = "  python -m builders list"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`list` has no options."""


def main(options: argparse.Namespace) -> int:
    """Prints the catalogue as a table, groups last."""
    from builders import catalogue

    table = terminal.table("Configs, with the paper's number of records")
    table.add_column("config", no_wrap=True)
    table.add_column("corpora", overflow="fold")
    table.add_column("license", overflow="fold")
    table.add_column("paper", justify="right", no_wrap=True)
    last = [*catalogue.TASK_CONFIGS][-1]
    for config in [*catalogue.TASK_CONFIGS, *catalogue.GROUPS]:
        corpora = [catalogue.TASK_CONFIGS[name][0] for name in catalogue.CONFIGS[config]]
        count = catalogue.paper_count(config)
        table.add_row(
            _name(config, catalogue.DEFAULT) if config in catalogue.GROUPS else config,
            ", ".join(dict.fromkeys(corpus.name for corpus in corpora)),
            ", ".join(dict.fromkeys(corpus.license.id for corpus in corpora)),
            "later" if count is None else f"{count:,}",
            end_section=config == last or config in catalogue.GROUPS,
        )
    console = Console()
    console.print(table)
    terminal.print_pairs(console, "A group is the union of its configs", catalogue.MEANING.items())
    return 0


def _name(group: str, default: str) -> str:
    return f"[bold]{group}[/]" + (" (default)" if group == default else "")
