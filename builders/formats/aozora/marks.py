"""The marks of Aozora Bunko's notation inside a line, and the text they stand for."""

from __future__ import annotations

import re

from builders.formats.aozora.accents import accented
from builders.formats.aozora.iteration import written_out

GETA = "〓"
"""Stands for a character that no character set has, as in Japanese printing."""

NOTE = re.compile(r"(※?)［[＃#]([^［］]*)］")
NESTED_NOTES = 8
UNCLOSED_NOTE = re.compile(r"※?［[＃#].*")
FOOTNOTE_MARK = re.compile(r"［※[^［］]*］")
READING = re.compile(r"《[^《》]*》")
SMALL_KANA = re.compile(r"小書き[平片]仮名(.)")
UNICODE_POINT = re.compile(r"U[+＋]([0-9A-Fa-f]{4,6})")
# Plane, row and cell of JIS X 0213, as in 「第3水準1-94-6」; page and line of the source book are two numbers.
JIS_CELL = re.compile(r"(?<![\d-])([12])-(\d{1,2})-(\d{1,2})(?![\d-])")
# Brackets that the notation uses itself; texts write ≪ and ≫ for those that are printed.
PRINTED_BRACKETS = str.maketrans("《》", "≪≫")


def plain(line: str) -> str:
    """A line as it is read: without readings and notes, with its missing characters, repeated words and accents.

    Args:
        line: one line of a file, marks and all.

    Returns:
        The line without white space at its ends.
    """
    line = READING.sub("", line).replace("｜", "")
    if "［" in line:
        line = characters(line)
        for _ in range(NESTED_NOTES):
            line, found = NOTE.subn("", line)
            if not found:
                break
        line = UNCLOSED_NOTE.sub("", FOOTNOTE_MARK.sub("", line))
    return accented(written_out(line)).strip()


def characters(line: str) -> str:
    """A line in which every `※［＃…］` is the character that it stands for; other notes stay."""
    if "※" not in line:
        return line
    for _ in range(NESTED_NOTES):
        line, found = NOTE.subn(_character_or_note, line)
        if not found or "※［" not in line:
            break
    return line.replace(OPEN, "［＃").replace(CLOSE, "］")


# What the brackets of other notes are while those of characters inside them are replaced.
OPEN, CLOSE = "\ue000", "\ue001"


def _character_or_note(match: re.Match[str]) -> str:
    mark, note = match.groups()
    if not mark:
        return f"{OPEN}{note}{CLOSE}"
    try:
        return _character(note).translate(PRINTED_BRACKETS)
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
