"""What holds for all rules: names, reasons, thresholds in range, and that thresholds move the decision."""

from __future__ import annotations

import pyarrow as pa
import pytest

from builders.clean.measures.rules import to_records
from builders.clean.rules import RULES, Kind

BY_NAME = {rule.name: rule for rule in RULES}


def test_rules_are_told_apart_and_explained():
    assert len(BY_NAME) == len(RULES)
    for rule in RULES:
        assert rule.reason.endswith(".") and "\n" not in rule.reason
        assert (rule.repair is None) == (rule.kind is not Kind.REPAIR)
        assert (rule.find is None) == (rule.kind is Kind.REPAIR)
        assert all(each.low <= each.default <= each.high for each in rule.thresholds.values())


def test_a_rule_looks_at_its_configs():
    assert BY_NAME["japanese-side"].applies_to("translation-jesc")
    assert not BY_NAME["japanese-side"].applies_to("knowledge-aio")
    assert BY_NAME["non-commercial"].applies_to("alpaca-ja")


@pytest.mark.parametrize(
    ("name", "row", "threshold", "low", "high"),
    [
        ("too-long", {"input": "犬が歩く。" * 10}, "characters", (10, True), (100, False)),
        ("stub", {"input": "犬", "output": "犬は動物。"}, "characters", (3, False), (10, True)),
        ("length-ratio", {"input": "犬が歩いて公園に行った。", "output": "A dog."}, "least", (0.1, False), (2.0, True)),
        ("pair-score", {"input": "私の場合は。", "output": "I do."}, "short", (0, True), (40, False)),
        (
            "pair-score",
            {"input": "犬が歩く。", "output": "A dog walks."},
            "least_score_if_short",
            (0.0, False),
            (1.0, True),
        ),
        ("pair-score", {"input": "犬が歩く。" * 9, "output": "A dog."}, "least_score", (0.0, False), (1.0, True)),
        ("japanese-side", {"input": "犬が dog dog dog", "output": "dogs"}, "least_share", (0.05, False), (0.5, True)),
        ("repeated-words", {"input": "行け", "output": "Go go go!"}, "words", (3, True), (4, False)),
    ],
)
def test_thresholds_decide(name, row, threshold, low, high):
    rule = BY_NAME[name]
    for value, hit in (low, high):
        found = rule.find(to_records([row]), {**rule.defaults(), threshold: value})
        assert found.mask.to_pylist() == [hit], value


def test_both_directions_are_judged_alike():
    rows = [
        {"input": "犬が歩く。", "output": "Take the second road on the left.", "task": "ja-en"},
        {"input": "Take the second road on the left.", "output": "犬が歩く。", "task": "en-ja"},
        {"input": "They go.", "output": "They go.", "task": "en-ja"},
    ]
    records = to_records(rows)
    for name in ("pair-score", "japanese-side", "length-ratio"):
        mask = BY_NAME[name].find(records, BY_NAME[name].defaults()).mask.to_pylist()
        assert mask[0] == mask[1]
    assert BY_NAME["japanese-side"].find(records, BY_NAME["japanese-side"].defaults()).mask.to_pylist()[2]


def test_abstracts_are_no_pairs():
    records = to_records([{"input": "犬が歩く。", "output": "Cost.", "task": "title-from-abstract"}])

    found = BY_NAME["pair-score"].find(records, {"least_score": 1.0, "least_score_if_short": 1.0, "short": 40})

    assert found.mask.to_pylist() == [False]
    assert found.score.to_pylist() == [None]


def test_repairs_keep_what_they_do_not_repair():
    records = to_records([{"input": "犬", "output": "Dog", "id": "a:b:c"}, {"input": "", "output": ""}])
    for rule in RULES:
        if rule.repair is not None:
            assert rule.repair(records, rule.defaults()).equals(records), rule.name


def test_english_is_restored_in_both_directions():
    records = to_records(
        [
            {"input": "待たせないで。", "output": "don 't keep me waiting .", "task": "ja-en"},
            {"input": "i 'm sure mr. smith knows .", "output": "スミスさんは知っている。", "task": "en-ja"},
        ]
    )

    repaired = BY_NAME["english-spacing"].repair(records, {})

    assert repaired.column("output").to_pylist() == ["Don't keep me waiting.", "スミスさんは知っている。"]
    assert repaired.column("input").to_pylist() == ["待たせないで。", "I'm sure Mr. Smith knows."]
    assert repaired.column("task").equals(records.column("task"))


def test_bytes_of_schema_do_not_change():
    records = to_records([{"input": "犬", "output": "dog"}])
    for rule in RULES:
        if rule.repair is not None:
            assert rule.repair(records, rule.defaults()).schema == records.schema
        else:
            assert rule.find(records, rule.defaults()).mask.type == pa.bool_()
