"""Marks of layout: HTML tags, quotes for bold and italic type, magic words, small digits above and below the line."""

from __future__ import annotations

import re

_TAGS = (
    "a|abbr|b|bdi|bdo|big|blockquote|caption|center|cite|code|col|colgroup|data|dd|del|dfn|div|dl|dt|em|font|h[1-6]|hr|i"
    "|img|ins|kbd|lang|li|link|mark|meta|nobr|nowiki|ol|onlyinclude|p|poem|q|rb|rbc|rp|rt|rtc|ruby|s|samp|small|span"
    "|strike|strong|sub|sup|table|tbody|td|tfoot|th|thead|time|tr|translate|tt|tvar|u|ul|var|wbr"
)
_TAG = re.compile(rf"</?(?:{_TAGS})(?:[\s/][^<>]*)?>", re.IGNORECASE)
_BREAK = re.compile(r"</?(?:br|p|div|li|dd|dt|blockquote|center|poem|hr|tr)(?:[\s/][^<>]*)?>", re.IGNORECASE)
_RUBY_BRACKET = re.compile(r"<rp\s*>[^<>]*</rp\s*>", re.IGNORECASE)
_RUBY_READING = re.compile(r"<rt\s*>([^<>]*)</rt\s*>", re.IGNORECASE)
_RAISED = re.compile(r"<sup\b[^<>]*>([-+−0-9n()]{1,12})</sup\s*>", re.IGNORECASE)
_LOWERED = re.compile(r"<sub\b[^<>]*>([-+−0-9()]{1,12})</sub\s*>", re.IGNORECASE)
_ABOVE = str.maketrans("0123456789+-−()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁽⁾ⁿ")
_BELOW = str.maketrans("0123456789+-−()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₍₎")
_QUOTES = re.compile(r"'{2,}")
_MAGIC_WORD = re.compile(r"__(?:[A-Z]+|(?:no|force)?toc|[ぁ-んァ-ヶー一-龠]+)__")
_STRAY = re.compile(r"\{\{+|\}\}+|\[\[+|\]\]+|'{3,}")


def without_markup(text: str) -> str:
    """Takes out tags and other marks of layout and leaves what stands between them."""
    if "<" in text:
        text = _RUBY_READING.sub(r"（\1）", _RUBY_BRACKET.sub("", text))
        text = _RAISED.sub(lambda match: match[1].translate(_ABOVE), text)
        text = _LOWERED.sub(lambda match: match[1].translate(_BELOW), text)
        text = _TAG.sub("", _BREAK.sub("\n\n", text))
    if "''" in text:
        text = _QUOTES.sub(_apostrophe, text)
    if "__" in text:
        text = _MAGIC_WORD.sub("", text)
    return text


def without_stray_marks(text: str) -> str:
    """Puts a blank for marks that came together only when what stood between them vanished."""
    return _STRAY.sub(" ", text)


def _apostrophe(quotes: re.Match[str]) -> str:
    """Two, three and five quotes are marks; of any other number one is an apostrophe."""
    return "" if len(quotes[0]) in (2, 3, 5) else "'"
