"""Which records belong together, so that none of them is trained on while another is evaluated on.

Records belong together if they were made from the same raw row (their ids ``<source>:<task>:<key>`` share source and
key: a sentence pair in both directions), if they hold the same two texts, in whatever order, or if the dataset's marks
call them duplicates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray


SEVERAL = (
    r"^(jsquad:[^:]*:.*)-\d+of\d+$",  # an answer's number behind the question
    r"^(wordnet:[^:]*:\d+-[a-z])-(?s:.*)$",  # a gloss's number, and a word, behind the synset
    r"^(paranatcom:[a-z-]*ja[a-z-]*:.*)-\d$",  # a translation's number behind the article
    r"^((?:tanaka|jwtd):[^:]*:.*)\.\d+$",  # a repeated id's number
)
"""Ids of sources that have several keys for what was one row; the group is what all of them share."""


def groups(records: pa.Table, marks: pl.DataFrame | None = None) -> NDArray[np.int32]:
    """Number the groups of records that belong together.

    Args:
        records: The columns ``instruction``, ``input``, ``output`` and, if there are any, ``id``.
        marks: Which of them are duplicates (``marks.read``).

    Returns:
        The number of each record's group, from 0.
    """
    found = keys(records)
    if marks is not None and "id" in records.column_names:
        ids = pl.DataFrame({"id": pl.from_arrow(records["id"])})
        told = ids.join(marks, on="id", how="left", maintain_order="left")
        found.append(told.select(pl.coalesce("representative", "id").hash()).to_series())
    return _connect([key.rank("dense").to_numpy().astype(np.int64) - 1 for key in found])


def keys(records: pa.Table) -> list[pl.Series]:
    """Give each record a number for its two texts and, where there are ids, one for its raw row.

    Args:
        records: The columns ``instruction``, ``input``, ``output`` and, if there are any, ``id``.

    Returns:
        Series of the records' length; records with an equal number in one of them belong together.
    """
    frame = pl.DataFrame(pl.from_arrow(records))
    found = [_text_key(frame)]
    if "id" in frame.columns:
        row = pl.col("id")
        for several in SEVERAL:
            row = row.str.replace(several, "${1}")
        found.append(frame.select(row.str.replace(r"^([^:]*):[^:]*:", "${1}:").hash()).to_series())
    return found


def draw(group: NDArray[np.int32], count: int, seed: int) -> NDArray[np.bool_]:
    """Choose whole groups at random until ``count`` records are chosen, or no further group fits.

    Args:
        group: The number of each record's group, from 0.
        count: Records to choose.
        seed: Decides the order in which groups are tried.

    Returns:
        Whether each record is chosen.
    """
    sizes = np.bincount(group)
    order = np.random.default_rng(seed).permutation(len(sizes))
    chosen = np.zeros(len(sizes), dtype=bool)
    while len(order := order[sizes[order] <= count]):
        taken = int(np.searchsorted(np.cumsum(sizes[order]), count, side="right"))
        chosen[order[:taken]] = True
        count -= int(sizes[order[:taken]].sum())
        order = order[taken:]
    return chosen[group]


def about() -> pl.Expr:
    """The text that a record's response is about: its input, or its instruction where there is none."""
    return pl.when(pl.col("input").fill_null("") == "").then(pl.col("instruction")).otherwise(pl.col("input"))


def _text_key(frame: pl.DataFrame) -> pl.Series:
    """A number for the two texts of each record, the same for (a, b) and (b, a)."""
    hashed = frame.select(given=about().hash(), output=pl.col("output").hash())
    low, high = pl.min_horizontal("given", "output"), pl.max_horizontal("given", "output")
    return hashed.select(pl.struct(low=low, high=high).hash()).to_series()


def _connect(keys: list[NDArray[np.int64]]) -> NDArray[np.int32]:
    """Number the groups of rows that are connected by equal values in any of ``keys``."""
    rows = len(keys[0])
    starts = np.cumsum([rows, *(int(key.max()) + 1 if rows else 0 for key in keys)])
    place = np.concatenate([key + start for key, start in zip(keys, starts[:-1], strict=True)])
    row = np.tile(np.arange(rows), len(keys))
    edges = coo_array((np.ones(len(place), dtype=np.int8), (row, place)), shape=(int(starts[-1]),) * 2)
    _, labels = connected_components(edges, directed=False)
    _, numbers = np.unique(labels[:rows], return_inverse=True)
    return numbers.astype(np.int32)
