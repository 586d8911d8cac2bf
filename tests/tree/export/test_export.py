"""A whole config becomes a whole file, or none."""

from __future__ import annotations

import json
import os

import datasets
import pytest

from builders.errors import BuildError
from builders.tree import reader, report
from builders.tree.export.files import export
from builders.tree.export.formats import FORMATS


@pytest.fixture
def config(sample_dataset):
    return reader.config_named("knowledge", report.load(sample_dataset), sample_dataset)


@pytest.mark.parametrize("form", FORMATS)
def test_every_record_in_the_datasets_order(form, config, sample_dataset, tmp_path):
    seen: list[int] = []

    size = export(sample_dataset, config, form, tmp_path / "new" / "out.jsonl", seen.append)

    path = tmp_path / "new" / "out.jsonl"
    assert size == path.stat().st_size and list(path.parent.iterdir()) == [path]
    loaded = datasets.load_dataset(str(sample_dataset), "knowledge", split="train", cache_dir=str(tmp_path / "cache"))
    assert sum(seen) == loaded.num_rows == config.records
    lines = [json.loads(line) for line in path.read_text("utf-8").split("\n")[:-1]]
    assert lines == [FORMATS[form](record) for record in loaded]


def test_a_stopped_export_leaves_what_was_there(config, sample_dataset, tmp_path):
    path = tmp_path / "out.jsonl"
    path.write_text("an earlier export\n")

    def stop(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export(sample_dataset, config, "alpaca", path, stop)

    assert path.read_text() == "an earlier export\n"
    assert list(tmp_path.iterdir()) == [path]


def test_a_damaged_dataset_leaves_what_was_there(config, tmp_path):
    path = tmp_path / "out.jsonl"
    path.write_text("an earlier export\n")

    with pytest.raises(BuildError, match="cannot be read"):
        export(tmp_path / "no tree", config, "alpaca", path, lambda _: None)

    assert path.read_text() == "an earlier export\n"
    assert list(tmp_path.iterdir()) == [path]


def test_a_directory_in_the_way(config, sample_dataset, tmp_path):
    (tmp_path / "out.jsonl").mkdir()

    with pytest.raises(BuildError) as caught:
        export(sample_dataset, config, "alpaca", tmp_path / "out.jsonl", lambda _: None)

    assert str(caught.value) == (
        f"{tmp_path / 'out.jsonl'} is a directory, so it is not replaced.\nNext step: Give the name of a file."
    )
    assert os.listdir(tmp_path) == ["out.jsonl"]
