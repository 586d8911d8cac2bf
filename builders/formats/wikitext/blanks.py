"""Blanks between words: Japanese is written without them, other scripts with them."""

from __future__ import annotations

import re

_WIDE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")


def is_wide(character: str) -> bool:
    """Whether a character is of a script that is written without blanks."""
    return _WIDE.match(character) is not None


def close_gap(pieces: list[str], after: str) -> None:
    """Drops the blank before something that vanished between two Japanese characters.

    Args:
        pieces: the text before it; its last piece is changed.
        after: the character behind it, or "".
    """
    if pieces and after and (before := pieces[-1]).endswith(" ") and is_wide(after) and is_wide(before[-2:-1]):
        pieces[-1] = before[:-1]
