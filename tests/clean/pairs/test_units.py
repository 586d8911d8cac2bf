"""Words and n-grams as hashes: the same piece has the same hash wherever it stands, and folding is Unicode's."""

from __future__ import annotations

import unicodedata

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from builders.clean.pairs.units import DIGIT, HIRAGANA, KANJI, LATIN, find_ngrams, find_runs, read_texts, stem_ends

TEXTS = st.lists(st.text(max_size=20), max_size=6)


@given(TEXTS)
def test_texts_keep_their_borders(texts):
    read = read_texts(pa.array(texts, pa.string()))

    assert read.lengths().tolist() == [len(text) for text in texts]
    assert read.count == len(texts)


@given(st.text(min_size=1, max_size=8), TEXTS, TEXTS)
def test_a_piece_has_one_hash_wherever_it_stands(piece, before, after):
    alone = read_texts(pa.array([piece], pa.string()))
    within = read_texts(pa.array([*before, "x" + piece, *after], pa.string()))
    start = within.offsets[len(before)] + 1

    hashes = [
        texts.hashes(np.array([first]), np.array([first + len(piece)]))[0]
        for texts, first in ((alone, 0), (within, start))
    ]

    assert hashes[0] == hashes[1]


def test_folding_is_nfkc_and_lower_case():
    read = read_texts(pa.array(["Ｃａｆé １２ ｱｶﾞ"]))

    assert "".join(map(chr, read.codes)) == "cafe 12 アカ" + unicodedata.normalize("NFKC", "ﾞ")


def test_slices_chunks_nulls_and_dictionaries_are_read():
    column = pa.chunked_array([["犬", None], ["猫が"]]).slice(1)

    assert read_texts(column).lengths().tolist() == [0, 2]
    assert read_texts(pa.array(["犬", "犬"]).dictionary_encode()).lengths().tolist() == [1, 1]
    assert read_texts(pa.array([], pa.string())).count == 0


def test_runs_stay_within_a_text_and_a_kind():
    read = read_texts(pa.array(["ab12", "cd", "犬が3"]))

    found = {
        kind: ["".join(map(chr, read.codes[a:b])) for a, b in zip(*find_runs(read, read.kinds, (kind,)), strict=True)]
        for kind in (LATIN, DIGIT, KANJI, HIRAGANA)
    }

    assert found == {LATIN: ["ab", "cd"], DIGIT: ["12", "3"], KANJI: ["犬"], HIRAGANA: ["が"]}


def test_ngrams_skip_marks_and_borders():
    read = read_texts(pa.array(["犬、猫", "人が"]))

    assert find_ngrams(read, 1).tolist() == [0, 2, 3, 4]
    assert find_ngrams(read, 2).tolist() == [3]
    assert find_ngrams(read, 9).tolist() == []


def test_forms_of_a_word_fall_together():
    read = read_texts(pa.array(["stop stops stopped stopping", "like likes liked", "pass", "is"]))
    starts, ends = find_runs(read, read.kinds, (LATIN,))

    stems = ["".join(map(chr, read.codes[a:b])) for a, b in zip(starts, stem_ends(read, starts, ends), strict=True)]

    assert stems == ["stop"] * 4 + ["lik"] * 3 + ["pass", "is"]
