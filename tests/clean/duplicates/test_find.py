"""Duplicates are found, each with the one that stays; whoever works on what, the result is the same."""

from __future__ import annotations

import random
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.clean.duplicates.find import EXACT, NEAR, NONE, Duplicates, find
from builders.clean.duplicates.sketches import Sketches
from builders.clean.measures.duplicates import find_among
from builders.clean.measures.edits import Cells, change_one, punctuate, widen
from builders.clean.texts.normalize import normalize

LONG = "港町で長く続く食堂の主人が、店の成り立ちと毎日の仕込みについて語った記録です。毎朝早くから魚を選び、昼までに並べます。"


def table(records: list[Cells]) -> list[pa.Array]:
    return [pa.array(column, pa.string()) for column in zip(*records, strict=True)]


def sketch(records: list[Cells]) -> Sketches:
    columns = table(records)
    return Sketches.of(normalize(columns), columns)


def find_in_parts(records: list[Cells], parts: list[Sketches], quality: list[int]) -> Duplicates:
    sketches, first = Sketches.room(len(records)), 0
    for part in parts:
        sketches.put(first, part)
        first += len(part)
    columns = table(records)
    return find(
        sketches,
        np.array(quality, np.uint8),
        lambda numbers: normalize([column.take(pa.array(numbers)) for column in columns]),
    )


def made(count: int) -> list[Cells]:
    """Records with all kinds of copies among them."""
    draw = random.Random(11)
    things = [f"{kind}{thing}" for kind in "古新長丸赤細深高" for thing in ("い駅", "い庭", "い橋", "い港", "い坂")]
    records: list[Cells] = []
    for _ in range(count):
        one, other = draw.choice(things), draw.choice(things)
        records.append(
            ("", f"{one}のそばで{other}を見ながら長い手紙を書いていました。", f"A letter about {one} and {other}.")
        )
    for edit in (change_one, punctuate, widen):
        records += [(first, edit(second, draw), third) for first, second, third in draw.sample(records, count // 4)]
    records += [("", LONG, f"{number}") for number in range(5)] + [("", "", ""), ("", "", ""), ("", "短い", "x")] * 2
    draw.shuffle(records)
    return records


def test_kinds_and_representatives():
    records = [
        ("", "雨が降っています。", "It is raining."),
        ("", "雨が降っています。", "It is raining."),
        ("", "雨が、降っています", "IT IS RAINING"),
        ("", "It is raining.", "雨が降っています。"),
        ("", LONG, "食堂"),
        ("", LONG + "なるほど。", "食堂"),
    ]

    found = find_among(records)

    assert found.kind.tolist() == [NONE, EXACT, NEAR, NONE, NEAR, NONE]
    assert found.representative.tolist() == [-1, 0, 0, -1, 5, -1]


def test_the_better_source_stays():
    records = [("", "雨が降っています。", "it is raining ."), ("", "雨が降っています。", "It is raining.")]

    found = find_in_parts(records, [sketch(records)], [1, 0])

    assert found.representative.tolist() == [1, -1]


def test_no_record_is_lost_along_a_chain():
    """The second is near the first, the third near the second but not near the first: the third stays."""
    first = "彼女は毎朝早く起きて近くの公園を散歩します"
    second, third = first.replace("早く", "早め"), first.replace("早く", "早め").replace("近く", "近所")
    answer = "She takes a walk in the park every morning."

    found = find_among([("", first, answer), ("", second, answer), ("", third, answer)])

    assert found.representative.tolist() == [-1, 0, -1]


def test_a_copy_of_a_removed_record_points_to_the_one_that_stays():
    records = [("", LONG + "なるほど。", "食堂"), ("", LONG, "食堂"), ("", LONG.replace("、", ""), "食堂")]

    assert find_among(records).representative.tolist() == [-1, 0, 0]


def test_empty_payloads_and_no_records():
    assert find_among([("", "", ""), ("", "。", "")]).kind.tolist() == [NONE, NONE]
    nothing = find_in_parts([("", "", "")], [], [0])
    assert nothing.kind.tolist() == [NONE]


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2, 8])
def test_the_same_bytes_with_any_number_of_workers(workers):
    records = made(120)
    whole = find_among(records)
    size = -(-len(records) // (2 * workers))
    lots = [records[start : start + size] for start in range(0, len(records), size)]

    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        found = find_in_parts(records, list(pool.map(sketch, lots)), [0] * len(records))

    assert found.kind.tobytes() == whole.kind.tobytes()
    assert found.representative.tobytes() == whole.representative.tobytes()
    assert set(whole.kind.tolist()) == {NONE, EXACT, NEAR}


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(*[st.text("あいaB1。 ", max_size=9)] * 3), min_size=1, max_size=8), st.data())
def test_sketches_do_not_depend_on_neighbours(records, data):
    cut = data.draw(st.integers(0, len(records)))
    whole = sketch(records)
    parts = [sketch(part) for part in (records[:cut], records[cut:]) if part]

    for name in ("key", "raw", "cells", "slots", "length"):
        assert np.array_equal(np.concatenate([getattr(part, name) for part in parts]), getattr(whole, name))


@settings(deadline=None, max_examples=100)
@given(st.lists(st.tuples(*[st.text("あいaB1。 ", max_size=5)] * 3), min_size=1, max_size=30))
def test_every_representative_stays_and_is_not_shorter(records):
    found = find_among(records)
    length = sketch(records).length

    removed = np.flatnonzero(found.kind)
    assert (found.kind[found.representative[removed]] == NONE).all()
    assert (length[found.representative[removed]] >= length[removed]).all()
    assert (found.representative[found.kind == NONE] == -1).all()
