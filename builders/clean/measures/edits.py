"""Seeded edits of texts and records: how leaks and duplicates look in the wild, made on purpose.

A text edit takes a text and a source of randomness; a record edit places two texts of an item in the cells of a record.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable, Mapping, Sequence

Cells = tuple[str, str, str]
"""Instruction, input and output of a record."""
_PUNCTUATION = "、。，．・！？「」（）…"
_KANA = "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわをん"
_KANJI = "新旧東西南北春夏秋冬山川空海花鳥風月朝夜"
_LATIN = "abcdefghijklmnopqrstuvwxyz"
SUBSTITUTED = 0.1
"""Share of characters that `substitute` replaces."""


def verbatim(text: str, draw: random.Random) -> str:
    """The text itself."""
    return text


def widen(text: str, draw: random.Random) -> str:
    """Letters, digits and spaces full width, and letters in capitals or not."""
    text = text.upper() if draw.random() < 0.5 else text
    return "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in text).replace(" ", "　")


def punctuate(text: str, draw: random.Random) -> str:
    """Other punctuation: some of it out, some more in, and a space here and there. Numbers stay whole."""
    written = []
    for place, letter in enumerate(text):
        within = text[place : place + 1].isdigit() or text[place + 1 : place + 2].isdigit()
        if letter in _PUNCTUATION and draw.random() < 0.7:
            continue
        written.append(letter)
        if draw.random() < 0.1 and not within:
            written.append(draw.choice(_PUNCTUATION + " 　"))
    return "".join(written)


def substitute(text: str, draw: random.Random) -> str:
    """One character in ten (`SUBSTITUTED`) replaced by another of its kind; at least one of a text of 6 or more."""
    places = [place for place, letter in enumerate(text) if letter.isalnum()]
    count = max(round(len(places) * SUBSTITUTED), int(len(places) > 5))
    return _replace(text, draw.sample(places, count), draw)


def change_one(text: str, draw: random.Random) -> str:
    """One character replaced by another of its kind; digits are left alone, as another number is another fact."""
    places = [place for place, letter in enumerate(text) if letter.isalpha() and not unicodedata.numeric(letter, 0)]
    return _replace(text, draw.sample(places, min(len(places), 1)), draw)


def add_clause(text: str, draw: random.Random) -> str:
    """A few words behind or before the text, or between two of its sentences."""
    clause = draw.choice(_CLAUSES[is_latin(text)])
    stop = draw.choice([0, len(text), *(place + 1 for place, letter in enumerate(text) if letter in "。.")])
    return f"{text[:stop]}{clause}{text[stop:]}"


_CLAUSES = {
    True: (" I think. ", " As you know, ", " of course "),
    False: ("と思います。", "ご存じのとおり、", "もちろん、", "なるほど。"),
}


def is_latin(text: str) -> bool:
    """Whether most of a text is Latin letters."""
    return sum(letter < "\u0250" for letter in text) * 2 > len(text)


def _replace(text: str, places: Sequence[int], draw: random.Random) -> str:
    letters = list(text)
    for place in places:
        same_kind = _kind(letters[place])
        letters[place] = draw.choice([other for other in same_kind if other != letters[place].lower()])
    return "".join(letters)


def _kind(letter: str) -> str:
    if "\u3040" <= letter <= "\u30ff":
        return _KANA
    return _LATIN if letter < "\u0250" else _KANJI


def as_it_is(first: str, second: str, draw: random.Random) -> Cells:
    """First text asked, second answered: a quiz."""
    return first, "", second


def other_direction(first: str, second: str, draw: random.Random) -> Cells:
    """Second text given, first asked for."""
    return "", second, first


def in_template(first: str, second: str, draw: random.Random) -> Cells:
    """Both texts within sentences of a template that the index does not know."""
    wordings = (
        "次の問いに答えてください。\n{}",
        "「{}」とはどういう意味ですか？",
        "質問：{}\n回答：",
        "{}について教えてください。",
    )
    return (
        draw.choice(wordings).format(first),
        "",
        draw.choice(("{}", "答えは「{}」です。", "{}が正解です。")).format(second),
    )


def split(first: str, second: str, draw: random.Random) -> Cells:
    """The first text begun in the instruction and continued in the input."""
    half = len(first) // 2
    return first[:half], first[half:], second


TEXT_EDITS: Mapping[str, Callable[[str, random.Random], str]] = {
    "verbatim": verbatim,
    "width": widen,
    "punctuation": punctuate,
    "10 % substituted": substitute,
}
"""Edits under which an item must still be found, by name."""
PLACEMENTS: Mapping[str, Callable[[str, str, random.Random], Cells]] = {
    "as it is": as_it_is,
    "other direction": other_direction,
    "inside a template": in_template,
    "split over two cells": split,
}
"""Where an item may stand in a record, by name."""
