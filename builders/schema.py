"""The columns of a record: their names, their order, their types, and what each means."""

from __future__ import annotations

import pyarrow as pa

MEANING = {
    "instruction": "What is asked for, in Japanese.",
    "input": "The text that the instruction is about; empty where a task has none.",
    "output": "The answer.",
    "id": "Unique in the dataset and stable between builds: source, task, and key of the raw row.",
    "source": "The corpus that the record was made from.",
    "task": "The template that it was made by.",
    "license": "Identifier of the license of the raw data.",
}
"""What a column holds, by its name."""
COLUMNS = tuple(MEANING)
"""The dataset's columns, all strings, in order."""
TEXTS = COLUMNS[:3]
"""The columns of the exercise itself. Records that are equal in them are equal; the others say where it comes from."""
SCHEMA = pa.schema([pa.field(name, pa.string(), nullable=False) for name in COLUMNS])
"""Schema of the dataset as it is published."""
SPLIT = "train"
"""The one split that every config has."""
