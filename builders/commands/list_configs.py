"""`python -m builders list`"""

from __future__ import annotations

import argparse

from rich.console import Console
from rich.table import Table

from builders import catalogue

SUMMARY = "Show every config with its corpora, licence and the paper's count."
EXAMPLES = "  python -m builders list"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`list` has no options."""


def main(options: argparse.Namespace) -> int:
    """Prints the catalogue as a table, groups first."""
    table = Table(title="Configs", title_justify="left")
    table.add_column("config", no_wrap=True)
    table.add_column("corpora", overflow="fold")
    table.add_column("licence", overflow="fold")
    table.add_column("paper's records", justify="right")
    for config, leaves in catalogue.CONFIGS.items():
        pairs = [catalogue.LEAVES[leaf] for leaf in leaves]
        corpora = dict.fromkeys(corpus.name for corpus, _ in pairs)
        licences = dict.fromkeys(corpus.licence.id for corpus, _ in pairs)
        group = config in catalogue.GROUPS
        table.add_row(
            f"[bold]{config}[/]" + (" (default)" if config == catalogue.DEFAULT else "") if group else config,
            f"{len(corpora)} corpora" if group else ", ".join(corpora),
            f"{len(licences)} licences" if len(licences) > 1 else next(iter(licences)),
            f"{sum(task.paper for _, task in pairs):,}",
            end_section=config == list(catalogue.GROUPS)[-1],
        )
    console = Console()
    console.print(table)
    console.print("A group is the union of its configs; `vanilla` is all but English-Japanese translation.")
    return 0
