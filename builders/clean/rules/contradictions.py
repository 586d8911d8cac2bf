"""Questions that are answered differently by several records: one answer is kept. It takes all records of a config.

Two steps: `make_keys` gives two numbers a record, to be gathered from all batches in the config's order; then
`find_contradictions` decides for all records at once. The first answer stays: annotators came in that order.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from builders.clean.pairs.units import Hashes, read_texts

CONFIGS = ("jsquad", "knowledge-aio", "knowledge-jcommonsenseqa", "knowledge-jqac")
NAME = "contradictory"
REASON = "Another record answers the same question about the same text differently, and stands before it."


def make_keys(records: pa.RecordBatch) -> Mapping[str, Hashes]:
    """64-bit keys of what is asked (`question`) and of the answer (`answer`), the same on every machine."""
    instruction, context, answer = (_key(records.column(name)) for name in ("instruction", "input", "output"))
    # the product keeps an instruction and an input apart that are swapped
    return {"question": instruction * np.uint64(0x9E3779B97F4A7C15) + context, "answer": answer}


def find_contradictions(questions: Hashes, answers: Hashes) -> npt.NDArray[np.bool_]:
    """True for each record whose question an earlier record answers differently.

    Args:
        questions, answers: keys of all records of a config, in order.
    """
    frame = pl.DataFrame({"question": questions, "answer": answers})
    first = frame.select(pl.col("answer") != pl.col("answer").first().over("question"))
    return first.to_series().to_numpy()


def _key(column: pa.Array) -> Hashes:
    texts = read_texts(column)
    halves = []
    # two hashes of 32 bits: of the whole text, and of it without its first character, with its length
    for skip in (0, 1):
        starts = np.minimum(texts.offsets[:-1] + skip, texts.offsets[1:])
        halves.append(texts.hashes(starts, texts.offsets[1:]))
    lengths = texts.lengths().astype(np.uint64)
    return (halves[0] << np.uint64(32)) + (halves[1] ^ (lengths * np.uint64(0x85EBCA6B) & np.uint64(0xFFFFFFFF)))
