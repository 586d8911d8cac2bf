"""Measures the rule `pair-score` on real pairs of Coursera that were read one by one.

    python -m builders.clean.evaluate read-pairs

The pairs lie in `labelled/read-pairs.jsonl` as they are after repairs, with their ids (Apache-2.0). `hit` says that one
side says something else, lacks or adds a clause, or copies the other; a free but faithful translation is no hit. `drawn`
says from which pairs they were drawn at random: from all, from those with a low score (under 0.25), or from those with a
low product of all experts (under 0.05), which the rule went by when they were read. The rule's thresholds were chosen on
every other pair of a low score. Recall is that among the pairs drawn; only for `any` it is that of the corpus.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from builders.clean.evaluate import Row, labelled
from builders.clean.measures.rules import to_records
from builders.clean.pairs.score import score_pairs, usual_of
from builders.clean.rules.sides import RULES, low_scores, score_translations, sides

NAME = "read-pairs"
LOW = "low score"
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
    first = np.cumsum(drawn == LOW) % 2 == 1
    draws = {f"{LOW}, chosen on": (drawn == LOW) & first, f"{LOW}, measured on": (drawn == LOW) & ~first}
    draws |= {name: drawn == name for name in ("low product", "any")}
    dropped = low_scores(records, scores, rule.defaults()).mask
    tries = [(name, mask, dropped) for name, mask in draws.items()]
    for threshold in THRESHOLDS:
        mask = low_scores(records, scores, {**rule.defaults(), "least_score": threshold}).mask
        tries.append((f"{LOW}, least_score {threshold:g}", drawn == LOW, mask))
    tries += [
        (f"product under {threshold:g}", drawn == "low product", pc.less(product, threshold)) for threshold in PRODUCTS
    ]
    return [_row(rule.name, name, cases, mask, hits) for name, mask, hits in tries]


def _row(rule: str, name: str, cases: list[dict[str, Any]], mask: np.ndarray, hits: pa.BooleanArray) -> Row:
    chosen = np.flatnonzero(mask)
    return Row.of(rule, name, [cases[place]["hit"] for place in chosen], hits.take(pa.array(chosen)).to_pylist())
