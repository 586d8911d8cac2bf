"""All rules of the curated edition but benchmark overlap and duplicates, in the order in which they are reported.

Repairs come first: a rule that drops looks at repaired records. `contradictory` needs all records of a config and is a
function of two steps (see `builders.clean.rules.contradictions`).
"""

from __future__ import annotations

from builders.clean.rules import articles, questions, repairs, sides, texts
from builders.clean.rules.rule import Hits, Kind, Rule, Threshold, Thresholds

__all__ = ["RULES", "Hits", "Kind", "Rule", "Threshold", "Thresholds"]

RULES: tuple[Rule, ...] = (*repairs.RULES, *texts.RULES, *sides.RULES, *questions.RULES, *articles.RULES)
