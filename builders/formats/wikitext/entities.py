"""Character references, resolved once, and characters that nobody sees."""

from __future__ import annotations

import html
import re

_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_BLANK_REFERENCE = re.compile(
    r"&(?:nbsp|ensp|emsp|thinsp|hairsp|numsp|puncsp|#0*(?:9|32|160|819[2-9]|820[0-2]|8239)|#[xX]0*(?:9|20|[aA]0));"
)
_SPACES = re.compile(r"[\t\x0b\x0c\xa0\u2000-\u200a\u202f\u205f ]+")
# zero-width spaces, joiners and direction marks, soft hyphen, byte order mark; control characters but the newline
_INVISIBLE = re.compile(r"[\xad\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u2069\ufeff\x00-\x08\x0e-\x1f\x7f-\x9f]+")
_LITERAL = str.maketrans({character: f"&#{ord(character)};" for character in "[]{}|<>'_*:=~-\n"})
_LIST_MARK = re.compile(r"^[#;]", re.MULTILINE)


def without_invisible(text: str) -> str:
    """Takes out characters that nobody sees; carriage returns among them, which references name (`&#13;`)."""
    return text if text.isprintable() else _INVISIBLE.sub("", text).replace("\r", "")


def resolve_blanks(text: str) -> str:
    """Resolves references to blanks (`&nbsp;`); every run of blanks becomes one space."""
    if "&" in text:
        text = _BLANK_REFERENCE.sub(" ", text)
    return _SPACES.sub(" ", text)


def resolve_entities(text: str) -> str:
    """Resolves character references, once: `&amp;lt;` becomes `&lt;`."""
    if "&" not in text:
        return text
    return resolve_blanks(without_invisible(_REFERENCE.sub(lambda match: html.unescape(match[0]), text)))


def as_literal(text: str) -> str:
    """Text in which nothing is markup any more: `resolve_entities` gives it back, its own references resolved."""
    return _LIST_MARK.sub(lambda mark: f"&#{ord(mark[0])};", text).translate(_LITERAL)
