"""Made-up faults are faults, and the same seed gives the same ones."""

from __future__ import annotations

import random

import pytest

from builders.clean.pairs.faults import BICLEANER, FAULTS

JAPANESE = [f"{number}匹の犬が公園で遊んでいる。" for number in range(2, 42)]
ENGLISH = [f"There are {number} dogs, and they play in the park." for number in range(2, 42)]


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_changes_nearly_every_pair_the_same_way_each_time(kind):
    first, second = (FAULTS[kind](JAPANESE, ENGLISH, random.Random(1)) for _ in range(2))

    assert first == second
    assert len(first[0]) == len(first[1]) == len(JAPANESE)
    changed = sum(
        pair != (japanese, english)
        for pair, japanese, english in zip(zip(*first, strict=True), JAPANESE, ENGLISH, strict=True)
    )
    assert changed >= 0.9 * len(JAPANESE)


def test_pairs_without_a_number_cannot_have_it_changed():
    assert FAULTS["number changed"](["犬"], ["a dog"], random.Random(1)) == ([], [])


def test_bicleaner_kinds_are_kinds():
    assert set(BICLEANER) <= set(FAULTS)


@pytest.mark.parametrize("kind", [kind for kind in FAULTS if kind != "number changed"])
def test_one_word_is_enough_input(kind):
    japanese, english = FAULTS[kind](["犬", "猫"], ["Dog", "Cat"], random.Random(1))

    assert len(japanese) == len(english) == 2
