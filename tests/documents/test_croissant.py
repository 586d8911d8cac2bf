"""croissant.json passes the validator of its makers, and describes what is there."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import mlcroissant
import pytest

from builders import catalogue
from builders.documents import croissant
from builders.files import sha256
from builders.schema import COLUMNS
from builders.tree import report
from tests.support.reports import with_statuses


@pytest.fixture
def offline(monkeypatch):
    """Whoever reaches for the network fails at once, instead of passing where there is one."""
    for scheme in ("http", "https", "all"):
        monkeypatch.setenv(f"{scheme}_proxy", "http://127.0.0.1:9")


def test_mlcroissant_validates_it(sample_dataset, offline):
    program = Path(sys.executable).with_name("mlcroissant")

    done = subprocess.run(
        [program, "validate", "--jsonld", sample_dataset / "croissant.json"], capture_output=True, text=True
    )

    assert done.returncode == 0 and "Done." in done.stderr, done.stderr
    assert "WARNING" not in done.stderr.upper().replace("DEPRECATIONWARNING", ""), done.stderr


def test_the_validator_would_object(sample_dataset, tmp_path, offline):
    """It is not a validator that lets everything pass."""
    content = json.loads((sample_dataset / "croissant.json").read_bytes())
    del content["distribution"][0]["sha256"]
    (tmp_path / "croissant.json").write_text(json.dumps(content))

    with pytest.raises(mlcroissant.ValidationError, match="sha256"):
        mlcroissant.Dataset(tmp_path / "croissant.json")


def test_mlcroissant_reads_the_records(sample_dataset, offline):
    configs = report.load(sample_dataset).configs
    dataset = mlcroissant.Dataset(sample_dataset / "croissant.json")

    assert {record_set.uuid for record_set in dataset.metadata.record_sets} == set(configs)
    records = list(dataset.records("translation-tanaka"))
    assert len(records) == configs["translation-tanaka"].records
    assert set(records[0]) == {f"translation-tanaka/{name}" for name in COLUMNS}


def test_every_file_has_its_checksum(sample_dataset):
    content = report.load(sample_dataset)
    objects = {item["@id"]: item for item in croissant.metadata(content)["distribution"] if "sha256" in item}

    for entry in content.configs.values():
        for shard in entry.shards:
            assert objects[shard.path]["sha256"] == sha256(sample_dataset / shard.path)
        for file in entry.files:
            raw = objects[f"raw/{entry.corpus}/{file.name}"]
            assert (raw["sha256"], raw["contentUrl"]) == (file.sha256, file.url)
            assert "invented sample" in raw["description"]


def test_a_missing_raw_file_is_left_out_and_the_rest_is_valid(sample_dataset, tmp_path, offline):
    content = with_statuses(report.load(sample_dataset), "jsquad", "missing", "changed")
    first, second = content.configs["jsquad"].files

    (tmp_path / "croissant.json").write_bytes(croissant.to_json(content))

    found = {item.uuid: item for item in mlcroissant.Dataset(tmp_path / "croissant.json").metadata.distribution}
    assert f"raw/jsquad/{first.name}" not in found
    title = catalogue.CORPORA["jsquad"].title
    expected = f"Raw file of {title}: not the pinned file: it was accepted as it was."
    assert found[f"raw/jsquad/{second.name}"].description == expected
