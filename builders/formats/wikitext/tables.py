"""Tables, which vanish: `{|` to `|}` and `<table>` to `</table>`, one inside the other or not."""

from __future__ import annotations

import re

_WIKI = re.compile(r"^[ \t:;*#]*(?:(\{\|)|(\|\}))", re.MULTILINE)
_HTML = re.compile(r"<table\b[^<>]*>|(</table\s*>)", re.IGNORECASE)
_LINE_OF_TABLE = re.compile(r"^[ \t:;*#]*(?:\{\||\|\}|\||!).*\n?", re.MULTILINE)
_STRAY_CELLS = re.compile(r"<(?:tr|td|th|tbody|thead|caption)\b", re.IGNORECASE)


def without_tables(text: str) -> str:
    """Takes out tables. Of one that is never closed, the lines vanish that begin with a mark of a table."""
    if "{|" in text:
        text = _without_pairs(text, _WIKI, closing=2)
    if "<table" in text or "<TABLE" in text:
        text = _without_pairs(text, _HTML, closing=1)
    return _LINE_OF_TABLE.sub("", text)


def _without_pairs(text: str, marks: re.Pattern[str], closing: int) -> str:
    """The text outside of the outermost pairs of marks; a mark closes where it has the group `closing`."""
    pieces, position = [], 0
    opened: list[int] = []
    spans: list[tuple[int, int]] = []
    for mark in marks.finditer(text):
        if mark[closing] is None:
            opened.append(mark.start())
        elif opened:
            start = opened.pop()
            while spans and spans[-1][0] > start:
                spans.pop()
            spans.append((start, mark.end()))
    for start, end in spans:
        pieces.append(text[position:start])
        position = end
    return "".join([*pieces, text[position:]])
