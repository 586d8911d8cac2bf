"""Features of a pair of texts, each where it must tell two pairs apart."""

from __future__ import annotations

import pyarrow as pa
import pytest

from builders.clean.pairs.features import length_ratio, measure, read_pairs
from builders.clean.pairs.table import load_table


def _measure(japanese, english):
    pairs = read_pairs(pa.array(japanese, pa.string()), pa.array(english, pa.string()), load_table())
    return measure(pairs, (0.8, 0.3))


@pytest.mark.parametrize(
    ("feature", "better", "worse"),
    [
        ("english_found", ("犬を見た。", "I saw a dog."), ("空を見た。", "I like coffee.")),
        ("japanese_found", ("犬。", "A dog."), ("犬。", "Coffee.")),
        ("english_gap", ("犬を見た。", "I saw a dog."), ("空を見た。", "She bought a dictionary.")),
        ("not_short", ("犬を見た。", "I saw a dog."), ("昨日公園で大きな犬を見たと言った。", "A dog.")),
        ("not_long", ("犬を見た。", "I saw a dog."), ("犬。", "I saw a dog and a cat and a bird there.")),
        ("fluency_lost", ("はい。", "I want to go to school."), ("はい。", "Want school to I go to.")),
        ("books", ("はい。", "the quality of their work"), ("はい。", "quality the work their of")),
        ("books_lost", ("はい。", "at the end of the day"), ("はい。", "at end the of day the")),
        ("odd_words", ("彼は学校に行った。", "He went to school."), ("彼は学校に行った。", "He seven to school.")),
        (
            "odd_and_missing",
            ("彼は学校に行った。", "He went to school."),
            ("彼は学校に行った。", "He seven to school."),
        ),
        ("numbers_only_english", ("30人いる。", "There are 30."), ("30人いる。", "There are 31.")),
        ("numbers_only_japanese", ("30人いる。", "There are 30."), ("30人いる。", "There are many.")),
        ("numbers_only_japanese", ("3人いる。", "There are three."), ("3人いる。", "There are four.")),
        ("numbers_only_english", ("三人いる。", "There are 3."), ("三人いる。", "There are 4.")),
        ("numbers_both", ("5000人いる。", "There are 5,000."), ("5000人いる。", "There are 5,001.")),
        ("words_only_japanese", ("DNAです。", "It is DNA."), ("DNAです。", "It is this.")),
        ("asks_only_english", ("どこですか。", "Where is it?"), ("ここです。", "Where is it?")),
        ("asks_only_japanese", ("どこですか。", "Where is it?"), ("どこですか。", "It is here.")),
        ("ended_only_japanese", ("行く。", "I go."), ("行く。", "I go to")),
        ("no_japanese", ("行く。", "I go."), ("I go.", "I go.")),
    ],
)
def test_the_better_pair_has_more(feature, better, worse):
    values = _measure(*zip(better, worse, strict=True))[feature]

    assert values[0] > values[1]


def test_numbers_with_kanji_for_their_size_are_not_compared():
    values = _measure(["5万ドルです。", "5ドルです。"], ["It is $50,000.", "It is $50,000."])

    assert values["numbers_only_english"].tolist() == [0, -1]
    assert values["numbers_only_japanese"].tolist() == [0, -1]


def test_the_length_ratio_is_a_median_and_never_without_spread():
    median, spread = length_ratio(pa.array(["犬"] * 3), pa.array(["dogs!"] * 3))

    assert median == pytest.approx(1.0986, abs=1e-3)
    assert spread == 0.1


def test_neighbours_end_with_their_text():
    alone = _measure(["はい。"], ["of the day"])
    after_another = _measure(["はい。"] * 3, ["at the end", "of the day", "is a good one"])

    for name in ("fluency_lost", "books", "books_lost", "odd_words", "odd_and_missing"):
        assert after_another[name][1] == pytest.approx(alone[name][0])


def test_neither_case_nor_spaces_change_what_is_measured():
    first = _measure(["彼は学校に行った。"], ["He went to school, didn't he?"])
    second = _measure(["彼は学校に行った。"], ["HE  went to school , didn't he ?"])

    for name in set(first) - {"not_long", "not_short", "not_very_long", "not_very_short"}:
        assert first[name][0] == second[name][0], name
