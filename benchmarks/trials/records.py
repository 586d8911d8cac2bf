"""Which records a benchmark of tuning trains on, and which it asks: the same questions for all, and trained on by none."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
from datasets import Dataset
from transformers import PreTrainedTokenizerBase

from benchmarks.trials.errors import TrialError
from finetune import checkpoints, config, data
from finetune.evaluation import benchmarks, held_out, seen

OFFERED = 20
"""Records looked at for each that is held out: some are too long, and some say the same."""
SPARE = 3
"""Records looked at for each that is trained on: some are too long, and some say what a question says."""
COLUMNS = (*held_out.COLUMNS, "license")


def hold_out(
    parts: Sequence[Dataset],
    settings: config.Data,
    tokenizer: PreTrainedTokenizerBase,
    file: Path,
    *,
    limit: int,
) -> None:
    """Draw the records that all trainings are asked, and write them to ``file``.

    They are drawn from the records that stand in each of ``parts`` with the same texts, so that no side is asked in
    another's words.

    Args:
        parts: Editions of one dataset.
        settings: How the trainings make tokens of records.
        tokenizer: Cuts the texts into tokens; a record with no room for a response is not drawn.
        file: A JSON Lines file.
        limit: Most records of each source.

    Raises:
        DataError: No record is left.
    """
    first, *others = (pl.DataFrame(pl.from_arrow(data.table(part, held_out.COLUMNS))) for part in parts)
    for other in others:
        first = first.join(other, on=[*data.COLUMNS, "id"], how="semi")
    offered = (
        first.sample(fraction=1, shuffle=True, seed=0).group_by("source", maintain_order=True).head(OFFERED * limit)
    )
    write(offered.sort("source", "id").to_arrow(), file)
    nothing = seen.Trained(offered.clear().to_arrow())
    of_file = settings.model_copy(update={"dataset": str(file), "config": None})
    drawn = held_out.other(of_file, nothing, tokenizer, limit=limit, seed=0)
    write(pa.Table.from_pylist(drawn.records), file)


def questions(held_out_file: Path, files: dict[str, Path]) -> pa.Table:
    """List all that is asked, of the held-out records and of whole benchmarks, as records.

    Args:
        held_out_file: What ``hold_out`` has written.
        files: Files of benchmarks by their names.

    Raises:
        DataError: A file is not what its publisher published.
    """
    asked = pl.read_ndjson(held_out_file).select(held_out.COLUMNS)
    for name, file in files.items():
        items = [
            {"instruction": item.question.instruction, "input": item.question.input, "output": item.references[0]}
            | {"id": f"{name}:benchmark:{item.key}", "source": name, "task": "benchmark"}
            for item in benchmarks.READERS[name](file)
        ]
        asked = pl.concat([asked, pl.DataFrame(items).select(held_out.COLUMNS)])
    return asked.to_arrow()


def draw(
    part: Dataset,
    asked: pa.Table,
    settings: config.Data,
    tokenizer: PreTrainedTokenizerBase,
    file: Path,
    *,
    number: int | None,
    seed: int,
) -> None:
    """Draw records to train on and write them to ``file``.

    None says what a question says, is of the same raw row, or is its mirror (``finetune.evaluation.seen``); and each
    has room for a response, so that samples of one size train the same number of records.

    Args:
        part: The records to draw from.
        asked: What ``questions`` lists.
        settings: How the training makes tokens of records.
        tokenizer: Cuts the texts into tokens.
        file: A JSON Lines file.
        number: Records to draw; nothing takes all that there are.
        seed: Decides which.

    Raises:
        TrialError: There are too few.
    """
    order = np.random.default_rng(seed).permutation(len(part))
    offered = part.select(order if number is None else order[: SPARE * number + len(asked)])
    tokenised = data.tokenise(
        offered, tokenizer, max_tokens=settings.max_tokens, train_on_inputs=False, prompt=settings.prompt, workers=1
    )
    room = [prompt < len(ids) for prompt, ids in zip(tokenised["prompt"], tokenised["input_ids"], strict=True)]
    table = data.table(offered, COLUMNS)
    usable = table.filter(np.array(room) & ~seen.Trained(asked).near(table))
    while (drawn := usable.slice(0, number)).num_rows >= (number or 1):
        told = seen.Trained(drawn).telling(asked)  # as the evaluation asks: what is rare is judged by the sample
        if not told.any():
            return write(drawn, file)
        usable = pa.concat_tables([drawn.filter(~told), usable.slice(drawn.num_rows)])
    raise TrialError(
        f"only {usable.num_rows:,} records can be trained on, not {number or 1:,}: the others are too long, or say what a "
        "question says\nNext step: give a smaller --records, or more raw files."
    )


def write(records: pa.Table, file: Path) -> None:
    """Write records as JSON Lines, in one go."""
    lines = (json.dumps(row, ensure_ascii=False) for row in records.to_pylist())
    checkpoints.write_whole(file, "".join(f"{line}\n" for line in lines))
