"""`python -m builders verify`"""

from __future__ import annotations

import argparse

from rich.console import Console

from builders.commands import terminal
from builders.commands.options import add_dataset_argument
from builders.errors import BuildError

SUMMARY = "Re-check a built dataset: checksums, schema, counts, unique ids, card."
EXAMPLES = "  python -m builders verify build/sample"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `verify`."""
    add_dataset_argument(parser)


def main(options: argparse.Namespace) -> int:
    """Prints one line for a sound dataset.

    Raises:
        BuildError: something is wrong; every fault is named.
    """
    import builders
    from builders import documents
    from builders.tree import report
    from builders.tree.verify import verify

    console = Console()
    with console.status("") as status:
        problems = verify(options.directory, lambda config: status.update(f"checking {config}"))
        content = report.load(options.directory)
        if not problems:
            status.update("making the documents anew")
            problems = documents.wrong_documents(content, options.directory)
    if problems:
        listed = "\n  ".join(problems)
        raise BuildError(
            f"{options.directory} is not what its report says:\n  {listed}",
            f"python -m builders build --out {options.directory} builds again what is damaged.",
        )
    configs = content.built
    records = sum(config.records for config in configs.values())
    files = _counted(sum(len(config.shards) for config in configs.values()), "Parquet file")
    named = _counted(len(configs), "config")
    terminal.say(console, f"{options.directory} is sound: {records:,} records in {named}, {files}.")
    if content.version != builders.__version__:
        terminal.say(
            console,
            f"It is of version {content.version}, and this is {builders.__version__}: its documents were not made anew "
            "to compare them.",
        )
    return 0


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
