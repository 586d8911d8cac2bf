"""The opening of a body: its first prose or verse, without what stands before it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from builders.formats.aozora.headings import BARE_NUMBER, RUN_IN_NUMBER, Line, first_of_text
from builders.formats.aozora.marks import characters, plain

NOTE = "［＃"
HEADING = re.compile(r"見出し(?:終わり)?］")
BLOCK = re.compile(
    r"［＃(?:(?:ここから)?(?:同行|窓)?[大中小]?見出し|ここから(?:地付き|地から[０-９0-9]+字上げ)|(?:ここから)?キャプション)］"
)
BLOCK_END = re.compile(r"［＃(?:ここで)?(?:(?:同行|窓)?[大中小]?見出し|地付き|字上げ|キャプション)終わり］")
# Headings that stand on the line of the text, or in a window of it. Where the first that begins does not end, none does:
# the others are not tried (`(?>`), so that the time grows as the line does.
RUN_IN = re.compile(r"［＃「(?P<heading>(?:[^「」]|「[^「」]*」)*)」は(?:同行|窓)[大中小]?見出し］")
RUN_IN_BLOCK = re.compile(
    r"(?>.*?［＃(?:同行|窓)[大中小]?見出し］)(?P<heading>.*?)［＃(?:同行|窓)[大中小]?見出し終わり］"
)
NO_TEXT = re.compile(r"^\s*［＃(?:地付き|地から[０-９0-9]+字上げ)］|はキャプション］|\.(?:png|jpe?g|gif)")


def opening(body: Sequence[str], header: Sequence[str], length: int) -> str:
    """The first characters of a body, without marks, indents, blank lines and lines of ornament.

    Args:
        body: its lines, marks and all.
        header: lines of the work's header, without marks; the body may repeat them.
        length: number of characters. Lines are joined by a newline, which counts.

    Returns:
        At most so many characters; "" for a body without text.
    """
    lines = list(_lines(body))
    text = ""
    for line in lines[first_of_text(lines, header) :]:
        if line.marked or not line.has_text or BARE_NUMBER.fullmatch(line.text):
            continue
        text += (line.text if text else RUN_IN_NUMBER.sub("", line.text)) + "\n"
        if len(text) > length:
            break
    return text[:length].rstrip()


def _lines(body: Sequence[str]) -> Iterator[Line]:
    inside = False  # of a block of headings, captions or signatures
    for raw in body:
        if NOTE not in raw:
            yield Line(raw, inside)
            continue
        begins, ends = BLOCK.search(raw), BLOCK_END.search(raw)
        if not inside and HEADING.search(raw) and (found := RUN_IN.search(characters(raw)) or RUN_IN_BLOCK.match(raw)):
            yield Line(raw, heading=plain(found["heading"]))
            continue
        yield Line(raw, inside or any(note.search(raw) for note in (HEADING, BLOCK, BLOCK_END, NO_TEXT)))
        if begins or ends:
            inside = begins is not None and (ends is None or ends.start() < begins.start())
