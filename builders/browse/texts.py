"""Texts of records as HTML: escaped, with what was searched for marked, with their language, cut where a list shows them."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

SHOWN = 320
"""Characters of a text that a list shows."""
BEFORE = 60
"""Of them, those before the first place that was searched for."""
_JAPANESE = re.compile(r"[\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff]")


def language(text: str) -> str:
    """`ja` for a text with a kana or a kanji, else `en`: fonts and line breaks follow it."""
    return "ja" if _JAPANESE.search(text) else "en"


def marked(text: str, wanted: str) -> Markup:
    """The text as HTML, with every place that holds `wanted` marked; capital letters make no difference."""
    if not wanted:
        return escape(text)
    pieces = re.split(f"({re.escape(wanted)})", text, flags=re.IGNORECASE)
    marks = (
        Markup("<mark>{}</mark>").format(piece) if place % 2 else escape(piece) for place, piece in enumerate(pieces)
    )
    return Markup("").join(marks)


def cut(text: str, wanted: str = "") -> str:
    """The beginning of a long text, or what surrounds the first place that holds `wanted`."""
    if len(text) <= SHOWN:
        return text
    found = re.search(re.escape(wanted), text, re.IGNORECASE) if wanted else None
    first = max(found.start() - BEFORE, 0) if found else 0
    end = first + SHOWN
    return ("…" if first else "") + text[first:end] + ("…" if end < len(text) else "")
