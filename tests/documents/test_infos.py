"""dataset_infos.json: the one in the repository is up to date, and `datasets` reads both."""

from __future__ import annotations

import shutil
from pathlib import Path

import datasets
import pytest
from datasets.info import DatasetInfosDict

import builders
from builders import catalogue
from builders.documents import infos
from builders.schema import COLUMNS
from builders.tree import report

ROOT = Path(builders.__file__).parents[1]


def test_the_file_in_the_repository_is_up_to_date():
    assert (ROOT / infos.NAME).read_bytes() == infos.to_json(infos.of_catalogue()), (
        "run python -m tests.documents.regenerate"
    )


def test_the_file_in_the_repository_has_no_sizes():
    for info in infos.of_catalogue().values():
        assert not {"splits", "download_size", "dataset_size"} & set(info)


@pytest.mark.parametrize("where", ["repository", "tree"])
def test_datasets_reads_it(where, sample_dataset, tmp_path):
    """By itself, since a card beside it would be read instead."""
    shutil.copy((ROOT if where == "repository" else sample_dataset) / infos.NAME, tmp_path)

    read = DatasetInfosDict.from_directory(str(tmp_path))

    assert list(read) == list(catalogue.CONFIGS)
    for config, info in read.items():
        assert info.features == datasets.Features({name: datasets.Value("string") for name in COLUMNS})
        assert info.description == catalogue.describe(config)
        assert info.license == catalogue.licenses(config)
        assert "2305.12720" in info.citation
        assert str(info.version) == builders.__version__


def test_the_sizes_of_a_dataset_are_those_of_its_files(sample_dataset):
    configs = report.load(sample_dataset).configs
    read = infos.of_dataset(report.load(sample_dataset))

    for config, names in catalogue.CONFIGS.items():
        assert read[config]["splits"]["train"]["num_examples"] == sum(configs[name].records for name in names)
        files = [path for name in names for path in (sample_dataset / name).glob("*.parquet")]
        assert read[config]["download_size"] == sum(path.stat().st_size for path in files)
