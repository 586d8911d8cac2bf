"""`python -m builders verify`"""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from builders import report
from builders import verify as tree
from builders.errors import BuildError

SUMMARY = "Re-check a built tree: checksums, schema, counts, unique ids, card."
EXAMPLES = "  python -m builders verify build/sample"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `verify`."""
    parser.add_argument("directory", type=Path, metavar="DIR", help="a tree that `build` wrote")


def main(options: argparse.Namespace) -> int:
    """Prints one line for a sound tree.

    Raises:
        BuildError: something is wrong; every fault is named.
    """
    console = Console()
    with console.status("") as status:
        problems = tree.verify(options.directory, lambda leaf: status.update(f"checking {leaf}"))
    if problems:
        listed = "\n  ".join(problems)
        raise BuildError(
            f"{options.directory} is not what its report says:\n  {listed}",
            f"python -m builders build --out {options.directory} builds again what is damaged.",
        )
    leaves = report.read(options.directory)["leaves"].values()
    records = sum(leaf["records"] for leaf in leaves)
    files = _counted(sum(len(leaf["shards"]) for leaf in leaves), "Parquet file")
    configs = _counted(sum(bool(leaf["records"]) for leaf in leaves), "config")
    console.print(f"{options.directory} is sound: {records:,} records in {configs}, {files}.", soft_wrap=True)
    return 0


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
