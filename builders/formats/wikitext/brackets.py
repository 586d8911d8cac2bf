"""The last step: brackets and commas that are left around what vanished."""

from __future__ import annotations

import re

_OPENING, _CLOSING = "（([［「『【〔〈《", "）)]］」』】〕〉》"
_ROUND_OPENING, _ROUND = "（(", "）)"
_BRACKETS = frozenset(_OPENING + _CLOSING)
_SEPARATORS = " \u3000\n、，,;；"
_TOKEN = re.compile(rf"([{re.escape(_OPENING)}])|([{re.escape(_CLOSING)}])")
_SUSPECT = re.compile(
    rf"[{re.escape(_OPENING)}][{re.escape(_SEPARATORS)}]*[{re.escape(_CLOSING)}]"
    rf"|[（(][{re.escape(_SEPARATORS)}]|[{re.escape(_SEPARATORS)}][）)]"
)
_LABEL_OF_NOTHING = re.compile(r"(?<=[（(、,;；])[ ]?[^\W\d_]{1,10}[:：] ?(?=[、,;；）)])")
_COMMAS = re.compile(r"、(?: ?[、,;；])+|[,;；](?: ?、)+")
_COMMAS_AND_STOPS = re.compile(r"[、。]{2,}")
_BLANK_BEFORE = re.compile(r" +(?=[（、。，．）」』】〕》〉\n])")
_BLANK_BEHIND = re.compile(r" (?<=[（「『【〔《〈、。\n] )")
_BLANKS = re.compile(r" {2,}")
_OPEN_END = re.compile(r" ([-–])(?=[）)])")  # of a lifetime: 「1971年 - ）」
_BLANK_LINES = re.compile(r"\n\s*\n")
_ONLY_MARKS = re.compile(r"^(?:[0-9]+\.)?[\W_]*$\n?", re.MULTILINE)  # the number is that of an item without text


def without_empty_brackets(text: str) -> str:
    """Takes out empty brackets, commas beside brackets or other commas, and lines of nothing but marks."""
    if ":" in text or "：" in text:
        text = _LABEL_OF_NOTHING.sub("", text)
    if _SUSPECT.search(text):
        text = _trim_brackets(text)
    text = _COMMAS.sub("、", text)
    if " " in text:
        text = _BLANK_BEHIND.sub("", _BLANK_BEFORE.sub("", _BLANKS.sub(" ", text)))
        text = _OPEN_END.sub(r" \1 ", text)
    text = _COMMAS_AND_STOPS.sub(_one_mark, text)
    text = _ONLY_MARKS.sub("", _BLANK_LINES.sub("\n", text))
    return text.strip(" \u3000\n")


def _one_mark(marks: re.Match[str]) -> str:
    """A full stop for it and commas, a comma for commas; three stops and more are a way of writing."""
    if "。" not in marks[0]:
        return "、"
    return marks[0] if len(marks[0]) > 2 and "、" not in marks[0] else "。"


def _trim_brackets(text: str) -> str:
    """One pass with a stack of the brackets that are open; what closes on nothing goes away with its opening."""
    pieces: list[str] = []
    opened: list[int] = []  # where in `pieces` the open brackets are
    position = 0
    for token in _TOKEN.finditer(text):
        _append(pieces, text[position : token.start()])
        position = token.end()
        if token[1]:
            opened.append(len(pieces))
            pieces.append(token[1])
            continue
        start = -1
        if opened and _match(pieces[opened[-1]], token[2]):
            start = opened.pop()
        else:
            opened.clear()  # the brackets do not match: those before are left alone
        if token[2] in _ROUND:
            _trim_end(pieces)
        elif start >= 0 and len(pieces) == start + 2 and not pieces[-1].strip():
            pieces.pop()
        if start >= 0 and len(pieces) == start + 1:
            pieces.pop()
        else:
            pieces.append(token[2])
    _append(pieces, text[position:])
    return "".join(pieces)


def _append(pieces: list[str], text: str) -> None:
    """Adds text; behind a round bracket without the separators it begins with."""
    if pieces and pieces[-1] in _ROUND_OPENING:
        text = text.lstrip(_SEPARATORS)
    if text:
        pieces.append(text)


def _trim_end(pieces: list[str]) -> None:
    """Takes the separators off the end, back to a bracket."""
    while pieces and pieces[-1] not in _BRACKETS:
        if trimmed := pieces[-1].rstrip(_SEPARATORS):
            pieces[-1] = trimmed
            return
        pieces.pop()


def _match(opening: str, closing: str) -> bool:
    """Whether two brackets are a pair; wide and narrow ones are mixed up often enough."""
    index, other = _OPENING.index(opening), _CLOSING.index(closing)
    return index // 2 == other // 2 if index < 4 else index == other
