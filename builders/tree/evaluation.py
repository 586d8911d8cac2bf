"""The records that models are evaluated with, told by how their ids begin."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from builders.corpus import Corpus


def id_beginnings(corpus: Corpus, templates: Iterable[str]) -> tuple[str, ...]:
    """How the ids of those records begin that models are evaluated with; () where the corpus has none.

    Args:
        corpus: whose records they are.
        templates: names of the templates that made them.
    """
    return tuple(f"{corpus.name}:{template}:{key}" for template in templates for key in corpus.evaluation)


def begin_so(ids: pa.Array, beginnings: tuple[str, ...]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Says of each id whether it begins in one of these ways."""
    texts, found = pl.Series("id", ids), np.zeros(len(ids), bool)
    for beginning in beginnings:
        found |= texts.str.starts_with(beginning).to_numpy()
    return found


def count(corpus: Corpus, template: str, ids: pa.Array) -> int:
    """Number of records among those of one template that models are evaluated with."""
    beginnings = id_beginnings(corpus, [template])
    return int(np.count_nonzero(begin_so(ids, beginnings))) if beginnings else 0
