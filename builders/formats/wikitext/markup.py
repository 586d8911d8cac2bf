"""Marks of layout: HTML tags, quotes for bold and italic type, magic words, small digits above and below the line."""

from __future__ import annotations

import re

_TAGS = (
    "a|abbr|b|bdi|bdo|big|blockquote|caption|center|cite|code|col|colgroup|data|dd|del|dfn|div|dl|dt|em|font|h[1-6]|hr|i"
    "|img|ins|kbd|lang|li|link|mark|meta|nobr|nowiki|ol|onlyinclude|p|poem|q|rb|rbc|rp|rt|rtc|ruby|s|samp|small|span"
    "|strike|strong|sub|sup|table|tbody|td|tfoot|th|thead|time|tr|translate|tt|tvar|u|ul|var|wbr"
)
_TAG = re.compile(rf"</?(?:{_TAGS})(?:[\s/][^<>]*)?>", re.IGNORECASE)
_BREAK = re.compile(r"</?(?:br|p|div|dd|dt|blockquote|center|hr|tr)(?:[\s/][^<>]*)?>", re.IGNORECASE)
_POEM = re.compile(r"<(/?)poem(?:\s[^<>]*)?>", re.IGNORECASE)
_LIST_TAG = re.compile(r"<(/?)(ul|ol|li)(?:\s[^<>]*)?>", re.IGNORECASE)
_RUBY_BRACKET = re.compile(r"<rp\s*>[^<>]*</rp\s*>", re.IGNORECASE)
_RUBY_READING = re.compile(r"<rt\s*>([^<>]*)</rt\s*>", re.IGNORECASE)
_RAISED = re.compile(r"<sup\b[^<>]*>([-+−0-9n()]{1,12})</sup\s*>", re.IGNORECASE)
_LOWERED = re.compile(r"<sub\b[^<>]*>([-+−0-9()]{1,12})</sub\s*>", re.IGNORECASE)
_ABOVE = str.maketrans("0123456789+-−()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁽⁾ⁿ")
_BELOW = str.maketrans("0123456789+-−()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₍₎")
_QUOTES = re.compile(r"'{2,}")
_ELISION = re.compile(r"(?<![^\W_])([A-Za-z])'''(?!')")
_VARIANT = re.compile(r"-\{([^{}]*)\}-")
_MAGIC_WORD = re.compile(r"__(?:[A-Z]+|(?:no|force)?toc|[ぁ-んァ-ヶー一-龠]+)__")
_STRAY = re.compile(r"\{\{+|\}\}+|\[\[+|\]\]+|'{3,}")


def without_markup(text: str) -> str:
    """Takes out tags and other marks of layout and leaves what stands between them."""
    if "<" in text:
        text = _RUBY_READING.sub(r"（\1）", _RUBY_BRACKET.sub("", text))
        text = _RAISED.sub(lambda match: match[1].translate(_ABOVE), text)
        text = _LOWERED.sub(lambda match: match[1].translate(_BELOW), text)
        text = _items(_lines_of_poems(text)) if "<poem" in text or "<li" in text else text
        text = _TAG.sub("", _BREAK.sub("\n\n", text))
    if "''" in text:
        if text.count("'''") % 2 and _ELISION.search(text):
            text = "\n".join(map(_with_elision, text.split("\n")))
        text = _QUOTES.sub(_apostrophe, text)
    if "-{" in text:
        text = _VARIANT.sub(_first_variant, text)
    if "__" in text:
        text = _MAGIC_WORD.sub("", text)
    return text


def without_stray_marks(text: str) -> str:
    """Puts a blank for marks that came together only when what stood between them vanished."""
    return _STRAY.sub(" ", text) if any(mark in text for mark in ("{{", "}}", "[[", "]]", "'''")) else text


def _lines_of_poems(text: str) -> str:
    """In a poem every line stands by itself."""
    pieces, position, inside = [], 0, False
    for tag in _POEM.finditer(text):
        piece = text[position : tag.start()]
        pieces += [piece.replace("\n", "\n\n") if inside else piece, "\n\n"]
        position, inside = tag.end(), not tag[1]
    return "".join([*pieces, text[position:]])


def _items(text: str) -> str:
    """Lists of tags as lists of wikitext; those in another list are no deeper than it."""
    pieces, position = [], 0
    lists: list[str] = []
    for tag in _LIST_TAG.finditer(text):
        pieces.append(text[position : tag.start()].rstrip())
        position = tag.end()
        name = tag[2].lower()
        if name == "li":
            pieces.append("" if tag[1] else "\n" + ("#" if lists and lists[-1] == "ol" else "*"))
        elif not tag[1]:
            lists.append(name)
            pieces.append("\n")
        elif lists:
            lists.pop()
            pieces.append("\n\n")
    return "".join([*pieces, text[position:]])


def _with_elision(line: str) -> str:
    """`L'''amour''` is an apostrophe and italic type, where marks of bold and of italic type are both odd on a line."""
    lengths = [len(quotes[0]) for quotes in _QUOTES.finditer(line)]
    bold, italic = (sum(length in (kind, 5) for length in lengths) for kind in (3, 2))
    return _ELISION.sub(r"\1&#39;''", line, count=1) if bold % 2 and italic % 2 else line


def _first_variant(variant: re.Match[str]) -> str:
    """What Chinese pages mark with `-{...}-`: a text that is not converted, or one by kind of script."""
    text = variant[1].rpartition("|")[2]
    kind, colon, rest = text.partition(":")
    return rest.partition(";")[0].strip() if colon and kind.strip().startswith("zh") else text


def _apostrophe(quotes: re.Match[str]) -> str:
    """Two, three and five quotes are marks; of any other number one is an apostrophe."""
    return "" if len(quotes[0]) in (2, 3, 5) else "'"
