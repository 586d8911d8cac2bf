"""croissant.json passes the validator of its makers, and describes what is there."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import mlcroissant
import pyarrow.parquet as pq
import pytest

from builders import catalogue, layout
from builders.build.chat import with_chat
from builders.documents import croissant
from builders.files import sha256
from builders.schema import COLUMNS
from builders.tree import reader, report
from builders.tree.verify import verify
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

    assert {record_set.uuid for record_set in dataset.metadata.record_sets} == set(catalogue.CONFIGS)
    for name, members in catalogue.CONFIGS.items():
        records = list(dataset.records(name))
        assert len(records) == sum(configs[member].records for member in members), name
        assert set(records[0]) == {f"{name}/{column}" for column in COLUMNS}


def test_mlcroissant_tells_the_curated_edition_and_the_conversations_from_the_records(clean_dataset, tmp_path, offline):
    """Their files stand in folders of their own, with the names that the records' files have."""
    directory = shutil.copytree(clean_dataset, tmp_path / "dataset")
    content = with_chat(report.load(directory), directory, workers=1)
    (directory / "croissant.json").write_bytes(croissant.to_json(content))
    dataset = mlcroissant.Dataset(directory / "croissant.json")

    for name, config in reader.all_configs(content).items():
        assert len(list(dataset.records(name))) == config.records, name
    chat = [file.path for file in content.chat if layout.is_papers(file.path)]
    expected = [turns for path in sorted(chat) for turns in pq.read_table(directory / path)["messages"].to_pylist()]
    found = [record["chat/messages"] for record in dataset.records("chat")]
    read = [
        [{name: turn[f"chat/messages/{name}"].decode() for name in ("role", "content")} for turn in turns]
        for turns in found
    ]
    assert read == expected and len(read) > 50


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


RAI = {
    "dataCollection", "dataCollectionType", "dataCollectionMissingData", "dataCollectionRawData",
    "dataCollectionTimeFrame", "dataImputationProtocol", "dataPreprocessingProtocol", "dataManipulationProtocol",
    "dataAnnotationProtocol", "dataAnnotationPlatform", "dataAnnotationAnalysis", "annotationsPerItem",
    "annotatorDemographics", "machineAnnotationTools", "dataBiases", "dataUseCases", "dataLimitations",
    "dataSocialImpact", "personalSensitiveInformation", "dataReleaseMaintenancePlan",
}  # fmt: skip
"""The fields of https://docs.mlcommons.org/croissant/docs/croissant-rai-spec.html."""
CORE = {
    "name",
    "description",
    "url",
    "version",
    "datePublished",
    "license",
    "creator",
    "publisher",
    "citeAs",
    "keywords",
}


def test_no_core_field_and_no_rai_field_is_empty(sample_dataset):
    content = croissant.metadata(report.load(sample_dataset))

    assert {name.removeprefix("rai:") for name in content if name.startswith("rai:")} == RAI
    assert all(content[name] for name in [*CORE, *(f"rai:{name}" for name in RAI)])


def test_a_policy_for_every_license(sample_dataset):
    policies = {policy["odrl:uid"]: policy for policy in croissant.metadata(report.load(sample_dataset))["usageInfo"]}

    assert set(policies) == {corpus.license.id for corpus in catalogue.CORPORA.values()}
    forbidden = [name for name, policy in policies.items() if "odrl:prohibition" in policy]
    assert forbidden == ["CC-BY-NC-4.0"]
    shared = [name for name, policy in policies.items() if "cc:ShareAlike" in json.dumps(policy)]
    assert shared == ["CC-BY-SA-3.0", "CC-BY-SA-4.0"]
    assert "odrl:duty" not in json.dumps(policies["public-domain"])


def test_every_file_comes_from_raw_files_that_are_described(sample_dataset):
    content = croissant.metadata(report.load(sample_dataset))
    known = {item["@id"] for item in content["distribution"]}
    derived = [origin["@id"] for item in content["distribution"] for origin in item.get("prov:wasDerivedFrom", ())]

    assert derived and set(derived) <= known
    assert {used["@id"] for used in content["prov:wasGeneratedBy"]["prov:used"]} == set(derived)


def test_one_changed_byte_fails_every_checksum(sample_dataset, tmp_path):
    """Those of the report, of croissant.json and of dataset.spdx.json: none says that the file is what it was."""
    shutil.copytree(sample_dataset, tmp_path / "built")
    content = report.load(tmp_path / "built")
    [shard] = content.configs["jsquad"].shards[:1]
    path = tmp_path / "built" / shard.path
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)

    assert verify(tmp_path / "built") == [
        f"{shard.path}: the content changed (its sha256 is not the report's); build again"
    ]
    for name in ("croissant.json", "dataset.spdx.json"):
        text = (tmp_path / "built" / name).read_text("utf-8")
        assert shard.sha256 in text and sha256(path) not in text


def test_a_missing_raw_file_is_left_out_and_the_rest_is_valid(sample_dataset, tmp_path, offline):
    content = with_statuses(report.load(sample_dataset), "jsquad", "missing", "changed")
    first, second = content.configs["jsquad"].files

    (tmp_path / "croissant.json").write_bytes(croissant.to_json(content))

    found = {item.uuid: item for item in mlcroissant.Dataset(tmp_path / "croissant.json").metadata.distribution}
    assert f"raw/jsquad/{first.name}" not in found
    title = catalogue.CORPORA["jsquad"].title
    expected = f"Raw file of {title}: not the pinned file: it was accepted as it was."
    assert found[f"raw/jsquad/{second.name}"].description == expected
