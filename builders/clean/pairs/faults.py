"""Made-up faults of translation pairs: what the pair score is trained and measured against, seeded.

The kinds are those that Bicleaner AI trains with (sides of other pairs, words left out, words replaced by others as
frequent) and those that real corpora show: the neighbour's line, a part cut off, another sentence too much, a number
changed, the source copied. Where a kind needs something that a pair lacks (a number), the pair is left out.
"""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from math import log2

Sides = tuple[list[str], list[str]]
"""Japanese and English texts, pair by pair."""
Fault = Callable[[Sequence[str], Sequence[str], random.Random], Sides]

TOKEN = re.compile(r"[A-Za-z0-9']+|[^\sA-Za-z0-9']")


def swap_sides(japanese: Sequence[str], english: Sequence[str], draw: random.Random) -> Sides:
    """Gives each pair the English side of any other."""
    other = list(english)
    draw.shuffle(other)
    return list(japanese), other


def swap_similar_lengths(japanese: Sequence[str], english: Sequence[str], draw: random.Random) -> Sides:
    """Gives each pair the English side of another that is about as long (within eight characters, mostly)."""
    order = sorted(range(len(english)), key=lambda index: (len(english[index]) // 8, draw.random()))
    other = [""] * len(english)
    for place, index in enumerate(order):
        other[index] = english[order[(place + 1) % len(order)]]
    return list(japanese), other


def take_neighbour(japanese: Sequence[str], english: Sequence[str], draw: random.Random) -> Sides:
    """Gives each pair the English side of the next line."""
    return list(japanese), [*english[1:], *english[:1]]


def cut_english(japanese: Sequence[str], english: Sequence[str], draw: random.Random) -> Sides:
    """Keeps the first or last 30 to 65 % of the English words."""
    return list(japanese), [" ".join(_part(text.split(), draw)) for text in english]


def cut_japanese(japanese: Sequence[str], english: Sequence[str], draw: random.Random) -> Sides:
    """Keeps the first or last 30 to 65 % of the Japanese characters."""
    return ["".join(_part(list(text), draw)) for text in japanese], list(english)


def add_english(japanese: Sequence[str], english: Sequence[str], draw: random.Random) -> Sides:
    """Adds another pair's English sentence."""
    _, other = swap_sides(japanese, english, draw)
    return list(japanese), [f"{text} {more}" for text, more in zip(english, other, strict=True)]


def add_japanese(japanese: Sequence[str], english: Sequence[str], draw: random.Random) -> Sides:
    """Adds another pair's Japanese sentence."""
    other = list(japanese)
    draw.shuffle(other)
    return [text + more for text, more in zip(japanese, other, strict=True)], list(english)


def copy_source(japanese: Sequence[str], english: Sequence[str], draw: random.Random) -> Sides:
    """Puts the English side in the place of the Japanese one."""
    return list(english), list(english)


def change_number(japanese: Sequence[str], english: Sequence[str], draw: random.Random) -> Sides:
    """Changes a number of the English side by 1, 2, 3 or 10."""
    pairs = []
    for text, translation in zip(japanese, english, strict=True):
        numbers = list(re.finditer(r"\d+", translation))
        if numbers:
            number = draw.choice(numbers)
            changed = str(abs(int(number[0]) + draw.choice((-10, -3, -2, -1, 1, 2, 3, 10))))
            pairs.append((text, translation[: number.start()] + changed + translation[number.end() :]))
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def leave_out(count: int | None) -> Fault:
    """A fault that leaves out that many English words or marks; None: any number from 1 to all but one."""

    def fault(japanese: Sequence[str], english: Sequence[str], draw: random.Random) -> Sides:
        texts = []
        for text in english:
            tokens = TOKEN.findall(text)
            lost = 0 if len(tokens) < 2 else min(count or draw.randint(1, len(tokens) - 1), len(tokens) - 1)
            gone = set(draw.sample(range(len(tokens)), lost))
            texts.append(_joined([token for place, token in enumerate(tokens) if place not in gone]))
        return list(japanese), texts

    return fault


def replace_words(count: int | None) -> Fault:
    """A fault that replaces that many English words by others about as frequent; None: any number."""

    def fault(japanese: Sequence[str], english: Sequence[str], draw: random.Random) -> Sides:
        frequencies, alike = _frequencies(english)
        texts = []
        for text in english:
            tokens = TOKEN.findall(text)
            places = [place for place, token in enumerate(tokens) if token.lower() in frequencies]
            for place in draw.sample(places, min(count or draw.randint(1, max(len(places), 1)), len(places))):
                tokens[place] = _another(tokens[place].lower(), frequencies, alike, draw)
            texts.append(_joined(tokens))
        return list(japanese), texts

    return fault


def replace_content_word(japanese: Sequence[str], english: Sequence[str], draw: random.Random) -> Sides:
    """Replaces one of the rarer third of the English words by another as frequent."""
    frequencies, alike = _frequencies(english)
    texts = []
    for text in english:
        tokens = TOKEN.findall(text)
        places = [place for place, token in enumerate(tokens) if token.lower() in frequencies]
        rare = sorted(places, key=lambda place, tokens=tokens: frequencies[tokens[place].lower()])  # type: ignore[misc]
        if rare:
            place = draw.choice(rare[: max(1, len(tokens) // 3)])
            tokens[place] = _another(tokens[place].lower(), frequencies, alike, draw)
        texts.append(_joined(tokens))
    return list(japanese), texts


FAULTS: Mapping[str, Fault] = {
    "other sentence": swap_sides,
    "other sentence, as long": swap_similar_lengths,
    "neighbour's line": take_neighbour,
    "source copied": copy_source,
    "English cut": cut_english,
    "Japanese cut": cut_japanese,
    "English too much": add_english,
    "Japanese too much": add_japanese,
    "words left out": leave_out(None),
    "words replaced": replace_words(None),
    "number changed": change_number,
    "two words left out": leave_out(2),
    "two words replaced": replace_words(2),
    "one word left out": leave_out(1),
    "one word replaced": replace_words(1),
    "one content word replaced": replace_content_word,
}
BICLEANER = ("other sentence", "words left out", "words replaced")
"""The three kinds that Bicleaner AI draws by default, each as often."""


def _part(units: list[str], draw: random.Random) -> list[str]:
    kept = max(1, round(len(units) * draw.uniform(0.3, 0.65)))
    return units[:kept] if draw.random() < 0.5 else units[-kept:]


def _joined(tokens: Sequence[str]) -> str:
    return re.sub(r" ([.,?!;:])", r"\1", " ".join(tokens))


def _frequencies(english: Sequence[str]) -> tuple[Counter[str], dict[int, list[str]]]:
    """How often each word comes, and the words by how often."""
    counts = Counter(word.lower() for text in english for word in re.findall(r"[A-Za-z']+", text))
    alike: dict[int, list[str]] = defaultdict(list)
    for word, count in counts.items():
        alike[_level(count)].append(word)
    return counts, alike


def _another(word: str, frequencies: Counter[str], alike: Mapping[int, list[str]], draw: random.Random) -> str:
    """Another word about as frequent; the word itself where there is none."""
    others = alike[_level(frequencies[word])]
    other = draw.choice(others)
    # the one beside it, so that drawing ends
    return others[others.index(other) - 1] if other == word else other


def _level(count: int) -> int:
    return int(log2(count) * 2)
