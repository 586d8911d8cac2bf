"""Items are found wherever they stand in a record, and only there."""

from __future__ import annotations

import pickle
import random

import numpy as np
import pyarrow as pa
import pytest

from builders.clean.measures.edits import PLACEMENTS, TEXT_EDITS
from builders.clean.overlap.index import SHORTEST, Index
from builders.clean.overlap.items import Item
from builders.clean.overlap.leaks import leaks, scan
from builders.clean.texts.normalize import Payloads, normalize

QUIZ = Item("quiz", "1", "港に入る船を導くために夜のあいだ光を出し続ける塔を何と言うか？", "灯台")
SHORT = Item("quiz", "2", "海にある塔は何ですか", "灯台")
PAIR = Item("pairs", "1", sides=("昨日は一日中雨が降っていました。", "It was raining all day long yesterday."))
ITEMS = [QUIZ, SHORT, PAIR]
OTHERS = [
    ("次の日本語を訳して。", f"{word}の話をしましょう。", f"Let us talk about {word}.") for word in "山川海空森村町駅"
]


def payloads(*records: tuple[str, str, str]) -> Payloads:
    return normalize([pa.array(column, pa.string()) for column in zip(*records, strict=True)])


def found(index: Index, *records: tuple[str, str, str]) -> list[tuple[int, str, str]]:
    hits = leaks(index, payloads(*records))
    items = [index.items[index.item[text]] for text in hits.text]
    return sorted({(int(record), item.benchmark, item.key) for record, item in zip(hits.record, items, strict=True)})


@pytest.fixture(scope="module")
def index():
    return Index(ITEMS)


@pytest.mark.parametrize("placement", PLACEMENTS)
@pytest.mark.parametrize("edit", TEXT_EDITS)
@pytest.mark.parametrize("item", ITEMS, ids=lambda item: f"{item.benchmark} {item.key}")
def test_an_item_is_found_under_every_edit_in_every_place(index, item, edit, placement):
    draw = random.Random(2)
    texts = (item.question, item.answer) if item.question else item.sides
    first, second = (TEXT_EDITS[edit](text, draw) for text in texts)

    record = PLACEMENTS[placement](first, second, draw)

    assert found(index, *OTHERS, record, *OTHERS) == [(len(OTHERS), item.benchmark, item.key)]


@pytest.mark.parametrize(
    "record",
    [
        ("港に入る船が荷物を下ろすために横づけする場所を何と言うか？", "", "岸壁"),
        ("港に入る船を導くために昼のあいだ光を出し続ける塔を何と言うか？", "", "煙突"),
        ("", "海にある塔は何ですかと聞かれたので、地図を見せました。", "I showed the map."),
        ("", "昨日は一日中雨が降っていました。", "I stayed at home and read a book."),
        ("", "明日は一日中風が吹くでしょう。", "It was raining all day long yesterday."),
        ("", "灯台", "A lighthouse."),
    ],
)
def test_what_only_looks_like_an_item_is_not_one(index, record):
    assert found(index, record) == []


@pytest.mark.parametrize(
    ("record", "is_leak"),
    [
        (("海にある塔が何ですか", "", "灯台です"), True),
        (("海にある塔が何ですか", "", "石灯台"), False),  # another word that ends in the answer
        (("海にある塔が何ですか", "", "灯台守"), False),  # or begins with it
        (("岬の先の海にある塔が何ですか", "", "灯台"), True),
        (("遠足の日に先生が私たちに、岬の先の海にある塔が何ですかと聞いたので困りました", "", "灯台"), False),
        (("", "海にある塔が何ですか、それは灯台だと思います。", "I think it is a lighthouse."), True),
        (("", "その灯台のほかに海にある塔が何ですか、知りません。", "I do not know what it is."), False),
        (("海にある塔が何ですか", "", "灯台は、船が夜でも港に入れるように光を出す塔です。"), True),
        (("海にある塔が何ですか", "", "港の灯台は、船が夜でも港に入れるように光を出す塔です。"), False),
    ],
)
def test_a_short_question_with_a_word_changed_must_be_asked_and_answered(index, record, is_leak):
    assert found(index, record) == ([(0, "quiz", "2")] if is_leak else [])


def test_a_short_question_that_fills_a_cell_is_found_whatever_the_answer(index):
    assert found(index, ("海にある塔は、何ですか。", "", "分かりません。")) == [(0, "quiz", "2")]


def test_score_and_span_of_a_part(index):
    (text,) = np.flatnonzero(index.item == 0)
    hits = scan(index, payloads(("", "昔の話です。港に入る船を導くために夜のあいだ光を出し続ける", "")), 0.3)

    mine = hits.chosen(hits.text == text)

    assert 0.5 < mine.score[0] < 0.9
    assert (mine.start[0], mine.end[0]) == (len("昔の話です"), len("昔の話です") + 23)


def test_no_item_of_few_characters_is_looked_for():
    index = Index([Item("quiz", "1", "塔は？", "灯台"), Item("quiz", "2", "あ" * SHORTEST, "灯台")])

    assert index.skipped == 1
    assert found(index, ("塔は？", "", "灯台")) == []


def test_nothing_in_nothing(index):
    assert len(leaks(index, payloads(("", "", "")))) == 0
    assert len(leaks(Index([]), payloads(*OTHERS))) == 0
    assert len(leaks(Index([Item("quiz", "1", "塔は？")]), payloads(*OTHERS))) == 0


def test_hits_do_not_depend_on_how_records_are_cut_into_batches(index):
    draw = random.Random(3)
    texts = [item.telling[0] for item in ITEMS] + [record[1] for record in OTHERS]
    records = [("", "".join(draw.choices(texts, k=2)), draw.choice(["灯台", ""])) for _ in range(60)]
    whole = leaks(pickle.loads(pickle.dumps(index)), payloads(*records))

    for size in (1, 7):
        parts = [leaks(index, payloads(*records[start : start + size])) for start in range(0, len(records), size)]
        moved = np.concatenate([part.record + size * number for number, part in enumerate(parts)])
        assert np.array_equal(moved, whole.record)
        for name in ("text", "score", "start", "end"):
            assert np.array_equal(np.concatenate([getattr(part, name) for part in parts]), getattr(whole, name))
    assert len(whole)


def test_texts_that_repeat_themselves_cost_no_more_than_others():
    index = Index([Item("quiz", str(number), "あ" * 500 + str(number)) for number in range(300)])
    record = payloads(("", "あ" * 5_000, ""))

    places = index.places(record)

    assert len(places) <= 300 * 16
    assert scan(index, record).score.max() > 0.9
