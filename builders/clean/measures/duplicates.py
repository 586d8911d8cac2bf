"""Duplicates: labelled pairs, planted copies with small changes, and records that only look alike."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa

from builders.clean.duplicates.find import Duplicates, find
from builders.clean.duplicates.sketches import Sketches
from builders.clean.evaluate import Row, labelled
from builders.clean.measures import edits
from builders.clean.measures.edits import Cells
from builders.clean.texts.normalize import normalize

RULE = "duplicates"
SEED = 20230522
PLANTED = 2_000
"""Records of each planted kind."""
_KINDS = "古い 小さな 新しい 静かな 広い 白い 長い 丸い 赤い 細い 冷たい 深い 高い 暗い 明るい 遠い 短い 重い 若い 青い".split()
_THINGS = "駅 庭 橋 港 畑 壁 坂 机 屋根 道 川 森 塔 廊下 窓 島 手紙 荷物 職人 海 市場 工場 公園 病院 時計 地図 人形 太鼓 封筒 庭石".split()
_DEEDS = (
    "を歩いて渡った を絵に描いた を何度も直した を遠くから眺めた を子どもに教えた を朝まで守った を友人に譲った を静かに閉めた "
    "を本で調べた を大切に残した を写真に撮った をゆっくり登った を急いで運んだ を丁寧に掃いた を初めて訪ねた"
).split()
_ENGLISH_KINDS = (
    "old,small,new,quiet,wide,white,long,round,red,narrow,cold,deep,high,dark,bright,distant,short,heavy,young,blue"
).split(",")
_ENGLISH_THINGS = (
    "station,garden,bridge,harbor,field,wall,slope,desk,roof,road,river,forest,tower,corridor,window,island,letter,"
    "luggage,craftsman,sea,market,factory,park,hospital,clock,map,doll,drum,envelope,garden stone"
).split(",")
_ENGLISH_DEEDS = (
    "walked across,painted,mended many times,watched from afar,explained to the children,guarded until morning,"
    "gave to a friend,quietly closed,looked up in a book,kept with care,took a picture of,slowly climbed,"
    "carried in haste,swept carefully,visited for the first time"
).split(",")


def measure() -> list[Row]:
    """Rows for labelled pairs, for each kind of planted copy, and for each kind of records that must all stay."""
    rows = [_labelled()]
    for kind, edit in PLANTED_KINDS.items():
        rows.append(_planted(kind, edit))
    for kind, make in DISTINCT_KINDS.items():
        draw = random.Random(f"{SEED} {kind}")
        records = list(dict.fromkeys(make(draw, number) for number in range(PLANTED)))
        removed = find_among(records).kind > 0
        rows.append(Row.of(RULE, f"distinct: {kind}", [False] * len(records), removed.tolist()))
    return rows


def find_among(records: Sequence[Cells]) -> Duplicates:
    """Duplicates among records in memory, all of one source."""
    cells = [pa.array(column, pa.string()) for column in zip(*records, strict=True)]
    payloads = normalize(cells)
    sketches = Sketches.of(payloads, cells)
    return find(
        sketches,
        np.zeros(len(records), np.uint8),
        lambda numbers: normalize([cell.take(pa.array(numbers)) for cell in cells]),
    )


def _labelled() -> Row:
    cases = labelled(RULE)
    found = [bool(find_among([tuple(case["kept"]), tuple(case["other"])]).kind.any()) for case in cases]
    return Row.of(RULE, "labelled", [case["duplicate"] for case in cases], found)


def _planted(kind: str, edit: Callable[[Cells, random.Random], Cells]) -> Row:
    """Made records and, shuffled among them, an edited copy of every second one."""
    draw = random.Random(f"{SEED} {kind}")
    make = _long if kind in LONG_KINDS else _pair
    originals = list(dict.fromkeys(make(draw, number) for number in range(2 * PLANTED)))
    copies = [edit(record, draw) for record in originals[::2]]
    records = [(record, number, False) for number, record in enumerate(originals)]
    records += [(record, 2 * number, True) for number, record in enumerate(copies)]
    draw.shuffle(records)
    found = find_among([record for record, _, _ in records])
    of_original: dict[int, list[int]] = {}
    for place, (_, number, _) in enumerate(records):
        of_original.setdefault(number, []).append(place)
    wanted, got = [], []
    for places in of_original.values():
        removed = [place for place in places if found.kind[place]]
        right = [place for place in removed if int(found.representative[place]) in places]
        wanted.append(len(places) == 2)
        got.append(len(right) == 1 if len(places) == 2 else bool(removed))
    return Row.of(RULE, f"planted: {kind}", wanted, got)


def _sentence(draw: random.Random, clauses: int) -> tuple[str, str]:
    japanese, english = [], []
    for _ in range(clauses):
        kind, thing, deed = (draw.randrange(len(words)) for words in (_KINDS, _THINGS, _DEEDS))
        japanese.append(_KINDS[kind] + _THINGS[thing] + _DEEDS[deed])
        english.append(f"{_ENGLISH_DEEDS[deed]} the {_ENGLISH_KINDS[kind]} {_ENGLISH_THINGS[thing]}")
    return "、".join(japanese) + "。", f"They {', '.join(english)}."


def _pair(draw: random.Random, number: int) -> Cells:
    """A pair of sentences as translation corpora have them: 20 to 45 Japanese characters."""
    japanese, english = _sentence(draw, draw.randint(2, 3))
    return ("", japanese, english) if number % 2 else ("", english, japanese)


def _long(draw: random.Random, number: int) -> Cells:
    """A title and a text of some hundred characters."""
    text = "".join(_sentence(draw, 4)[0] for _ in range(draw.randint(3, 6)))
    return "", f"第{number}話", text


def _each(edit: Callable[[str, random.Random], str]) -> Callable[[Cells, random.Random], Cells]:
    return lambda record, draw: (edit(record[0], draw), edit(record[1], draw), edit(record[2], draw))


def _in_output(edit: Callable[[str, random.Random], str]) -> Callable[[Cells, random.Random], Cells]:
    return lambda record, draw: (record[0], record[1], edit(record[2], draw))


PLANTED_KINDS: dict[str, Callable[[Cells, random.Random], Cells]] = {
    "verbatim": _each(edits.verbatim),
    "width": _each(edits.widen),
    "punctuation": _each(edits.punctuate),
    "one letter": _in_output(edits.change_one),
    "a clause added": _in_output(edits.add_clause),
}
LONG_KINDS = ("a clause added",)
"""Kinds that are planted in long texts: in a short one, a clause more is another record."""


def _number(draw: random.Random, number: int) -> Cells:
    return "", f"第{number}回の集まりは{draw.choice(_THINGS)}の近くで行われました。", f"The meeting number {number}."


def _prefix(draw: random.Random, number: int) -> Cells:
    text = "港町で長く続く食堂の主人が、店の成り立ちと毎日の仕込みについて語った記録です。" * 3
    japanese, _ = _sentence(draw, 2)
    return "", text + japanese, japanese


def _reverse(draw: random.Random, number: int) -> Cells:
    pairs = random.Random(number // 2)
    japanese, english = _sentence(pairs, 3)
    return ("", japanese, english) if number % 2 else ("", english, japanese)


def _question(draw: random.Random, number: int) -> Cells:
    passage = "".join(_sentence(random.Random(number // 4), 4)[0] for _ in range(4))
    thing = _THINGS[number % len(_THINGS)]
    return f"{thing}について、文章は何と述べていますか。", passage, _DEEDS[number % len(_DEEDS)]


DISTINCT_KINDS: dict[str, Callable[[random.Random, int], Cells]] = {
    "another number": _number,
    "a long common prefix": _prefix,
    "a pair and its reverse": _reverse,
    "one passage, several questions": _question,
    "one template": _pair,
}
"""Records that share a template, a beginning or their words, and of which none may be lost."""
