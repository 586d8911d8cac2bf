"""What may be printed of a text that somebody else wrote, or a model; as ``builders`` has it too."""

from __future__ import annotations

import builders.visible
from finetune.visible import CONTROL, visible


def test_control_characters_are_written_out():
    assert visible("急須\tone\ntwo") == "急須\tone\ntwo"
    assert visible("\x1b[31mred\x1b[0m") == r"\x1b[31mred\x1b[0m"
    assert visible("a\rb\x9b2Jc\x7f\x00") == r"a\x0db\x9b2Jc\x7f\x00"
    assert visible("safe\u202etxt.exe\u2066!\u2069") == r"safe\u202etxt.exe\u2066!\u2069"


def test_both_halves_write_out_the_same():
    assert CONTROL == builders.visible.CONTROL
