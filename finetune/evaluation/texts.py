"""What can be said of an answer by its characters alone: its script, its repetitions, its likeness to another."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import Literal

JAPANESE = re.compile(r"[\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uff66-\uff9f々〆]")
LATIN = re.compile(r"[A-Za-zÀ-ɏ]")
WINDOW = 4
"""Characters of a piece whose return counts as a repetition."""


def normalise(text: str) -> str:
    """Leave only what makes two answers different: letters and digits, in one width and one case."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(character for character in folded if unicodedata.category(character)[0] in "LMN")


def script(text: str) -> Literal["ja", "en"] | None:
    """Tell whether most letters of ``text`` are Japanese (kana and Chinese characters) or Latin; nothing if none is."""
    japanese, latin = len(JAPANESE.findall(text)), len(LATIN.findall(text))
    if not japanese and not latin:
        return None
    return "ja" if japanese >= latin else "en"


def repetition(text: str) -> tuple[int, int]:
    """Count the pieces of four characters that stood in ``text`` before, and all pieces."""
    pieces = [text[start : start + WINDOW] for start in range(len(text) - WINDOW + 1)]
    return len(pieces) - len(set(pieces)), len(pieces)


def exact(answer: str, references: tuple[str, ...]) -> bool:
    """Tell whether ``answer`` is one of ``references``, but for width, case, spaces and punctuation."""
    return normalise(answer) in map(normalise, references)


def character_f1(answer: str, references: tuple[str, ...]) -> float:
    """Give the likeness to the nearest reference: the harmonic mean of precision and recall of characters."""
    return max(_f1(normalise(answer), normalise(reference)) for reference in references)


def _f1(answer: str, reference: str) -> float:
    shared = sum((Counter(answer) & Counter(reference)).values())
    return 2 * shared / (len(answer) + len(reference)) if shared else 0.0
