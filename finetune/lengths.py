"""How long the records of a dataset are in tokens, source by source: what the limit of 256 tokens cuts off.

    python -m finetune.lengths --tokenizer models/llama-13b --data build/dataset

A record's length is that of its whole text, prompt and response, with BOS and without EOS.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from finetune import command
from finetune.visible import visible

if TYPE_CHECKING:
    from datasets import Dataset
    from numpy.typing import NDArray
    from transformers import PreTrainedTokenizerBase

ALL = "all"


@dataclass(frozen=True)
class Lengths:
    """The lengths of one source's records, in tokens."""

    source: str
    records: int
    mean: float
    median: float
    over: float
    """Share of the records that are longer than the limit."""


def measure(records: Dataset, tokenizer: PreTrainedTokenizerBase, *, max_tokens: int = 256) -> list[Lengths]:
    """Measure the records of each value of the column ``source``, the largest first, and then all records.

    Args:
        records: The dataset, with ``instruction``, ``input`` and ``output``.
        tokenizer: Cuts the texts into tokens.
        max_tokens: The limit that lengths are held against.
    """
    from finetune import data

    tokens = data.tokenise(records, tokenizer, max_tokens=max_tokens).data.column("tokens").to_numpy()
    rows = [_summarise(ALL, tokens, max_tokens)]
    if "source" in records.column_names:
        sources = records.data.column("source").to_numpy()
        rows += [_summarise(str(source), tokens[sources == source], max_tokens) for source in np.unique(sources)]
    return sorted(rows, key=lambda row: (row.source == ALL, -row.records))


def _summarise(source: str, tokens: NDArray[np.int32], max_tokens: int) -> Lengths:
    over = float((tokens > max_tokens).mean())
    return Lengths(source, len(tokens), float(tokens.mean()), float(np.median(tokens)), over)


def table(rows: Sequence[Lengths], max_tokens: int) -> Table:
    """Lay the rows out for the terminal; copied into a document, they are a Markdown table."""
    shown = Table("source", box=box.MARKDOWN)
    for title in ("records", "mean", "median", f"over {max_tokens}"):
        shown.add_column(title, justify="right")
    for row in rows:
        shown.add_row(
            Text(visible(row.source)), f"{row.records:,}", f"{row.mean:.1f}", f"{row.median:g}", f"{row.over:.1%}"
        )
    return shown


def _parser() -> argparse.ArgumentParser:
    parser = command.parser(
        "lengths",
        "Token lengths of a dataset's records (prompt and response), source by source.",
        "--tokenizer models/llama-13b --data build/dataset",
    )
    parser.add_argument(
        "--tokenizer", required=True, help="directory with tokenizer.model or tokenizer.json, or a Hub name"
    )
    parser.add_argument("--data", required=True, help="a built directory, a JSON Lines file, or a dataset on the Hub")
    parser.add_argument("--config", help="config of the dataset (default: its own default)")
    parser.add_argument(
        "--max-tokens", type=int, default=256, help="the limit that lengths are held against (default: 256)"
    )
    return parser


def _lengths(arguments: argparse.Namespace) -> None:
    from finetune import data, models

    records = data.read(arguments.data, arguments.config)
    tokenizer = models.load_tokenizer(arguments.tokenizer)
    rows = measure(records, tokenizer, max_tokens=arguments.max_tokens)
    Console().print(table(rows, arguments.max_tokens))


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; see ``--help``. Returns the exit status."""
    return command.run(_parser(), _lengths, argv)


if __name__ == "__main__":
    sys.exit(main())
