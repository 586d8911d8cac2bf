"""Which records say nothing new, decided on their text."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from builders.clean.duplicates.near import is_near
from builders.clean.texts.normalize import normalize

LONG = "港町で長く続く食堂の主人が、店の成り立ちと毎日の仕込みについて語った記録です。毎朝早くから魚を選び、昼までに並べます。"
PAIR = ("", "彼女は毎朝早く起きて散歩をします。", "She gets up early every morning and takes a walk.")


def near(kept: tuple[str, str, str], other: tuple[str, str, str]) -> bool:
    payloads = normalize([pa.array(column, pa.string()) for column in zip(kept, other, strict=True)])
    return bool(is_near(payloads, np.array([0]), np.array([1]))[0])


@pytest.mark.parametrize(
    ("kept", "other"),
    [
        (PAIR, PAIR),
        (PAIR, ("", "彼女は毎朝早く起きて散歩をする。", PAIR[2])[:1] + ("彼女は毎朝早く起きて散歩をしまス。", PAIR[2])),
        (PAIR, (PAIR[0], PAIR[1], "She gets up early every mornings and takes a walk.")),
        (("", LONG + "なるほど。", "食堂"), ("", LONG, "食堂")),
        (("", "さて、" + LONG, "食堂"), ("", LONG, "食堂")),
        (("", LONG.replace("。毎朝", "。そうして毎朝"), "食堂の主人の話"), ("", LONG, "食堂の主人の話")),
        (("", LONG + "なるほど。", LONG + "はい。"), ("", LONG, LONG)),
    ],
    ids=["equal", "a letter", "a letter more", "words behind", "words before", "words within", "words in two cells"],
)
def test_near(kept, other):
    assert near(kept, other)


@pytest.mark.parametrize(
    ("kept", "other"),
    [
        (PAIR, ("", PAIR[2], PAIR[1])),
        (PAIR, ("", "彼は毎朝早く起きて散歩をします。", "He gets up early every morning and takes a walk.")),
        (PAIR, ("", "彼女は毎朝早く起きて朝食を作ります。", PAIR[2])),
        (("", "橋は1987年に完成しました。", "橋"), ("", "橋は1988年に完成しました。", "橋")),
        (
            ("", "橋は九年前に完成したそうです。", "とても長い橋です"),
            ("", "橋は七年前に完成したそうです。", "とても長い橋です"),
        ),
        (("短い問い", "", "海"), ("短い問え", "", "海")),
        (("問い一つ", LONG, "海"), ("問い二つ", LONG, "海")),
        (("", LONG + "毎月三日は休みです。", "食堂"), ("", LONG, "食堂")),
        (("", LONG + LONG[:20], "食堂"), ("", LONG, "食堂")),
        (("", LONG.replace("選び", "選ばず"), LONG.replace("並べます", "並べません")), ("", LONG, LONG)),
    ],
    ids=[
        "the reverse",
        "a word on both sides",
        "other words",
        "another number",
        "another number in kanji",
        "a letter of a short cell",
        "another question",
        "words with a number",
        "too many words",
        "small changes in two cells",
    ],
)
def test_not_near(kept, other):
    assert not near(kept, other)
