"""`{{templates}}`: those that carry text give it, the others vanish, at any depth, in one pass."""

from __future__ import annotations

import re

from builders.formats.wikitext.blanks import close_gap
from builders.formats.wikitext.words import Arguments, text_of

MAX_DEPTH = 40
"""Templates nested deeper vanish; MediaWiki's own limit for expanding them ($wgMaxTemplateDepth) is 100."""

_BRACES = re.compile(r"\{\{|\}\}")
# three braces, or the last three of five: any other number opens templates, and so does one brace too many at the end
_PARAMETER = re.compile(r"(?<!\{)(\{\{)?\{\{\{([^{}]*)\}\}\}(?!\}(?!\}))")
MAX_PARAMETERS = 5
"""Parameters in the defaults of parameters; those deeper vanish with their templates."""
_EXTERNAL_LINK = re.compile(r"(?<!\[)\[$")
_NAME = re.compile(r"[^{}|]*")
_SEPARATORS = re.compile(r"\[\[|\]\]|\|")
_START_OF_UNCLOSED = re.compile(r"\{\{[^{}\[\]|\n（）。、]*\|?")


def expand_templates(text: str, title: str = "") -> str:
    """Replaces every template by its text.

    A template that is never closed costs its line where it begins the line, and else its name.

    Args:
        text: wikitext without comments.
        title: of the page.
    """
    for _ in range(MAX_PARAMETERS if "{{{" in text else 0):
        text = _PARAMETER.sub(_default, text)
    if "{{" in text or "}}" in text:
        text = _Expansion(text, title).between(0, len(text), 0)
    return text


def _default(parameter: re.Match[str]) -> str:
    """What a parameter is where nothing gives it a value: `{{{name|default}}}`."""
    return (parameter[1] or "") + "".join(parameter[2].split("|")[1:2])


class _Expansion:
    """One text with its pairs of braces."""

    def __init__(self, text: str, title: str):
        self.text, self.title = text, title
        self.closing = _pairs(text)

    def between(self, start: int, end: int, depth: int) -> str:
        """The text of a stretch, its templates replaced."""
        pieces, position = [], start
        while brace := _BRACES.search(self.text, position, end):
            at = brace.start()
            pieces.append(self.text[position:at])
            if at in self.closing:
                close = self.closing[at]
                position = close + 2
                if value := self._value(at + 2, close, depth):
                    pieces.append(value)
                elif _EXTERNAL_LINK.search(pieces[-1]):  # it stands for an address: `[{{NDLDC|1}} label]`
                    pieces.append("//")
                else:
                    position = min(end, close_gap(pieces, self.text, position))
            else:
                position = self._after_stray(at, end)
        pieces.append(self.text[position:end])
        return "".join(pieces)

    def _value(self, start: int, end: int, depth: int) -> str:
        name = _NAME.match(self.text, start, end)
        assert name  # which may be empty
        give = text_of(name[0])
        if give is None or depth >= MAX_DEPTH:
            return ""
        return give(_arguments(self.between(name.end(), end, depth + 1), self.title))

    def _after_stray(self, at: int, end: int) -> int:
        if self.text.startswith("}}", at):
            return at + 2
        if at == 0 or self.text[at - 1] == "\n":
            line_end = self.text.find("\n", at, end)
            return line_end if line_end >= 0 else end
        start = _START_OF_UNCLOSED.match(self.text, at, end)
        return start.end() if start else at + 2


def _pairs(text: str) -> dict[int, int]:
    """Position of the `}}` by position of its `{{`."""
    pairs: dict[int, int] = {}
    opened: list[int] = []
    for brace in _BRACES.finditer(text):
        if brace[0] == "{{":
            opened.append(brace.start())
        elif opened:
            pairs[opened.pop()] = brace.start()
    return pairs


def _arguments(text: str, title: str) -> Arguments:
    """Arguments by name or number, from `|a|b|name=c` behind a template's name; before the first `|` is `"0"`."""
    arguments = Arguments(title)
    number = 0
    arguments["0"], *others = _split(text)
    for argument in others:
        name, equals, value = argument.partition("=")
        if equals and not re.search(r"[<\[{]", name):
            arguments[name.strip()] = value.strip()
        else:
            number += 1
            arguments[str(number)] = argument.strip()
    return arguments


def _split(text: str) -> list[str]:
    """Splits at every `|` that is in no link."""
    if "[[" not in text:
        return text.split("|")
    pieces, start, depth = [], 0, 0
    for mark in _SEPARATORS.finditer(text):
        if mark[0] == "|":
            if not depth:
                pieces.append(text[start : mark.start()])
                start = mark.end()
        else:
            depth = max(0, depth + (1 if mark[0] == "[[" else -1))
    return [*pieces, text[start:]]
