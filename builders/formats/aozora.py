"""Works in Aozora Bunko's text form: header, notes on notation, body, colophon, and the marks inside the body.

The form (https://www.aozora.gr.jp/aozora-manual/index-input.html): line 1 is the title; then come original title,
subtitle, author and translators, one a line, up to a blank line; usually a block of notes on the notation between two
lines of dashes; the body; and the colophon from a line 「底本：」 on. In the text, `《…》` holds a reading, `｜` begins what
is read so, `［＃…］` is a note of the typist, and `※［＃…］` stands for a character that Shift JIS does not have.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

GETA = "〓"
"""Stands for a character that no character set has, as in Japanese printing."""
HEADER_LINES = 10
"""A header longer than this is a text without a header."""

LINE_END = re.compile(r"\r\n|\r|\n")
DASHES = re.compile(r"-{5,}\s*")
NOTES_TITLE = re.compile(r"[【［]\S*(?:記号|表記)について[】］]")
COLOPHON = re.compile(r"\s*底本[：:]")
# How the last lines of a file say that it is there by its copyright holder's leave, and not because the rights have ended.
BY_LEAVE, LAST_LINES = "著作権者自らの意思により", 40
TITLE_IN_BRACKETS = re.compile(r"『([^『』]*)』")
# A line of the header that names somebody else than the author.
OTHER_ROLE = re.compile(
    r".+(?:訳|編|編纂|校訂|校閲|校注|校註|訳注|訳註|注|註|解説|監修|画|絵|作曲)\s*|(?:Translated|Edited) by .+"
)
NOTE = re.compile(r"(※?)［＃([^［］]*)］")
NESTED_NOTES = 8
FOOTNOTE_MARK = re.compile(r"［※[^［］]*］")
READING = re.compile(r"《[^《》]*》")
SMALL_KANA = re.compile(r"小書き[平片]仮名(.)")
UNICODE_POINT = re.compile(r"U\+([0-9A-Fa-f]{4,6})")
# Plane, row and cell of JIS X 0213, as in 「第3水準1-94-6」; page and line of the source book are two numbers.
JIS_CELL = re.compile(r"(?<![\d-])([12])-(\d{1,2})-(\d{1,2})(?![\d-])")


class UnusableWork(ValueError):
    """A text that is not used, since it lacks a part every work has or is in copyright; the message is the reason."""


@dataclass(frozen=True)
class Work:
    """One work.

    Args:
        title: first line of the header, without marks and without brackets around the whole of it.
        author: who wrote it, without marks.
        body: lines between header and colophon, marks and all.
    """

    title: str
    author: str
    body: tuple[str, ...]

    def opening(self, length: int) -> str:
        """The first characters of the body, without marks, indents, blank lines and lines of ornament.

        Args:
            length: number of characters. Lines are joined by a newline, which counts.

        Returns:
            At most so many characters; "" for a body without text.
        """
        text = ""
        for line in self._paragraphs():
            text += line + "\n"
            if len(text) >= length:
                break
        return text[:length].rstrip()

    def _paragraphs(self) -> Iterator[str]:
        for line in self.body:
            text = plain(line)
            if any(map(str.isalnum, text)):
                yield text


def parse_work(text: str) -> Work:
    """Takes a text apart.

    Args:
        text: the whole text; lines end with CRLF, LF or CR.

    Raises:
        UnusableWork: no header, no author in it, or the work is in copyright.
    """
    lines = LINE_END.split(text.removeprefix("\ufeff").lstrip())
    end = next((number for number, line in enumerate(lines) if not line.strip() or DASHES.fullmatch(line)), len(lines))
    if not 0 < end <= HEADER_LINES or end == len(lines):
        raise UnusableWork("no header ended by a blank line")
    title, *names = (plain(line) for line in lines[:end])
    title = TITLE_IN_BRACKETS.sub(r"\1", title) if TITLE_IN_BRACKETS.fullmatch(title) else title
    authors = [name for name in names if not OTHER_ROLE.fullmatch(name)]
    if not authors:
        raise UnusableWork("no author in the header")
    if any(BY_LEAVE in line for line in lines[-LAST_LINES:]):
        raise UnusableWork("in copyright: in Aozora Bunko by leave of the copyright holder")
    start = _after_notes(lines, end)
    stop = next((number for number in range(start, len(lines)) if COLOPHON.match(lines[number])), len(lines))
    return Work(title, authors[-1], tuple(lines[start:stop]))


def plain(line: str) -> str:
    """A line without readings and notes, its missing characters put in where they have a code."""
    for _ in range(NESTED_NOTES):
        line, found = NOTE.subn(_note, line)
        if not found:
            break
    return READING.sub("", FOOTNOTE_MARK.sub("", line)).replace("｜", "").strip()


def _after_notes(lines: list[str], end_of_header: int) -> int:
    """Number of the line after the notes on notation, or of the first line of text where there are none."""
    first = next((number for number in range(end_of_header, len(lines)) if lines[number].strip()), len(lines))
    if first == len(lines) or not (DASHES.fullmatch(lines[first]) or NOTES_TITLE.match(lines[first])):
        return first
    return next((n + 1 for n in range(first + 1, len(lines)) if DASHES.fullmatch(lines[n])), first + 1)


def _note(match: re.Match[str]) -> str:
    """What a note leaves in the text: nothing, or the character that it describes."""
    mark, note = match.groups()
    if not mark:
        return ""
    try:
        return _character(note)
    except ValueError:  # no such code point, or no such cell
        return GETA


def _character(note: str) -> str:
    """The character of a note like 「「木＋覧」、第3水準1-86-10」.

    Raises:
        ValueError: the note has a code that stands for no character.
    """
    if point := UNICODE_POINT.search(note):
        character = chr(int(point[1], 16))
        character.encode()  # a surrogate is no character
        return character
    if cell := JIS_CELL.search(note):
        plane, row, column = map(int, cell.groups())
        code = bytes([0xA0 + row, 0xA0 + column])
        return (b"\x8f" + code if plane == 2 else code).decode("euc_jis_2004")
    kana = SMALL_KANA.search(note)
    return kana[1] if kana else GETA
