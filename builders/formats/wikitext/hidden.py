"""What stands between a tag and its end and is no wikitext: comments, references, formulas, galleries.

These come before all other markup: a `}}` in a comment closes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from builders.formats.wikitext.blanks import close_gap
from builders.formats.wikitext.entities import as_literal

_BRACES = re.compile(r"(?<=\{)(?=\{)|(?<=\})(?=\})|(?<=\[)(?=\[)|(?<=\])(?=\])|(?<=')(?=')")
_BLANKS = re.compile(r"\s+")


def _formula(tex: str) -> str:
    """TeX as it is written, on one line; a blank between two equal braces or brackets, which changes no formula."""
    return as_literal(_BRACES.sub(" ", _BLANKS.sub(" ", _STRAY.sub("", tex)).strip()))


def _nothing(_: str) -> str:
    return ""


_SHOWN: dict[str, Callable[[str], str]] = {
    "nowiki": as_literal,
    "pre": as_literal,
    "math": _formula,
    "chem": _formula,
    "ce": _formula,
    "source": as_literal,
    "syntaxhighlight": as_literal,
}
_VANISHING = (
    "ref", "references", "gallery", "timeline", "score", "imagemap", "graph", "mapframe", "maplink", "hiero",
    "templatedata", "templatestyles", "inputbox", "categorytree", "indicator", "section", "noinclude", "includeonly",
    "style", "script", "phonos",
)  # fmt: skip
_TREATED = _SHOWN | dict.fromkeys(_VANISHING, _nothing)
_OPENING = re.compile(rf"<!--|<({'|'.join(_TREATED)})((?:\s[^<>]*?|)/?)>", re.IGNORECASE)
_CLOSING = {name: re.compile(rf"</{name}\s*>", re.IGNORECASE) for name in _TREATED}
_STRAY = re.compile(rf"</?(?:{'|'.join(_VANISHING)})\b[^<>\n]*>?", re.IGNORECASE)


def without_hidden(text: str) -> str:
    """Takes out comments and the tags whose content is no running text; formulas, code and `<nowiki>` become literal.

    A comment that is never closed hides the rest of the text; another tag that is never closed, the rest of its line,
    or what stands before a second `<ref>`.
    """
    if "<" not in text:
        return text
    pieces, position = [], 0
    unclosed: set[str] = set()  # tags that have no end from here on: looked for once, or the search would be quadratic
    while opening := _OPENING.search(text, position):
        start = opening.start()
        if opening[1] is None:
            end = text.find("-->", opening.end())
            pieces.append(text[position:start])
            position = _after_comment(text, start, end + 3) if end >= 0 else len(text)
            continue
        name = opening[1].lower()
        pieces.append(text[position:start])
        if opening[2].rstrip().endswith("/"):
            position = close_gap(pieces, text, opening.end(), note=name == "ref")
            continue
        closing = None if name in unclosed else _CLOSING[name].search(text, opening.end())
        if closing:
            position = closing.end()
            if shown := _TREATED[name](text[opening.end() : closing.start()]):
                pieces.append(shown)
            else:
                position = close_gap(pieces, text, position, note=name == "ref")
        else:
            unclosed.add(name)
            position = opening.end() if name in _SHOWN else _after_unclosed(text, opening.end())
    pieces.append(text[position:])
    return _STRAY.sub("", "".join(pieces))


def _after_unclosed(text: str, start: int) -> int:
    """Where to go on behind a tag that is never closed: behind a second `<ref>`, which should be its end, or its line."""
    end = text.find("\n", start)
    end = end if end >= 0 else len(text)
    second = text.find("<ref>", start, end)
    return second + len("<ref>") if second >= 0 else end


def _after_comment(text: str, start: int, end: int) -> int:
    """Where to go on behind a comment: behind its line where it has the line to itself, so that no blank line stays."""
    line = text.rfind("\n", max(0, start - 200), start)
    if line >= 0 and not text[line:start].strip() and (rest := re.compile(r"[ \t]*\n").match(text, end)):
        return rest.end()
    return end
