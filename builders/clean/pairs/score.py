"""The score of a translation pair: how likely its two sides say the same, from 0 to 1, without any download.

Features (`builders.clean.pairs.features`) go to four small linear models, one a kind of fault: the sides belong to
other sentences, a part is missing, words are wrong, the source is copied. The score is the product of what they say:
one fault is enough. All four were trained by `builders.clean.pairs.learn` against made-up faults (`builders.clean.pairs.faults`).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from builders.clean.pairs.features import Floats, length_ratio, measure, read_pairs
from builders.clean.pairs.table import TranslationTable, Usual, load_table

BATCH = 2048
"""Pairs measured at once: their arrays stay in the processor's cache."""
SAMPLE = 20_000
"""Pairs from which a corpus's usual values come."""
LOW = 0.05
"""The quantile that is as likely good as faulty."""
SCALE = 4.0
ALIGNMENT = ("sentence", "part")
"""The experts that say whether the right texts stand side by side, as a whole: what machine-aligned corpora do wrong."""
DECIMALS = 4
"""Of a score: the last bits of a logarithm differ between processors, and decide nothing so."""


def is_pair(tasks: pa.Array) -> pa.BooleanArray:
    """Whether records translate one sentence: their task ends with `ja-en` or `en-ja`."""
    return pc.match_substring_regex(tasks, r"(^|-)(ja-en|en-ja)$")


def sides(records: pa.RecordBatch) -> tuple[pa.Array, pa.Array]:
    """The Japanese and the English side of translation records, as their tasks say."""
    source, target = records.column("input"), records.column("output")
    from_japanese = pc.match_substring_regex(records.column("task"), r"(^|-)ja-en$")
    return pc.if_else(from_japanese, source, target), pc.if_else(from_japanese, target, source)


def score_pairs(japanese: pa.Array, english: pa.Array, usual: Usual | None = None) -> dict[str, pa.Array]:
    """Scores of pairs.

    Args:
        japanese, english: the two sides, of the same length.
        usual: what is usual in their corpus (`measure_usual`, or `usual_of`); that of all known corpora if None.

    Returns:
        Arrays of float32 from 0 to 1, one a pair: `score`, for each fault how sure it is that the pair lacks it, and
        `alignment`, the product of those of `ALIGNMENT`.
    """
    table = load_table()
    usual = usual or table.usual[""]
    relative = relate(expert_logits(japanese, english, usual.ratio, table), usual)
    columns = {name: combine(relative[:, [place]]) for place, name in enumerate(table.experts)}
    columns["alignment"] = combine(relative[:, alignment_columns(table)])
    return {
        name: pa.array(values.round(DECIMALS).astype(np.float32))
        for name, values in {"score": combine(relative), **columns}.items()
    }


def alignment_columns(table: TranslationTable) -> list[int]:
    """Places of the experts of `ALIGNMENT` among those of a table."""
    return [list(table.experts).index(name) for name in ALIGNMENT]


def usual_of(config: str) -> Usual | None:
    """What is usual in a config that the table was learnt from; None for another: measure it on some of its pairs."""
    return load_table().usual.get(config)


def measure_usual(japanese: pa.Array, english: pa.Array, table: TranslationTable | None = None) -> Usual:
    """What is usual in a corpus, from its pairs or the first of them, up to `SAMPLE`: most of them must be good."""
    table = table or load_table()
    japanese, english = japanese.slice(0, SAMPLE), english.slice(0, SAMPLE)
    ratio = length_ratio(japanese, english)
    logits = expert_logits(japanese, english, ratio, table)
    return Usual(ratio, np.quantile(logits, LOW, axis=0), np.median(logits, axis=0))


def relate(logits: Floats, usual: Usual) -> Floats:
    """Log-odds relative to a corpus: 0 at its 5 % quantile, `SCALE` at its median."""
    return SCALE * (logits - usual.low) / np.maximum(usual.middle - usual.low, 0.5)


def combine(relative: Floats) -> Floats:
    """The score from relative log-odds: the product of what the experts say, one fault is enough."""
    product: Floats = np.exp(-np.logaddexp(0, -relative).sum(1))
    return product


def expert_logits(japanese: pa.Array, english: pa.Array, ratio: tuple[float, float], table: TranslationTable) -> Floats:
    """Log-odds that a pair lacks each kind of fault: a row a pair, a column an expert of the table."""
    return np.concatenate([np.zeros((0, len(table.experts))), *_batches(japanese, english, ratio, table)])


def _batches(
    japanese: pa.Array, english: pa.Array, ratio: tuple[float, float], table: TranslationTable
) -> Iterator[Floats]:
    weights = np.stack(list(table.experts.values()), 1)
    for first in range(0, len(japanese), BATCH):
        pairs = read_pairs(japanese.slice(first, BATCH), english.slice(first, BATCH), table)
        features = measure(pairs, ratio)
        yield weights[0] + np.stack([features[name] for name in table.features], 1) @ weights[1:]
