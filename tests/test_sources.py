"""The whole way from real raw files, where there are some: the counts that must come out."""

from __future__ import annotations

import pytest

from builders.__main__ import main
from builders.commands.build import INCOMPLETE
from builders.tree import report, verify
from tests.support.reading import shared_sources

EXACT = {
    "translation-coursera": 106_332,
    "translation-tab-delimited": 2 * 76_428,
    "translation-tanaka": 2 * 26_103,
    "knowledge-jcommonsenseqa": 10_058,
    "knowledge-aio": 1_000,
    "dolly-ja": 15_015,
    "jsquad": 4_822,
}
"""Records of configs whose raw files are there whole, or of which one whole file is there."""
NO_FILES = {"alpaca-ja", "papers", "translation-paranatcom", "wikinews"}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    sources = shared_sources("coursera").parent
    out = tmp_path_factory.mktemp("real") / "tree"
    code = main(["build", "--sources", str(sources), "--best-effort", "--out", str(out)])
    assert code == INCOMPLETE, "some corpora have no raw files there"
    return out


@pytest.fixture(scope="module")
def task_configs(built):
    return report.load(built).configs


@pytest.mark.parametrize("config, records", EXACT.items())
def test_exact_counts(task_configs, config, records):
    assert task_configs[config]["records"] == records


def test_the_first_easy_japanese_file_is_whole_and_the_evaluation_sheet_is_not_read(task_configs):
    """T15 has 50,000 rows; what T23 adds are the rows of its first sheet, five in this stand-in."""
    assert task_configs["easy-ja"]["records"] == 50_000 + 5
    assert task_configs["translation-easy-ja"]["records"] == 2 * (50_000 + 5)


def test_aozora_loses_at_most_one_work_in_a_hundred(task_configs):
    entry = task_configs["knowledge-aozora"]
    assert entry.rows_read == 1_177
    assert sum(entry.rejected.values()) <= 11
    assert entry.records == 2 * (1_177 - sum(entry.rejected.values()))


def test_one_record_per_film(task_configs):
    entry = task_configs["knowledge-jmrd"]
    assert entry.records + sum(entry.rejected.values()) == 200


def test_every_difference_from_the_paper_is_explained(task_configs):
    for config, entry in task_configs.items():
        assert bool(entry.difference) == bool(entry.why), config
        assert "not explained" not in entry.why, config


def test_configs_without_raw_files_are_named(task_configs):
    assert {config for config, entry in task_configs.items() if not entry.records} == NO_FILES


def test_the_tree_is_sound(built):
    assert verify.verify(built) == []
