"""Texts of others where their characters could do more than show: a record's on a terminal, or an answer of a model."""

from __future__ import annotations

import re

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Characters that control and show nothing: those of C0 and C1 without tab and line feed, and those that turn the
direction of the text around them (https://www.unicode.org/reports/tr9/)."""


def visible(text: str) -> str:
    """Write out the control characters of a text as ``\\x1b``, so that none can move a cursor or change colours.

    Line ends and tabs stay.
    """
    return CONTROL.sub(_written_out, text)


def _written_out(match: re.Match[str]) -> str:
    number = ord(match[0])
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"
