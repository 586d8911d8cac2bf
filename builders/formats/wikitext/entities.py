"""Character references, resolved once, and the invisible characters that come with them."""

from __future__ import annotations

import html
import re

_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_SPACES = re.compile(r"[\t\x0b\x0c\xa0\u2000-\u200a\u202f\u205f ]+")
# zero-width spaces, joiners and direction marks, soft hyphen, byte order mark; control characters but the newline
_INVISIBLE = re.compile(r"[\xad\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u2069\ufeff\x00-\x08\x0e-\x1f\x7f-\x9f]+")
_LITERAL = str.maketrans({character: f"&#{ord(character)};" for character in "[]{}|<>'_*#:;=~-\t\n "})


def resolve_entities(text: str) -> str:
    """Resolves character references, once: `&amp;lt;` becomes `&lt;`. All runs of blanks become one space."""
    if "&" in text:
        text = _REFERENCE.sub(lambda match: html.unescape(match[0]), text)
    return _SPACES.sub(" ", _INVISIBLE.sub("", text).replace("\r", " "))


def as_literal(text: str) -> str:
    """Text in which nothing is markup any more: `resolve_entities` gives it back, its own references resolved."""
    return text.translate(_LITERAL)
