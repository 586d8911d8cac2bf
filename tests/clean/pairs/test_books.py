"""Counts of words and of pairs of words come from symspellpy's files, by the hashes that features look up."""

from __future__ import annotations

from importlib import metadata

import numpy as np
import pyarrow as pa
import pytest

from builders.clean.pairs import books
from builders.clean.pairs.books import PAIR_UNIT, PAIRS, WORD_UNIT, WORDS, make_fluency, read_books
from builders.clean.pairs.features import read_tokens
from builders.clean.pairs.units import read_texts
from builders.errors import BuildError


@pytest.fixture
def package(tmp_path, monkeypatch):
    """An installed symspellpy with invented counts."""
    (tmp_path / "symspellpy-6.10.1.dist-info").mkdir()
    (tmp_path / "symspellpy-6.10.1.dist-info" / "METADATA").write_text("Name: symspellpy\nVersion: 6.10.1\n")
    (tmp_path / "symspellpy").mkdir()
    (tmp_path / WORDS).write_text("\ufeffthe 50000000\nday 9000000\no'clock 8000000\nrare 10\n", "utf-8")
    (tmp_path / PAIRS).write_text("the day 6600000\nabcs of 600\no'clock day 9900000\n", "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))


def test_counts_are_found_by_the_hashes_of_a_text(package):
    known = read_books()

    tokens = read_tokens(read_texts(pa.array(["The day", "rare"])))
    numbers = known.words.numbers(tokens.hashes)
    pairs = known.pairs.numbers(tokens.following)
    assert known.counts[numbers[:2]].tolist() == [50_000_000 / WORD_UNIT, 9_000_000 / WORD_UNIT]
    assert numbers[2] == -1, "a word that is hardly ever seen is not kept"
    assert pairs.tolist() == [-1, 0, -1] and known.pair_counts.tolist() == [6_600_000 / PAIR_UNIT]
    assert known.begins == 0


def test_without_the_package_the_message_says_what_to_install(monkeypatch):
    def missing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(books.metadata, "distribution", missing)

    with pytest.raises(BuildError, match="needs symspellpy"):
        read_books()


def test_of_two_in_one_slot_the_commoner_is_kept():
    same_slot = np.array([7, 7 + (1 << 20), 9], np.uint64)

    known = make_fluency((same_slot, np.array([3.0, 8.0, 1.0])), (same_slot[:1], np.array([5.0])), 12.0, 1.2)

    assert known.words.numbers(same_slot).tolist() == [-1, 0, -1]
    assert (known.counts.tolist(), known.total, known.begins) == ([8.0], 12.0, 1.2)
