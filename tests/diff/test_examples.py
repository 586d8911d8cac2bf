"""Where two texts differ, as it is shown."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from builders.diff import examples
from builders.diff.examples import SHOWN, Example, pieces
from builders.diff.records import compare
from tests.diff.datasets import side


def marked(before: str, after: str) -> str:
    brackets = {" ": "{}", "-": "[-{}-]", "+": "{{+{}+}}"}
    return "".join(brackets[kind].format(text) for kind, text in pieces(before, after))


def test_the_changed_characters_are_told():
    assert marked("貸してあげる。", "貸してあげるよ。") == "貸してあげる{+よ+}。"
    assert marked("フィリップスはどこ", "ィリップスはどこ") == "[-フ-]ィリップスはどこ"
    assert marked("東京都の人口", "京都府の人口") == "[-東-]京都{+府+}の人口"
    assert marked("", "やあ") == "{+やあ+}"


def test_texts_with_little_in_common_are_shown_whole():
    assert marked("吾輩は猫である", "親譲りの無鉄砲") == "[-吾輩は猫である-]{+親譲りの無鉄砲+}"


def test_what_is_far_from_a_difference_is_cut():
    before = "あ" * 500 + "い" + "う" * 500
    after = "あ" * 500 + "え" + "う" * 500
    assert marked(before, after) == "…" + "あ" * 20 + "[-い-]{+え+}" + "う" * 20 + "…"


def test_a_long_difference_is_cut_and_costs_no_search():
    shown = marked("い" * 100_000, "え" * 100_000)
    assert shown.count("い") == shown.count("え") == SHOWN
    assert "(99,880 more characters)" in shown


@given(st.text("あいう", max_size=12), st.text("あいう", max_size=12))
def test_the_pieces_give_both_texts(before, after):
    found = list(examples._pieces(before, after))
    assert "".join(text for kind, text in found if kind != "+") == before
    assert "".join(text for kind, text in found if kind != "-") == after


def test_the_first_records_of_each_kind_in_the_order_of_the_files(tmp_path):
    before = {f"{number}": ("do", "", "old") for number in range(20)}
    after = {f"{number}": ("do", "", "new" if number in (3, 7, 9) else "old") for number in range(5, 30)}
    after |= {"3": ("do", "", "new")}
    old, new = side(tmp_path / "old", before, 3), side(tmp_path / "new", after, 4)

    found = examples.examples(old, new, compare(old, new), 2)

    assert [(example.kind, example.id) for example in found] == [
        ("changed", "7"),
        ("changed", "9"),
        ("added", "20"),
        ("added", "21"),
        ("removed", "0"),
        ("removed", "1"),
    ]
    assert len(examples.examples(old, new, compare(old, new), 8)) == 3 + 8 + 4
    assert found[0].before["output"] == "old" and found[0].after["output"] == "new"
    assert found[0].columns == ["output"] and found[2].columns == ["instruction", "output"]


def test_the_columns_of_an_example_are_those_that_differ():
    record = {"instruction": "do", "input": "", "output": "x", "id": "a", "source": "s", "task": "t", "license": "MIT"}
    assert Example(record, record | {"license": "CC0-1.0"}).columns == ["license"]
