"""`python -m builders list`"""

from __future__ import annotations

import argparse

from rich import box
from rich.console import Console
from rich.table import Table

from builders import catalogue

SUMMARY = "Show every config with its corpora, licence and the paper's count."
EXAMPLES = "  python -m builders list"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`list` has no options."""


def main(options: argparse.Namespace) -> int:
    """Prints the catalogue as a table, groups last."""
    table = Table(title="Configs, with the paper's number of records", title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("config", no_wrap=True)
    table.add_column("corpora", overflow="fold")
    table.add_column("licence", overflow="fold")
    table.add_column("paper", justify="right", no_wrap=True)
    ordered = [*catalogue.LEAVES, *catalogue.GROUPS]
    for config in ordered:
        leaves = catalogue.CONFIGS[config]
        pairs = [catalogue.LEAVES[leaf] for leaf in leaves]
        corpora = dict.fromkeys(corpus.name for corpus, _ in pairs)
        licences = dict.fromkeys(corpus.licence.id for corpus, _ in pairs)
        group = config in catalogue.GROUPS
        table.add_row(
            f"[bold]{config}[/]" + (" (default)" if config == catalogue.DEFAULT else "") if group else config,
            ", ".join(corpora),
            ", ".join(licences),
            f"{sum(task.paper for _, task in pairs):,}",
            end_section=config not in ordered[: len(catalogue.LEAVES) - 1],
        )
    console = Console()
    console.print(table)
    console.print("A group is the union of its configs; `vanilla` is all but English-Japanese translation.")
    return 0
