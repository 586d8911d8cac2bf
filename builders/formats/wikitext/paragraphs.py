"""Lines to paragraphs: a blank line ends one, a list item is one, other line ends are no more than blanks."""

from __future__ import annotations

import re

from builders.formats.wikitext.blanks import is_wide

_LIST = re.compile(r"[*#:;]+[ \t]*")
_RULE = re.compile(r"-{4,}")
_HEADING = re.compile(r"=+[^\n]*=+[ \t]*")
BULLET = "・"


def join_paragraphs(text: str) -> str:
    """One paragraph a line. An item of a list begins with 「・」, definitions and indented lines with nothing.

    Headings, rules and lines without any text vanish.
    """
    paragraphs: list[str] = []
    open_paragraph = False
    for line in text.split("\n"):
        stripped = line.strip(" \t\u3000")
        if not stripped or _HEADING.fullmatch(stripped):
            open_paragraph = False
        elif mark := _LIST.match(stripped):
            open_paragraph = False
            if item := stripped[mark.end() :]:
                paragraphs.append((BULLET if mark[0].rstrip()[-1] in "*#" else "") + item)
        elif rule := _RULE.match(stripped):
            open_paragraph = False
            if rest := stripped[rule.end() :].strip():
                paragraphs.append(rest)
        elif open_paragraph:
            paragraphs[-1] = _continued(paragraphs[-1], stripped)
        else:
            paragraphs.append(stripped)
            open_paragraph = True
    return "\n".join(paragraphs)


def _continued(paragraph: str, line: str) -> str:
    blank = "" if is_wide(paragraph[-1]) or is_wide(line[0]) else " "
    return f"{paragraph}{blank}{line}"
