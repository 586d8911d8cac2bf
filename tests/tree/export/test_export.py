"""A whole config becomes a whole file, or none."""

from __future__ import annotations

import json
import os

import datasets
import pytest

from builders.errors import BuildError
from builders.tree import reader, report
from builders.tree.export.files import export
from builders.tree.export.formats import FORMS
from builders.tree.export.selection import Selection, choose


@pytest.fixture
def chosen(sample_dataset):
    config = reader.config_named("knowledge", report.load(sample_dataset), sample_dataset)
    return choose(sample_dataset, config, Selection())


@pytest.mark.parametrize("form", FORMS)
def test_every_record_in_the_datasets_order(form, chosen, sample_dataset, tmp_path):
    seen: list[int] = []

    export(sample_dataset, chosen, form, tmp_path / "new" / "out.jsonl", progress=seen.append)

    path = tmp_path / "new" / "out.jsonl"
    assert list(path.parent.iterdir()) == [path]
    loaded = datasets.load_dataset(str(sample_dataset), "knowledge", split="train", cache_dir=str(tmp_path / "cache"))
    assert sum(seen) == loaded.num_rows
    lines = [json.loads(line) for line in path.read_text("utf-8").split("\n")[:-1]]
    assert len(lines) == loaded.num_rows
    if FORMS[form].keeps:
        assert [line["id"] for line in lines] == loaded["id"][:]
    for record, line in zip(loaded, lines, strict=True):
        written = "".join(_texts(line))
        assert record["instruction"] in written and record["output"] in written


def _texts(value: object) -> list[str]:
    """All texts in a line."""
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value
    return [text for part in inner for text in _texts(part)]


def test_a_stopped_export_leaves_what_was_there(chosen, sample_dataset, tmp_path):
    path = tmp_path / "out.jsonl"
    path.write_text("an earlier export\n")

    def stop(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export(sample_dataset, chosen, "alpaca", path, progress=stop)

    assert path.read_text() == "an earlier export\n"
    assert list(tmp_path.iterdir()) == [path]


def test_a_damaged_dataset_leaves_what_was_there(chosen, tmp_path):
    path = tmp_path / "out.jsonl"
    path.write_text("an earlier export\n")

    with pytest.raises(BuildError, match="cannot be read"):
        export(tmp_path / "nothing", chosen, "alpaca", path)

    assert path.read_text() == "an earlier export\n"
    assert list(tmp_path.iterdir()) == [path]


def test_a_directory_in_the_way(chosen, sample_dataset, tmp_path):
    (tmp_path / "out.jsonl").mkdir()

    with pytest.raises(BuildError) as caught:
        export(sample_dataset, chosen, "alpaca", tmp_path / "out.jsonl")

    assert str(caught.value) == (
        f"{tmp_path / 'out.jsonl'} is a directory, so it is not replaced.\nNext step: Give the name of a file."
    )
    assert os.listdir(tmp_path) == ["out.jsonl"]
