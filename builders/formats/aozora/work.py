"""A text taken apart: the lines of its header, of its body, and what its colophon says of its license."""

from __future__ import annotations

import re
from dataclasses import dataclass

from builders.formats.aozora.marks import plain

HEADER_LINES, HEADER_LENGTH = 10, 1000
"""Lines, and characters of all of them: a header longer than this is a text without a header. The longest of a thousand
works has 56 characters. The headers of all works lie in memory together."""
NAME_LENGTH = 30
"""Characters; a longer line behind a blank one is text, not the name of the author."""

LINE_END = re.compile(r"\r\n|\r|\n")
DASHES = re.compile(r"\s*-{5,}\s*")
NOTES_TITLE = re.compile(r"[【［]\S*(?:記号|表記)について[】］]")
COLOPHON = re.compile(r"\s*(?:底本|翻訳の底本|翻訳底本)\s*[：:]")
# How a colophon says that a work is there under a license of its own, and not because its rights have ended.
IN_COPYRIGHT = re.compile(
    r"著作権(?:者|継承者|保持者|所有者)\S{0,20}意思により|著作権は\S{0,30}(?:存続|にあります|が有し|に帰属|が保持)"
    r"|ライセンス|クリエイティブ・?\s*コモンズ|creativecommons|creative\s+commons|\bCC[- ]BY",
    re.IGNORECASE,
)
LAST_LINES = 60
"""Lines of a text without a colophon in which its license is looked for."""


class UnusableWork(ValueError):
    """A text that is not used, since it lacks a part every work has or is in copyright; the message is the reason."""


@dataclass(frozen=True)
class Work:
    """One text.

    Args:
        header: lines of the header, without marks; the first is the title.
        body: lines between header and colophon, marks and all.
    """

    header: tuple[str, ...]
    body: tuple[str, ...]


def split_work(text: str, lines_of_body: int | None = None) -> Work:
    """Takes a text apart.

    Args:
        text: the whole text; lines end with CRLF, LF or CR.
        lines_of_body: how many lines of the body are kept, from its first; None for all.

    Raises:
        UnusableWork: no header, or the work is in copyright.
    """
    lines = LINE_END.split(text.removeprefix("\ufeff").lstrip())
    header, end = _header(lines)
    start = _after_notes(lines, end)
    stop = next((number for number in range(start, len(lines)) if COLOPHON.match(lines[number])), len(lines))
    colophon = lines[stop:] if stop < len(lines) else lines[max(start, len(lines) - LAST_LINES) :]
    if any(map(IN_COPYRIGHT.search, colophon)):
        raise UnusableWork("in copyright: in Aozora Bunko under terms of its own")
    return Work(header, tuple(lines[start:stop][:lines_of_body]))


def _header(lines: list[str]) -> tuple[tuple[str, ...], int]:
    """The header's lines, and the number of the line after it.

    A title that stands alone has the author in the next block of lines.
    """
    end = _end_of_block(lines, 0)
    if not 0 < end <= HEADER_LINES or end == len(lines):
        raise UnusableWork("no header ended by a blank line")
    if sum(map(len, lines[:end])) > HEADER_LENGTH:
        raise UnusableWork(f"header over {HEADER_LENGTH:,} characters")
    if end == 1 and not lines[1].strip():
        first = next((number for number in range(1, len(lines)) if lines[number].strip()), len(lines))
        after = _end_of_block(lines, first)
        if first < after < len(lines) and after - first <= 3 and all(map(_is_name, lines[first:after])):
            return (plain(lines[0]), *map(plain, lines[first:after])), after
    return tuple(map(plain, lines[:end])), end


def _end_of_block(lines: list[str], first: int) -> int:
    ends = (n for n in range(first, len(lines)) if not lines[n].strip() or DASHES.fullmatch(lines[n]))
    return next(ends, len(lines))


def _is_name(line: str) -> bool:
    text = plain(line)
    return (
        0 < len(text) <= NAME_LENGTH
        and not re.search(r"[。、，．！？「（(［]|^[　 ]", line)
        and not NOTES_TITLE.match(text)
    )


def _after_notes(lines: list[str], end_of_header: int) -> int:
    """Number of the line after the notes on notation, or of the first line of text where there are none."""
    after = end_of_header
    rules = (n for n in range(end_of_header, len(lines)) if DASHES.fullmatch(lines[n]))  # each line is looked at once
    while True:
        first = next((number for number in range(after, len(lines)) if lines[number].strip()), len(lines))
        is_rule = first < len(lines) and DASHES.fullmatch(lines[first]) is not None
        if not (is_rule and after == end_of_header) and not (first < len(lines) and NOTES_TITLE.match(lines[first])):
            return first
        after = next((n + 1 for n in rules if n > first), first + 1)
