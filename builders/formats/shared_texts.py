"""How much text the cells of a workbook share: each has its own copy once the workbook is read, however often one is used.

Texts stand in a part of their own, and cells hold their numbers (ECMA-376 part 1, sections 18.4.8 and 18.18.11):

    <si><t>川</t></si><si><t>山</t></si>          <c r="A1" t="s"><v>1</v></c><c r="A2" t="s"><v>1</v></c>

Nothing is parsed here, which would take as long as reading the workbook. What is written in an unusual way counts as the
longest text that it could be.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

_END = re.compile(rb"</si\s*>")
_OTHER_TEXT, _OTHER_VALUE = re.compile(rb":si[\s/>]|<si(?:\s[^<>]*)?/>"), re.compile(rb":v[\s/>]")
_VALUE = re.compile(rb"<v>([^<&]*)</v>")


def are_longer_than(most: int, parts: Sequence[bytes]) -> bool:
    """Says whether the texts that cells share have more than so many bytes, each counted for every cell.

    Args:
        most: bytes.
        parts: of the workbook, unpacked.
    """
    texts = [lengths for part in parts if (lengths := _lengths(part)).size]
    cells = sum(map(_cells, parts))
    if sum(cells * int(lengths.max()) for lengths in texts) <= most:  # true of nearly every workbook
        return False
    return sum(_used(lengths, part) for lengths in texts for part in parts) > most


def _lengths(part: bytes) -> NDArray[np.int64]:
    """Bytes from each shared text's end to the next, by number; of the whole part where it is written in another way."""
    if _OTHER_TEXT.search(part) or (_END.search(part) and not _has_plain_tags(part)):
        return np.array([len(part)])
    ends = np.fromiter(chain([0], (end.end() for end in _END.finditer(part))), np.int64)
    return ends[1:] - ends[:-1]


def _has_plain_tags(part: bytes) -> bool:
    """True where every `<` has its `>` before the next one: no comment and no attribute holds what looks like a tag."""
    marks = np.frombuffer(part, np.uint8)
    marks = marks[(marks == ord("<")) | (marks == ord(">"))]
    return bool(marks.size % 2 == 0 and (marks[::2] == ord("<")).all() and (marks[1::2] == ord(">")).all())


def _cells(part: bytes) -> int:
    """Cells with a value, at most."""
    return part.count(b"<v") + sum(1 for _ in _OTHER_VALUE.finditer(part))


def _used(lengths: NDArray[np.int64], part: bytes) -> int:
    """Bytes of the texts whose numbers stand in a part, at most. Where only one length is known, it is every cell's."""
    numbers = np.fromiter((_number(value[1]) for value in _VALUE.finditer(part)), np.int64)
    if lengths.size == 1 or numbers.size < _cells(part):
        return _cells(part) * int(lengths.max())
    return int(lengths[numbers[numbers < lengths.size]].sum())


def _number(value: bytes) -> int:
    """The number of a text; for a value that is none, one that no text has."""
    return int(value) if value.removeprefix(b"+").isdigit() and len(value) < 10 else 1 << 32
