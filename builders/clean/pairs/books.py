"""How often English words follow one another in books: what tells words left out or replaced in any corpus's English.

The counts come with symspellpy (MIT): 82,000 words and 243,000 pairs of words of the Google Books n-grams (CC-BY-3.0).
Only learning needs the package; the table keeps what it takes from it.
"""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from builders.clean.pairs.features import read_tokens
from builders.clean.pairs.table import Fluency, Vocabulary, slots_of
from builders.clean.pairs.units import Hashes, Ints, read_texts
from builders.errors import BuildError

BOOKS = "counts of symspellpy, from Google Books n-grams (CC-BY-3.0)"
WORDS = "symspellpy/frequency_dictionary_en_82_765.txt"
PAIRS = "symspellpy/frequency_bigramdictionary_en_243_342.txt"
WORD_UNIT, PAIR_UNIT = 1e4, 3e5
"""What one counted word or pair stands for. The pairs were counted in thirty times as many books as the words."""
LEAST = 2
"""Occurrences of a word or of a pair that is worth knowing."""


def read_books() -> Fluency:
    """Reads the counts of the installed symspellpy.

    Raises:
        BuildError: if symspellpy is not installed.
    """
    try:
        package = metadata.distribution("symspellpy")
    except metadata.PackageNotFoundError:
        raise BuildError("Learning the pair score needs symspellpy.", "pip install -r requirements.txt") from None
    words, counts = _read(Path(str(package.locate_file(WORDS))), 1)
    pairs, pair_counts = _read(Path(str(package.locate_file(PAIRS))), 2)
    total = float(counts.sum() / WORD_UNIT)
    hashes = _last_hashes(words)
    return make_fluency((hashes[0], counts / WORD_UNIT), (_last_hashes(pairs)[1], pair_counts / PAIR_UNIT), total, 0)


def _read(path: Path, size: int) -> tuple[list[str], npt.NDArray[np.float64]]:
    """Texts of `size` words of letters, and their counts."""
    rows = [line.split() for line in path.read_text("utf-8-sig").splitlines()]
    rows = [row for row in rows if len(row) == size + 1 and all(word.isalpha() for word in row[:size])]
    return [" ".join(row[:size]) for row in rows], np.array([float(row[size]) for row in rows])


def _last_hashes(texts: list[str]) -> tuple[Hashes, Hashes]:
    """Of the last word of each text: its hash, and that of it and the word before."""
    tokens = read_tokens(read_texts(pa.array(texts, pa.string())))
    last = np.append(tokens.first[1:], True)
    return tokens.hashes[last], tokens.following[last]


def make_fluency(
    words: tuple[Hashes, npt.NDArray[np.float64] | Ints],
    pairs: tuple[Hashes, npt.NDArray[np.float64] | Ints],
    total: float,
    begins: float,
) -> Fluency:
    """What is kept of counts by hash: those of `LEAST` and more, and of two in one slot the commoner."""
    vocabularies, kept_counts = [], []
    for hashes, counts in (words, pairs):
        order = np.argsort(-counts, kind="stable")
        _, winners = np.unique(slots_of(hashes[order]), return_index=True)
        kept = order[winners]
        kept = kept[counts[kept] >= LEAST]
        kept = kept[np.argsort(hashes[kept])]
        vocabularies.append(Vocabulary(hashes[kept].astype(np.uint32)))
        kept_counts.append(np.rint(counts[kept]).astype(np.float32))
    return Fluency(vocabularies[0], kept_counts[0], vocabularies[1], kept_counts[1], total, begins)
