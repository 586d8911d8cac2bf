"""Records whose texts are long and hostile, for each rule: python -m tests.clean.rules.hostile_records"""

from __future__ import annotations

from collections.abc import Iterator

from builders.clean.measures.rules import to_records
from builders.clean.rules import RULES, Rule
from tests.support.hostile import Case, run

UNITS = (
    "a", "a ", "A ", "the the ", "海の", "。", " ", "\n", "_", "a_", "a_：", "：", "(", ")", "（", "（）", "(a,", "[", "[1]", "[1] ", "［", "「", "「」", "<", "<b", "<b ", "&#", "{{", "[[a", "'''",
    "== ", "==", "|-", "'' ", "n 't", " 's", "i ", "mr ", ". ", "1", "1)", "> > ", ">>", "?", "か", "今年は", "毎年は", "本項は", "後述の", "一覧は", "節の", "を参照", "(の一覧", "ｱ", "ア", "Ж",
)  # fmt: skip
"""Repeated in every text of a record; with kana, for kanji alone a model that tells Chinese takes seconds to load."""


def cases() -> Iterator[Case]:
    """Yields what is done with a record."""
    for rule in RULES:
        for unit in UNITS:
            yield (
                f"{rule.name} {unit!r}...",
                lambda size, rule=rule, unit=unit: judge(rule, unit * (size // 20 // len(unit))),
            )


def judge(rule: Rule, text: str) -> None:
    """Applies a rule to a translation and to a question, one behind the other as a rule meets them."""
    rows = [{"instruction": text, "input": f"{text}：", "output": text, "task": task} for task in ("ja-en", "question")]
    (rule.find or rule.repair)(to_records(rows), rule.defaults())


if __name__ == "__main__":
    run(cases())
