"""The score of a translation pair: how likely its two sides say the same, from 0 to 1, without any download.

Features (`builders.clean.pair_features`) go to four small linear models, one a kind of fault: the sides belong to
other sentences, a part is missing, words are wrong, the source is copied. The score is the product of what they say:
one fault is enough. All four were trained by `builders.clean.learn` against made-up faults (`builders.clean.faults`).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from builders.clean.pair_features import RATIOS, USUAL_RATIO, measure, read_pairs
from builders.clean.translation_table import TranslationTable, load_table

BATCH = 512
"""Pairs measured at once: their arrays stay in the processor's cache."""


def is_pair(tasks: pa.Array) -> pa.BooleanArray:
    """Whether records translate one sentence: their task ends with `ja-en` or `en-ja`."""
    return pc.match_substring_regex(tasks, r"(^|-)(ja-en|en-ja)$")


def sides(records: pa.RecordBatch) -> tuple[pa.Array, pa.Array]:
    """The Japanese and the English side of translation records, as their tasks say."""
    source, target = records.column("input"), records.column("output")
    from_japanese = pc.match_substring_regex(records.column("task"), r"(^|-)ja-en$")
    return pc.if_else(from_japanese, source, target), pc.if_else(from_japanese, target, source)


def score_pairs(japanese: pa.Array, english: pa.Array, source: str, table: TranslationTable | None = None) -> pa.Array:
    """Scores of pairs.

    Args:
        japanese, english: the two sides, of the same length.
        source: the corpus; its usual length ratio is used where it is known.
        table: what was learnt; the one in the repository if None.

    Returns:
        An array of float32 from 0 to 1, one a pair.
    """
    table = table or load_table()
    logits = list(_batches(japanese, english, RATIOS.get(source, USUAL_RATIO), table))
    if not logits:
        return pa.array([], pa.float32())
    each = np.concatenate(logits)
    return pa.array(np.exp(-np.logaddexp(0, -each).sum(1)).astype(np.float32))


def expert_logits(
    japanese: pa.Array, english: pa.Array, ratio: tuple[float, float], table: TranslationTable
) -> npt.NDArray[np.float64]:
    """Log-odds that a pair lacks each kind of fault: a row a pair, a column an expert of the table."""
    return np.concatenate([np.zeros((0, len(table.experts))), *_batches(japanese, english, ratio, table)])


def _batches(
    japanese: pa.Array, english: pa.Array, ratio: tuple[float, float], table: TranslationTable
) -> Iterator[npt.NDArray[np.float64]]:
    weights = np.stack(list(table.experts.values()), 1)
    for first in range(0, len(japanese), BATCH):
        pairs = read_pairs(japanese.slice(first, BATCH), english.slice(first, BATCH), table)
        features = measure(pairs, ratio)
        yield weights[0] + np.stack([features[name] for name in table.features], 1) @ weights[1:]
