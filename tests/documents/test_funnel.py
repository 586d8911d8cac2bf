"""The card's section on the curated edition, and its configs as `datasets` loads them."""

from __future__ import annotations

import datasets
import pytest

from builders import catalogue
from builders.documents import funnel
from builders.tree import reader, report


def test_the_card_has_the_section_and_its_sums(clean_dataset):
    content = report.load(clean_dataset)
    card = (clean_dataset / "README.md").read_text("utf-8")

    assert funnel.TITLE in card and funnel.text(content) in card
    records = sum(entry.records for entry in content.clean.configs.values())
    assert f"| **curated edition** |  | **{records:,}** |" in card
    for name, rule in content.clean.rules.items():
        if any(name in entry.hits for entry in content.clean.configs.values()):
            assert rule.reason in card
    for name, one in content.clean.benchmarks.items():
        assert f"| `{name}` | {one.items:,} | {one.skipped:,} |" in card


def test_a_dataset_without_an_edition_has_no_section(sample_dataset):
    assert funnel.text(report.load(sample_dataset)) == ""
    assert funnel.TITLE not in (sample_dataset / "README.md").read_text("utf-8")


@pytest.mark.parametrize("config", [*catalogue.CLEAN_GROUPS, catalogue.DEFAULT, "extended", "jsquad"])
def test_datasets_loads_every_group(config, clean_dataset, tmp_path):
    """The groups of the curated edition are there, and those of the built dataset are without it."""
    expected = reader.all_configs(report.load(clean_dataset))
    if config not in expected:
        assert config not in datasets.get_dataset_config_names(str(clean_dataset))
        return

    loaded = datasets.load_dataset(str(clean_dataset), config, split="train", cache_dir=str(tmp_path))

    assert loaded.num_rows == expected[config].records
    assert loaded.info.dataset_size == expected[config].plain_bytes
