"""The records that models are evaluated with, told by how their ids begin."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from builders import catalogue
from builders.tree.report import Stored


def id_beginnings(task: Stored) -> tuple[str, ...]:
    """How the ids of those records of a task config begin that models are evaluated with."""
    keys = catalogue.CORPORA[task.corpus].evaluation
    return tuple(f"{task.corpus}:{template}:{key}" for template in task.templates for key in keys)


def begin_so(ids: pa.Array, beginnings: tuple[str, ...]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Says of each id whether it begins in one of these ways."""
    texts, found = pl.Series("id", ids), np.zeros(len(ids), bool)
    for beginning in beginnings:
        found |= texts.str.starts_with(beginning).to_numpy()
    return found
