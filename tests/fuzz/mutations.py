"""What can be wrong with the bytes of a file: damage as disks, networks and editors do it, and worse on purpose."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

Mutation = Callable[[bytes, Random, bytes], bytes]
"""Takes the bytes, the source of chance, and bytes of another file."""

LARGEST = 200_000
"""Bytes that a repeated or inserted piece grows to, but for `very_long_line`."""
NO_TEXT = (b"\xff", b"\xc3", b"\xe3\x81", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xc0\x80", "漢字".encode("shift_jis"))
TOKENS = tuple(
    token.encode()
    for token in (
        *(
            "\t",
            "\n",
            "\r",
            "\n\n",
            '"',
            "\\",
            "\\u0000",
            ",",
            "{",
            "}",
            "[",
            "]",
            "[[",
            "]]",
            "{{",
            "}}",
            "{|",
            "|}",
            "|-",
        ),
        *(
            "<",
            ">",
            "</",
            "&",
            "&amp;",
            "&lt;!--",
            "--&gt;",
            "&#0;",
            "&x;",
            "<!--",
            "-->",
            "<![CDATA[",
            "<!DOCTYPE x [",
        ),
        *("<page>", "</page>", "<title>", "<id>", "<ns>", "<text", "</text>", "<row", '<c r="A1">', "<revision>"),
        *(
            "=",
            "==",
            "'''",
            "#",
            "#ID=",
            "A: ",
            "B: ",
            ":",
            "*",
            ";",
            "《",
            "》",
            "｜",
            "［＃",
            "］",
            "※",
            "底本：",
            "-----",
        ),
        *(
            "null",
            "true",
            "NaN",
            "1e999",
            "-1",
            "0",
            "99999999999999999999",
            "\ufeff",
            "\u2028",
            "\u3000",
            "\x1b[2J",
            "😀",
        ),
    )
)


def truncated(data: bytes, chance: Random, other: bytes) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def flipped(data: bytes, chance: Random, other: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 8)) if changed else 0):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def overwritten(data: bytes, chance: Random, other: bytes) -> bytes:
    start, end = _piece(data, chance)
    return data[:start] + chance.randbytes(min(end - start, 64)) + data[start + min(end - start, 64) :]


def deleted(data: bytes, chance: Random, other: bytes) -> bytes:
    start, end = _piece(data, chance)
    return data[:start] + data[end:]


def repeated(data: bytes, chance: Random, other: bytes) -> bytes:
    start, end = _piece(data, chance)
    times = min(chance.choice((1, 2, 10, 1000)), LARGEST // (end - start + 1))
    return data[:start] + data[start:end] * times + data[start:]


def spliced(data: bytes, chance: Random, other: bytes) -> bytes:
    start, end = _piece(data, chance)
    first, last = _piece(other, chance)
    return data[:start] + other[first:last] + data[chance.choice((start, end)) :]


def with_tokens(data: bytes, chance: Random, other: bytes) -> bytes:
    place = chance.randrange(len(data) + 1)
    return data[:place] + chance.choice(TOKENS) * chance.choice((1, 1, 2, 3, 100, 3000)) + data[place:]


def with_nul(data: bytes, chance: Random, other: bytes) -> bytes:
    place = chance.randrange(len(data) + 1)
    return data[:place] + bytes(chance.choice((1, 2, 1000))) + data[place:]


def with_bytes_that_are_no_text(data: bytes, chance: Random, other: bytes) -> bytes:
    place = chance.randrange(len(data) + 1)
    return data[:place] + chance.choice(NO_TEXT) + data[place:]


def with_other_line_ends(data: bytes, chance: Random, other: bytes) -> bytes:
    return data.replace(
        b"\n", chance.choice((b"\r\n", b"\r", b"\n\r", b"", b"\n\n", b"\0\n")), chance.choice((1, 5, -1))
    )


def with_a_very_long_line(data: bytes, chance: Random, other: bytes) -> bytes:
    place = chance.randrange(len(data) + 1)
    length = chance.choice((1_000, 30_000, 30_000, 300_000)) if chance.random() < 0.99 else 9 << 20
    return data[:place] + chance.choice((b"x", b" ", b"\t", "あ".encode())) * length + data[place:]


def with_lines_moved(data: bytes, chance: Random, other: bytes) -> bytes:
    lines = data.split(b"\n")
    for _ in range(chance.choice((1, 2, 20))):
        lines.insert(chance.randrange(len(lines)), chance.choice(lines))
    return b"\n".join(lines)


def with_another_number(data: bytes, chance: Random, other: bytes) -> bytes:
    numbers = list(re.finditer(rb"[0-9]+", data))
    if not numbers:
        return data
    found = chance.choice(numbers)
    new = chance.choice((b"", b"-1", b"0", b"1", b"65536", b"4294967296", b"9" * 30, "１".encode()))
    return data[: found.start()] + new + data[found.end() :]


ALL: tuple[Mutation, ...] = (
    truncated,
    flipped,
    overwritten,
    deleted,
    repeated,
    spliced,
    with_tokens,
    with_nul,
    with_bytes_that_are_no_text,
    with_other_line_ends,
    with_a_very_long_line,
    with_lines_moved,
    with_another_number,
)


def mutated(data: bytes, chance: Random, other: bytes) -> bytes:
    """The bytes after one to four mutations."""
    for _ in range(chance.choice((1, 1, 2, 4))):
        data = chance.choice(ALL)(data, chance, other)
    return data


def _piece(data: bytes, chance: Random) -> tuple[int, int]:
    """Where a piece of the data begins and ends."""
    start = chance.randrange(len(data) + 1)
    return start, min(len(data), start + chance.choice((1, 4, 30, 300, len(data))))
