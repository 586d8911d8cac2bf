"""What a model was trained on: by the records' ids, and by their texts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from finetune import pairs
from finetune.evaluation import near

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

SIDES = (("question", "question"), ("whole", "whole"), ("given", "output"), ("output", "given"))
"""Texts that are compared: those asked about, and those trained on."""
_KEY = r"^[^:]*:[^:]*:(?:[a-z]+-)?(.+?)(?:-\d+(?:of\d+)?)?$"
"""The id of a benchmark's item in that of a record: without the split before it and the number of an answer behind."""


class Trained:
    """The records that a model was trained on."""

    def __init__(self, records: pa.Table, limits: near.Limits = near.USUAL, usual: pa.Table | None = None) -> None:
        """Take records.

        Args:
            records: The columns ``instruction``, ``input``, ``output`` and, if there are any, ``id``.
            limits: From where on a text is nearly the same as one of theirs.
            usual: Records whose texts tell what is rare; ``records`` themselves if nothing is given.
        """
        self.frame = _frame(records)
        self.usual = None if usual is None else _texts(_frame(usual))
        self.limits = limits

    @cached_property
    def texts(self) -> pl.DataFrame:
        """The records' letters and digits, made once for all that is compared with them."""
        return _texts(self.frame)

    def near(self, records: pa.Table) -> NDArray[np.bool_]:
        """Tell which records say what some record of the training said.

        A record is seen if it belongs together with a trained one (``pairs.groups``: the same raw row, or the same two
        texts in whatever order), or if, width, case, spaces and punctuation aside, its question was asked before, or
        one of its two texts stood on the other side: a translation back. Nearly the same text (``near``) counts as the
        same. Texts under eight letters count only as parts of a pair.

        Args:
            records: The same columns of what is to be asked.
        """
        frame = _frame(records)
        known, asked = self._groups(frame)
        seen: NDArray[np.bool_] = np.isin(asked, known)
        old, new = self.texts, _texts(frame)
        for column, other in SIDES:
            long = _long(new[column])
            seen |= (long & new[column].is_in(old[other].unique().implode())).to_numpy()
            for place, _ in self._nearly(new, (column, other), np.flatnonzero(long.to_numpy() & ~seen)):
                seen[place] = True
        return seen

    def telling(self, records: pa.Table) -> NDArray[np.bool_]:
        """Tell which records of the training make ``near`` say of any of ``records`` that it was seen.

        Args:
            records: As for ``near``. The other way round, with the two sides changed, is another question: how rare a
                piece of a text is, and how much of a text it is, goes by the side.
        """
        frame = _frame(records)
        known, asked = self._groups(frame)
        told: NDArray[np.bool_] = np.isin(known, asked)
        old, new = self.texts, _texts(frame)
        for column, other in SIDES:
            long = _long(new[column])
            told |= old[other].is_in(new[column].filter(long).unique().implode()).to_numpy()
            for _, place in self._nearly(new, (column, other), np.flatnonzero(long.to_numpy())):
                told[place] = True
        return told

    def _groups(self, frame: pl.DataFrame) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Numbers of what belongs together, of the records here and of those of ``frame``."""
        shared = [name for name in self.frame.columns if name in frame.columns]
        both = pl.concat([part.select(pl.col(shared).cast(pl.String)) for part in (self.frame, frame)])
        group = pairs.groups(both.to_arrow())
        return group[: len(self.frame)], group[len(self.frame) :]

    def _nearly(
        self, new: pl.DataFrame, columns: tuple[str, str], offered: NDArray[np.int64]
    ) -> Iterator[tuple[int, int]]:
        """Which of the offered texts of one column of ``new`` say nearly what which text of another column here says."""
        old, limits = self.texts, self.limits
        asked, known = new[columns[0]], old[columns[1]]
        usual = None if self.usual is None else self.usual[columns[1]]
        for one, other in near.alike(asked.gather(offered), known, limits.alike, usual):
            place = int(offered[one])
            if near.same_numbers(asked[place], known[other]) and (
                columns[0] != columns[1]
                or all(
                    near.same_part(*parts, limits.part)
                    for parts in zip(_parts(new, place), _parts(old, other), strict=True)
                )
            ):
                yield place, other

    def keys(self, source: str) -> set[str]:
        """List the raw ids of ``source``'s items among the records; nothing where records have no id."""
        if "id" not in self.frame.columns:
            return set()
        of_source = self.frame.filter(pl.col("id").str.starts_with(f"{source}:"))
        return {match[1] for identifier in of_source["id"] if (match := re.match(_KEY, identifier))}


def left_out(counts: Mapping[str, int]) -> list[str]:
    """Say what was not asked because the training holds it.

    Args:
        counts: Records or items that were left out, by what they are of.

    Returns:
        A line for each of which there are any.
    """
    return [
        f"{name}: {count:,} left out: their texts, or nearly the same, were trained on"
        for name, count in counts.items()
        if count
    ]


def _frame(table: pa.Table) -> pl.DataFrame:
    return pl.DataFrame(pl.from_arrow(table))


def _texts(frame: pl.DataFrame) -> pl.DataFrame:
    """The texts of each record as letters and digits: the question, what it is about, the answer, and all of it."""
    question = pl.concat_str(["instruction", pl.col("input").fill_null("")])
    texts = frame.select(question=_letters(question), given=_letters(pairs.about()), output=_letters(pl.col("output")))
    return texts.with_columns(whole=pl.concat_str("question", "output"))


def _long(texts: pl.Series) -> pl.Series:
    """Which texts are so long that one like them is no chance."""
    return texts.str.len_chars() >= near.SHORTEST


def _parts(texts: pl.DataFrame, place: int) -> tuple[str, str]:
    """The instruction and the input of a question; nothing and the instruction where there is no input."""
    question, given = texts["question"][place], texts["given"][place]
    return question.removesuffix(given), given


def _letters(text: pl.Expr) -> pl.Expr:
    return text.str.normalize("NFKC").str.to_lowercase().str.replace_all(r"[^\p{L}\p{M}\p{N}]", "")
