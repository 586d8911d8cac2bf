"""What was trained on is found again in other directions, other punctuation and under other ids."""

from __future__ import annotations

import pyarrow as pa
import pytest

from finetune.evaluation import seen

JAPANESE, ENGLISH = "私は毎朝六時に起きます。", "I get up at six every morning."
TO_ENGLISH, TO_JAPANESE = "次の日本語を英語に翻訳してください。", "次の英語を日本語に翻訳してください。"
TRAINED = {"instruction": TO_ENGLISH, "input": JAPANESE, "output": ENGLISH, "id": "tab_delimited:ja-en:1-2"}


def row(instruction: str, given: str, output: str, identifier: str = "other:x:9") -> dict[str, str]:
    return {"instruction": instruction, "input": given, "output": output, "id": identifier}


def trained() -> seen.Trained:
    return seen.Trained(pa.Table.from_pylist([TRAINED]))


@pytest.mark.parametrize(
    "record",
    [
        row(TO_JAPANESE, ENGLISH, JAPANESE),
        row(TO_JAPANESE, "i get up at six every morning", "毎朝六時に起きるよ。"),
        row(TO_ENGLISH, "私は毎朝６時に起きます".replace("６", "六") + "！", "I wake up at 6."),
        row(TO_JAPANESE, "Every morning I rise at 6.", "私は、毎朝六時に起きます"),
        row(TO_JAPANESE, "Something else", "別の文", "tab_delimited:en-ja:1-2"),
    ],
)
def test_seen(record):
    asked = pa.Table.from_pylist([record])
    assert trained().near(asked).tolist() == [True]
    both = pa.Table.from_pylist([row("短い文を書いてください。", "", "雨が降る。", "a:x:1"), TRAINED])
    assert seen.Trained(both).telling(asked).tolist() == [False, True]


@pytest.mark.parametrize(
    "record",
    [
        row(TO_ENGLISH, "私は毎朝七時に起きます。", "I get up at seven every morning."),
        row("この文を短くしてください。", JAPANESE, "六時に起きます。"),
    ],
)
def test_not_seen(record):
    assert trained().near(pa.Table.from_pylist([record])).tolist() == [False]


PARAGRAPH = (
    "急須は、茶葉に湯を注いで茶を出すための道具である。取っ手の形によって、横手、後手、上手、宝瓶に分けられる。"
    "胴の内側には茶葉をこす網があり、注ぎ口の根元に陶器の穴を並べたものと、金属の網を張ったものとが広く売られている。"
    "蓋には小さな穴があいていて、空気が通るので湯が滑らかに出る。使い終わったら洗剤を使わず、湯ですすいで乾かすとよい。"
)
QUESTION = "急須のうち、取っ手のないものを何というか答えてください。"
MANY = [
    {"instruction": f"「{word}」という言葉はどのような意味で使われますか。", "input": "", "output": f"{word}のこと。"}
    for word in (
        "渡し舟",
        "灯台守",
        "時計屋",
        "雪の日",
        "姉の琴",
        "麦の穂",
        "北国",
        "石段",
        "蛍籠",
        "夜汽車",
        "山小屋",
        "貝殻",
    )
]


@pytest.mark.parametrize(
    ("known", "record", "near"),
    [
        (
            (TO_ENGLISH, "彼女は図書館で毎日本を読んでいます。"),
            (TO_ENGLISH, "彼女は図書館で毎日本を読んでいる。"),
            True,
        ),
        (
            (TO_ENGLISH, "彼女は図書館で毎日本を読んでいます。"),
            (TO_ENGLISH, "彼は昨日、駅前の本屋へ行きました。"),
            False,
        ),
        ((QUESTION, PARAGRAPH), (QUESTION.removesuffix("答えてください。"), PARAGRAPH), True),
        (
            (QUESTION, PARAGRAPH),
            ("急須は何を出すために使われる道具ですか。", PARAGRAPH),
            False,
        ),  # of the same paragraph
        ((QUESTION, PARAGRAPH), (QUESTION, PARAGRAPH.replace("横手、", "")), True),
        (
            ("この町の人口は2019年に何人だったか教えてください。", ""),
            ("この町の人口は2020年に何人だったか教えてください。", ""),
            False,
        ),
        (
            ("「日暮れ」という言葉はどのような意味で使われますか。", ""),
            ("「夕暮れ」という言葉はどのような意味で使われますか。", ""),
            False,
        ),
    ],
)
def test_nearly_the_same_question(known, record, near):
    rows = [*MANY, row(*known, "一つ目の答え", "a:x:1")]
    asked = pa.Table.from_pylist([row(*record, "二つ目の答え")])
    trained = seen.Trained(pa.Table.from_pylist(rows))
    assert trained.near(asked).tolist() == [near]
    assert trained.telling(asked).tolist() == [*(False for _ in MANY), near]


def test_a_translation_back_of_nearly_the_same_text():
    english = "She reads a book in the town library every single day."
    known = pa.Table.from_pylist([*MANY, row(TO_ENGLISH, "彼女は毎日読む。", english, "a:x:1")])
    asked = [
        row(TO_JAPANESE, english.replace("a book", "books"), "別の訳"),
        row(TO_JAPANESE, "The library is closed.", "休み"),
    ]
    assert seen.Trained(known).near(pa.Table.from_pylist(asked)).tolist() == [True, False]


def test_a_short_text_or_none_is_near_nothing():
    asked = pa.Table.from_pylist([row("猫", "", "ね"), row("", "", "")])
    assert seen.Trained(pa.Table.from_pylist(MANY)).near(asked).tolist() == [False, False]
    assert seen.Trained(pa.Table.from_pylist(MANY).slice(0, 0)).near(asked).tolist() == [False, False]


def test_short_texts_count_only_as_pairs():
    trained = pa.Table.from_pylist([row("訳して", "猫", "cat", "a:x:1")])
    records = pa.Table.from_pylist([row("訳して", "猫", "kitten", "b:x:1"), row("英語は？", "cat", "猫", "b:x:2")])
    assert seen.Trained(trained).near(records).tolist() == [False, True]


def test_records_without_ids_are_told_by_their_texts():
    records = pa.Table.from_pylist([TRAINED, row(TO_ENGLISH, "駅は遠いです。", "It is far.")])
    assert trained().near(records.drop_columns(["id"])).tolist() == [True, False]


def test_keys_are_the_publisher_s_ids():
    ids = [
        "jcommonsenseqa:question:valid-8940",
        "jsquad:question:valid-a10336p0q0-1of2",
        "jsquad:question:train-a1p0q0-1",
    ]
    table = pa.Table.from_pylist([row("a", "b", "c", identifier) for identifier in ids])
    assert seen.Trained(table).keys("jcommonsenseqa") == {"8940"}
    assert seen.Trained(table).keys("jsquad") == {"a10336p0q0", "a1p0q0"}
    assert seen.Trained(table.drop_columns(["id"])).keys("jsquad") == set()


def test_the_texts_of_the_training_are_made_once(monkeypatch):
    made, texts = [], seen._texts
    monkeypatch.setattr(seen, "_texts", lambda frame: made.append(len(frame)) or texts(frame))
    known = seen.Trained(pa.Table.from_pylist([TRAINED] * 5))
    for _ in range(3):
        known.near(pa.Table.from_pylist([TRAINED]))
    assert sorted(made) == [1, 1, 1, 5]
