"""Lines to paragraphs: a blank line ends one, a list item is one, other line ends are no more than blanks."""

from __future__ import annotations

import re

from builders.formats.wikitext.blanks import is_wide

_LIST = re.compile(r"[*#:;]+")
_RULE = re.compile(r"-{4,}")
_ELSEWHERE = r"[^\n]{1,150}(?:ご覧(?:ください|下さい)|参照(?:のこと|して(?:ください|下さい)|せよ)?)[。.]?"
_HATNOTE = re.compile(rf"この(?:項目|記事|ページ)では{_ELSEWHERE}")
_INDENTED_HATNOTE = re.compile(rf"[^\n]{{0,150}}(?:この(?:項目|記事|ページ)|について|に関して|同名){_ELSEWHERE}")
BULLET = "・"


def join_paragraphs(text: str) -> str:
    """One paragraph a line. An item of a list begins with 「・」 or its number, definitions and indented lines with nothing.

    Headings, rules, lines without any text, and lines before all others that lead to pages of the same name vanish.
    """
    return _Lines().joined(text)


class _Lines:
    """One text, line by line."""

    def __init__(self) -> None:
        self.paragraphs: list[str] = []
        self.open: list[str] = []  # lines of the paragraph that may go on
        self.numbers = _Numbers()

    def joined(self, text: str) -> str:
        """The text as paragraphs."""
        for line in text.split("\n"):
            stripped = line.strip(" \t\u3000")
            mark = _LIST.match(stripped)
            if mark:
                self._add_item(mark[0], stripped[mark.end() :].lstrip(" \t"))
                continue
            self.numbers.restart()
            if not stripped or _is_heading(stripped):
                self._close()
            elif rule := _RULE.match(stripped):
                self._add(stripped[rule.end() :].strip())
            elif self.open:
                self.open += ("" if is_wide(self.open[-1][-1]) or is_wide(stripped[0]) else " ", stripped)
            elif self.paragraphs or not _HATNOTE.fullmatch(stripped):
                self.open = [stripped]
        self._close()
        return "\n".join(self.paragraphs)

    def _close(self) -> None:
        if self.open:
            self.paragraphs.append("".join(self.open))
            self.open = []

    def _add(self, paragraph: str) -> None:
        """A paragraph of one line."""
        self._close()
        if paragraph:
            self.paragraphs.append(paragraph)

    def _add_item(self, marks: str, item: str) -> None:
        number = self.numbers.next(marks)
        first = not self.paragraphs and not self.open
        if not item or (first and marks[0] == ":" and _INDENTED_HATNOTE.fullmatch(item)):
            self._close()
        elif marks[-1] == ";":
            term, _, definition = item.partition(" :")
            self._add(term.rstrip())
            self._add(definition.strip())
        else:
            self._add((BULLET if marks[-1] == "*" else f"{number}. " if marks[-1] == "#" else "") + item)


class _Numbers:
    """Numbers of the items of numbered lists, one list inside the other or not."""

    def __init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """The next item is the first of its list."""
        self._marks, self._counts = "", [0]

    def next(self, marks: str) -> int:
        """The number of an item with these marks; lists that it does not continue are over."""
        marks = marks.replace(";", ":")
        same = 0
        while same < min(len(marks), len(self._marks)) and marks[same] == self._marks[same]:
            same += 1
        self._counts = self._counts[:same] + [0] * (len(marks) - same)
        self._counts[-1] += 1
        self._marks = marks
        return self._counts[-1]


def _is_heading(line: str) -> bool:
    return line[0] == "=" and line[-1] == "=" and len(line) > 1
