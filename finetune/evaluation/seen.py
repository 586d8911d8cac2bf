"""What a model was trained on: by the records' ids, and by their texts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from finetune import pairs

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

SHORTEST = 8
"""Letters and digits of a text from which on its return is no chance."""
_KEY = r"^[^:]*:[^:]*:(?:[a-z]+-)?(.+?)(?:-\d+(?:of\d+)?)?$"
"""The id of a benchmark's item in that of a record: without the split before it and the number of an answer behind."""


def near(records: pa.Table, trained: pa.Table) -> NDArray[np.bool_]:
    """Tell which records say what some record of the training said.

    A record is seen if it belongs together with a trained one (``pairs.groups``: the same raw row, or the same two
    texts in whatever order), or if, width, case, spaces and punctuation aside, its question was asked before, or one of
    its two texts stood on the other side: a translation back. Texts under eight letters count only as parts of a pair.

    Args:
        records: The columns ``instruction``, ``input``, ``output`` and, if there are any, ``id``.
        trained: The same columns of what was trained on.
    """
    shared = [name for name in trained.column_names if name in records.column_names]
    both = pl.concat([_frame(table).select(pl.col(shared).cast(pl.String)) for table in (trained, records)])
    group = pairs.groups(both.to_arrow())
    known, asked = group[: len(trained)], group[len(trained) :]
    seen = np.isin(asked, known)
    old, new = _texts(_frame(trained)), _texts(_frame(records))
    for column, other in (("question", "question"), ("given", "output"), ("output", "given")):
        long = new[column].str.len_chars() >= SHORTEST
        seen |= (long & new[column].is_in(old[other].unique().implode())).to_numpy()
    return seen


def keys(trained: pa.Table, source: str) -> set[str]:
    """List the raw ids of ``source``'s items among the trained records; nothing where records have no id."""
    frame = _frame(trained)
    if "id" not in frame.columns:
        return set()
    of_source = frame.filter(pl.col("id").str.starts_with(f"{source}:"))
    return {match[1] for identifier in of_source["id"] if (match := re.match(_KEY, identifier))}


def _frame(table: pa.Table) -> pl.DataFrame:
    return pl.DataFrame(pl.from_arrow(table))


def _texts(frame: pl.DataFrame) -> pl.DataFrame:
    """The texts of each record as letters and digits: the whole question, what it is about, and the answer."""
    about = pl.when(pl.col("input").fill_null("") == "").then(pl.col("instruction")).otherwise(pl.col("input"))
    question = pl.concat_str(["instruction", pl.col("input").fill_null("")])
    return frame.select(question=_letters(question), given=_letters(about), output=_letters(pl.col("output")))


def _letters(text: pl.Expr) -> pl.Expr:
    return text.str.normalize("NFKC").str.to_lowercase().str.replace_all(r"[^\p{L}\p{M}\p{N}]", "")
