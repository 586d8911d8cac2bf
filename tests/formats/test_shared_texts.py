"""Texts that the cells of a workbook share: none is counted for less than it takes, however the workbook is written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.formats.shared_texts import are_longer_than


@given(
    texts=st.lists(st.text("ab &;", max_size=9), min_size=2),
    cells=st.lists(st.integers(0, 12) | st.floats(0, 9) | st.just("TRUE")),
)
def test_texts_are_counted_once_for_each_cell(texts, cells):
    items = [f"<si><t>{text}</t></si>" for text in texts]
    sheet = "".join(f"<c><v>{cell}</v></c>" for cell in cells)
    parts = ["".join(items).encode(), sheet.encode(), b"<theme/>"]
    used = sum(len(items[cell]) for cell in cells if isinstance(cell, int) and cell < len(items))
    assert not are_longer_than(used, parts)
    assert used == 0 or are_longer_than(used - 1, parts)


LONG = "x" * 1000


@pytest.mark.parametrize(
    "texts",
    [
        f"<si><t/></si><si><t>{LONG}</t></si>",
        f"<si/><si><t>{LONG}</t></si>",
        f"<si a='b' /><si><t>{LONG}</t></si>",
        f"<si><t/></si><si ><r><t>{LONG}</t></r></si>",
        f"<si><t/></si><si><t>{LONG}</t></si >",
        f"<x:si/><x:si><x:t>{LONG}</x:t><si></si></x:si>",
        f"<si><t/></si><si><t>{LONG}<!--</si><si>--></t></si>",
        f"<si><t/></si><si><t>{LONG}<![CDATA[</si>]]></t></si>",
        f'<si><t/></si><si><t a="</si><si>">{LONG}</t></si>',
    ],
)
@pytest.mark.parametrize(
    "cell", ["<v>1</v>", "<v >1</v>", "<v>1</v >", "<x:v>1</x:v>", "<v>&#49;</v>", "<v>+1</v>", "<v><!-- -->1</v>"]
)
def test_no_way_to_write_them_hides_one(texts, cell):
    parts = [f"<sst>{texts}<si><t/></si></sst>", f"<row>{f'<c>{cell}</c>' * 50}</row>"]
    assert are_longer_than(50 * len(LONG), [part.encode() for part in parts])


def test_a_workbook_without_shared_texts():
    assert not are_longer_than(0, [b"<c><v>0</v></c>" * 5, b"<theme/>", b""])
