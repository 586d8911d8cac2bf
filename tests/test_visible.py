"""What may be printed of a text that somebody else wrote."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.visible import CONTROL, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("急須\tone\ntwo", "急須\tone\ntwo"),
        ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        ("a\rb\x9b2Jc\x7f\x00", r"a\x0db\x9b2Jc\x7f\x00"),
        ("safe\u202etxt.exe\u2066!\u2069", r"safe\u202etxt.exe\u2066!\u2069"),
    ],
)
def test_control_characters_are_written_out(text, shown):
    assert visible(text) == shown


@given(st.text())
def test_nothing_that_controls_is_left(text):
    assert not CONTROL.search(visible(text))
