"""The YAML is read by those who read it in earnest: `datasets` and huggingface_hub."""

from __future__ import annotations

import datasets
import pytest
from huggingface_hub import DatasetCard

from builders import catalogue
from builders.documents import front_matter
from builders.schema import COLUMNS
from builders.tree import report
from tests.support.reports import with_config


@pytest.fixture
def card(sample_dataset):
    return DatasetCard.load(sample_dataset / "README.md")


def test_the_hub_reads_the_metadata(card):
    data = card.data

    assert data.language == ["ja", "en"]
    assert (data.license, data.license_name, data.license_link) == ("other", "per-source", "NOTICE")
    assert data.size_categories == ["n<1K"]
    assert data.pretty_name == "llm-japanese-dataset"
    assert data.task_categories == ["text-generation", "translation", "question-answering"]
    assert len(data.source_datasets) == len(catalogue.CORPORA)
    for corpus in catalogue.CORPORA.values():
        assert f"{corpus.name}: {corpus.license.id}" in data.license_details


def test_every_config_is_there_and_all_is_the_default(card, sample_dataset):
    names = [config["config_name"] for config in card.data.configs]

    assert names == list(catalogue.CONFIGS)
    assert [config["config_name"] for config in card.data.configs if config.get("default")] == [catalogue.DEFAULT]
    assert datasets.get_dataset_config_names(str(sample_dataset)) == names


@pytest.mark.parametrize("config", [*catalogue.GROUPS, next(iter(catalogue.TASK_CONFIGS))])
def test_datasets_loads_what_the_yaml_promises(config, sample_dataset, tmp_path):
    """`datasets` compares the sizes it meets with those of the YAML, and raises where they differ."""
    configs = report.load(sample_dataset).configs

    loaded = datasets.load_dataset(str(sample_dataset), config, split="train", cache_dir=str(tmp_path))

    assert loaded.num_rows == sum(configs[name].records for name in catalogue.CONFIGS[config])
    assert loaded.column_names == list(COLUMNS)
    assert all(feature == datasets.Value("string") for feature in loaded.features.values())
    assert loaded.info.dataset_size == sum(configs[name].plain_bytes for name in catalogue.CONFIGS[config])


def test_configs_without_records_are_left_out(sample_dataset):
    content = report.load(sample_dataset)
    for name in catalogue.TASK_CONFIGS:
        if name.startswith(catalogue.KNOWLEDGE):
            content = with_config(content, name, records=0, shards=())
    data = DatasetCard(front_matter.front_matter(content)).data

    names = [config["config_name"] for config in data.configs]

    assert "knowledge" not in names
    assert data.task_categories == ["text-generation", "translation"]
    paths = data.configs[0]["data_files"][0]["path"]
    assert not any("knowledge-" in path for path in paths)


@pytest.mark.parametrize(
    ("records", "name"),
    [(0, "n<1K"), (999, "n<1K"), (1_000, "1K<n<10K"), (8_393_726, "1M<n<10M"), (10_000_000, "10M<n<100M")],
)
def test_size_category(records, name):
    assert front_matter.size_category(records) == name
