"""Learning on a small invented corpus: the words of a pair find each other, and faults score lower."""

from __future__ import annotations

import random

import pyarrow as pa

from builders.clean.measures.held_out import measure_table
from builders.clean.pairs.learn import learn_table
from builders.clean.pairs.table import load_table

NOUNS = {"犬": "dog", "猫": "cat", "医者": "doctor", "先生": "teacher", "車": "car", "本": "book", "友人": "friend"}
VERBS = {"見た": "saw", "待った": "waited for", "探した": "looked for", "忘れた": "forgot", "呼んだ": "called"}
PLACES = {"駅で": "at the station", "家で": "at home", "公園で": "in the park", "学校で": "at school"}


def _corpus(count):
    draw = random.Random(3)
    japanese, english = [], []
    for _ in range(count):
        one, two = draw.sample(list(NOUNS), 2)
        verb, place = draw.choice(list(VERBS)), draw.choice(list(PLACES))
        japanese.append(f"{one}は{place}{two}を{verb}。")
        english.append(f"The {NOUNS[one]} {VERBS[verb]} the {NOUNS[two]} {PLACES[place]}.")
    return pa.array(japanese), pa.array(english)


def test_a_table_is_learnt_and_tells_faults():
    japanese, english = _corpus(1500)

    table = learn_table(japanese, english, load_table().books)

    results, curve = measure_table(table, "invented", japanese, english)
    results = {result.kind: result for result in results}
    assert results["other sentence"].area > 0.95
    assert results["source copied"].area > 0.99
    assert results["words replaced"].area > 0.8
    assert [point.recall for point in curve] == sorted((point.recall for point in curve), reverse=True)
    assert curve[0].precision < curve[-1].precision


def test_the_same_corpus_gives_the_same_translations():
    first, second = (learn_table(*_corpus(400), load_table().books) for _ in range(2))

    assert first.to_japanese.translations.tolist() == second.to_japanese.translations.tolist()
    assert first.experts["sentence"].tolist() == second.experts["sentence"].tolist()
