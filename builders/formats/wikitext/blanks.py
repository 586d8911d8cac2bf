"""Blanks between words: Japanese is written without them, other scripts with them."""

from __future__ import annotations

import re

_WIDE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")


def is_wide(character: str) -> bool:
    """Whether a character is of a script that is written without blanks."""
    return _WIDE.match(character) is not None


def close_gap(pieces: list[str], text: str, position: int, *, note: bool = False) -> int:
    """Drops the blanks around something that vanished between two Japanese characters, if one stands before it.

    Args:
        pieces: the text before it; its last piece is changed.
        text: where it stood.
        position: behind it.
        note: whether it was the number of a note: then it stood behind a word, also one in a link, a template or bold
            type, and a blank behind it is dropped even where none stands before it. Behind anything else that may be
            a name's blank (`高屋{{x}} 奈月`).

    Returns:
        Where to go on in the text.
    """
    before = pieces[-1]
    kept = before[:-1] if before.endswith(" ") else before
    behind_word = is_wide(kept[-1:]) or (note and kept.endswith(("]", "}", "'")))
    if behind_word and (note or kept is not before):
        behind = position
        while text.startswith(" ", behind):
            behind += 1
        if is_wide(text[behind : behind + 1]):
            pieces[-1] = kept
            return behind
    return position
