"""Measures the rule `pair-score` on real pairs of Coursera that were read one by one.

    python -m builders.clean.evaluate read-pairs

The pairs lie in `labelled/read-pairs.jsonl` as they are after repairs, with their ids (Apache-2.0). `hit` says that one
side says something else, lacks or adds a clause, or copies the other; a free but faithful translation is no hit. One reader
judged all of them. `drawn` says from which pairs they were drawn at random:

- any: from all distinct pairs; only here recall is that of the corpus.
- low score, low product: from those with a score under 0.25, and with a product of all experts under 0.05, by the table
  before this one. Form and thresholds of the rule were chosen on all of these, so that they do not test it.
- dropped, kept: afterwards, from those that the rule drops, and from those with a score under 0.4 that it keeps. They were
  read mixed and without their scores: the precision of `dropped` is the rule's.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from builders.clean.evaluate import Row, labelled
from builders.clean.measures.rules import to_records
from builders.clean.pairs.score import score_pairs, sides, usual_of
from builders.clean.rules.sides import RULES, low_scores, score_translations

NAME = "read-pairs"
LOW, LOW_PRODUCT = "low score", "low product"
THRESHOLDS = (0.02, 0.05, 0.1, 0.15, 0.2, 0.25)
PRODUCTS = (0.001, 0.01, 0.02, 0.05)


def measure() -> list[Row]:
    """A row for the rule as it is on each draw, then its curve, and that of the product of all experts."""
    cases = labelled(NAME)
    records = to_records(cases)
    (rule,) = (rule for rule in RULES if rule.name == "pair-score")
    scores = score_translations(records)
    product = score_pairs(*sides(records), usual_of("translation-coursera"))["score"]
    drawn = np.array([case["drawn"] for case in cases])
    dropped = low_scores(records, scores, rule.defaults()).mask
    tries = [(name, drawn == name, dropped) for name in ("dropped", "kept", "any", LOW, LOW_PRODUCT)]
    for threshold in THRESHOLDS:
        mask = low_scores(records, scores, {**rule.defaults(), "least_score": threshold}).mask
        tries.append((f"{LOW}, least_score {threshold:g}", drawn == LOW, mask))
    tries += [
        (f"product under {threshold:g}", drawn == LOW_PRODUCT, pc.less(product, threshold)) for threshold in PRODUCTS
    ]
    return [_row(rule.name, name, cases, mask, hits) for name, mask, hits in tries]


def _row(rule: str, name: str, cases: list[dict[str, Any]], mask: np.ndarray, hits: pa.BooleanArray) -> Row:
    chosen = np.flatnonzero(mask)
    return Row.of(rule, name, [cases[place]["hit"] for place in chosen], hits.take(pa.array(chosen)).to_pylist())
