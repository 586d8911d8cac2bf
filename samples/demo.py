"""python -m samples.demo DIR: loads the config `translation` of a built dataset as any user would, and prints records."""

from __future__ import annotations

import os
import sys

import datasets
from rich.console import Console
from rich.table import Table
from rich.text import Text

RECORDS = 6
COLUMNS = ("id", "instruction", "input", "output")


def main(directory: str) -> None:
    """Prints a few records, spread over the config's tasks."""
    dataset = datasets.load_dataset(directory, "translation", split="train")
    console = Console()
    console.print(f'load_dataset("{directory}", "translation", split="train"): {dataset.num_rows} records')
    table = Table(show_lines=True)
    for column in COLUMNS:
        table.add_column(column, overflow="fold")
    for index in range(0, dataset.num_rows, -(-dataset.num_rows // RECORDS)):
        table.add_row(*(Text(dataset[index][column]) for column in COLUMNS))
    console.print(table)
    python = os.path.relpath(sys.executable)
    console.print("Look at all of it in a web browser:", f"{python} -m builders browse {directory} --sample", sep="\n  ")


if __name__ == "__main__":
    main(*sys.argv[1:])
