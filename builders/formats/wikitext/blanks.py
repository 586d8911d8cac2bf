"""Blanks between words: Japanese is written without them, other scripts with them."""

from __future__ import annotations

import re

_WIDE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")


def is_wide(character: str) -> bool:
    """Whether a character is of a script that is written without blanks."""
    return _WIDE.match(character) is not None


def close_gap(pieces: list[str], text: str, position: int) -> int:
    """Drops the blanks around something that vanished between two Japanese characters, if one stands before it.

    Args:
        pieces: the text before it; its last piece is changed.
        text: where it stood.
        position: behind it.

    Returns:
        Where to go on in the text.
    """
    before = pieces[-1]
    if before.endswith(" ") and is_wide(before[-2:-1]):
        behind = position
        while text.startswith(" ", behind):
            behind += 1
        if is_wide(text[behind : behind + 1]):
            pieces[-1] = before[:-1]
            return behind
    return position
