"""Tab-delimited pairs: three columns now, two in older editions, ids from the attribution."""

from __future__ import annotations

import pytest

from builders.corpora.tab_delimited import CORPUS
from tests.support.pairs import write_pairs
from tests.support.reading import count_records, raw_files_of, read_rows


@pytest.mark.parametrize(
    "attribution, key",
    [
        ("CC-BY 2.0 (France) Attribution: tatoeba.org #12 (someone) & #34 (another)", "12-34"),
        ("tatoeba.org #12 (x) & #34 (y) & #56 (z)", "line-1"),
        ("tatoeba.org #12 (x)", "line-1"),
        ("tatoeba.org #1a (x) & #34 (y)", "line-1"),
        ("", "line-1"),
    ],
)
def test_keys_are_the_two_tatoeba_ids_where_both_are_named(tmp_path, attribution, key):
    write_pairs(tmp_path, [f"Hi.\tやあ。\t{attribution}"])
    [row], _ = read_rows(CORPUS, tmp_path / "tab_delimited")
    assert row["key"] == key


def test_older_editions_have_two_columns(tmp_path):
    write_pairs(tmp_path, ["Hi.\tやあ。", "Go.\t行け。"])
    rows, _ = read_rows(CORPUS, tmp_path / "tab_delimited")
    assert [(row["key"], row["english"]) for row in rows] == [("line-1", "Hi."), ("line-2", "Go.")]


def test_the_real_archive_gives_every_pair_both_ways():
    assert count_records(CORPUS, raw_files_of("tab_delimited")) == {"translation-tab-delimited": 2 * 76_428}
