"""Works in Aozora Bunko's text form: header, notes on notation, body, colophon, and the marks inside the body.

The form (https://www.aozora.gr.jp/aozora-manual/index-input.html): line 1 is the title; then come original title,
subtitle, author and translators, one a line, up to a blank line; usually a block of notes on the notation between two
lines of dashes; the body; and the colophon from a line 「底本：」 on. In the text, `《…》` holds a reading, `｜` begins what
is read so, `［＃…］` is a note of the typist, and `※［＃…］` stands for a character that Shift JIS does not have.
"""

from __future__ import annotations

from builders.formats.aozora.body import opening
from builders.formats.aozora.header import Header, author_of_short_header, parse_header
from builders.formats.aozora.marks import plain
from builders.formats.aozora.work import UnusableWork, Work, split_work

__all__ = [
    "Header",
    "UnusableWork",
    "Work",
    "author_of_short_header",
    "opening",
    "parse_header",
    "plain",
    "split_work",
]
