"""Accented Latin letters, which Aozora Bunko writes as letter and mark inside 〔 〕: 〔cafe'〕 is café.

The notation: https://www.aozora.gr.jp/accent_separation.html
"""

from __future__ import annotations

import re
import unicodedata

COMBINING = {
    "`": "\u0300",
    "'": "\u0301",
    "^": "\u0302",
    "~": "\u0303",
    ":": "\u0308",
    "&": "\u030a",
    ",": "\u0327",
    "_": "\u0304",
}
WHOLE = {"AE&": "Æ", "ae&": "æ", "OE&": "Œ", "oe&": "œ", "s&": "ß", "?@": "¿", "!@": "¡"} | {
    f"{letter}/": barred for letter, barred in zip("oOlLdDhHi", "øØłŁđĐħĦɨ", strict=True)
}
"""What no combining mark makes."""
BRACKETED = re.compile(r"〔([^〔〕]*)〕")
LETTER = re.compile(
    # an apostrophe behind a word that has lost its vowel (l'amour, qu'il) is no accent
    r"(?P<kept>(?<![a-z])(?:[cdjlmnst]|qu)'(?=[aeiouyh]))"
    r"|[ao]e&|s&|[?!]@|[odlhi]/|[a-z][`^~']|[aeiouy]:(?!\s)|[aeiou]_|[au]&|[cst],(?!\s)",
    re.IGNORECASE,
)


def accented(line: str) -> str:
    """A line with its accented letters; brackets that held some are gone, all others stay."""
    return BRACKETED.sub(_letters, line) if "〔" in line else line


def _letters(match: re.Match[str]) -> str:
    text = LETTER.sub(_letter, match[1])
    return match[0] if text == match[1] else text


def _letter(match: re.Match[str]) -> str:
    written = match[0]
    if match["kept"]:
        return written
    if written in WHOLE:
        return WHOLE[written]
    letter = unicodedata.normalize("NFC", written[0] + COMBINING.get(written[-1], ""))
    return letter if len(letter) == 1 else written
