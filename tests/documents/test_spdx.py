"""dataset.spdx.json is what SPDX 3.0.1 allows, and its checksums are those of the files.

The model that SPDX publishes as SHACL shapes is not on package indexes; where a directory has `spdx-model.ttl` and
`spdx-context.jsonld` of https://spdx.org/rdf/3.0.1/, name it with LJD_SPDX_MODEL and the document is also checked by
pyshacl. Always it is read by spdx-python-model, whose classes are generated from those shapes.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pyshacl
import pytest
import rdflib
import spdx_python_model

from builders import catalogue
from builders.build.chat import with_chat
from builders.documents import spdx
from builders.files import sha256
from builders.licenses import LICENSES
from builders.tree import report
from tests.support.reports import with_statuses


@pytest.fixture(scope="module")
def document(sample_dataset: Path) -> dict[str, Any]:
    return spdx.document(report.load(sample_dataset))


def test_the_classes_of_spdx_read_it(sample_dataset: Path) -> None:
    _, objects = spdx_python_model.load_data(json.loads((sample_dataset / spdx.NAME).read_bytes()))

    (package,) = objects.foreach_type("dataset_DatasetPackage")
    assert package.name == "llm-japanese-dataset"
    assert not objects.link(), "an element that is named is not there"


def test_the_classes_of_spdx_would_object(document: dict[str, Any]) -> None:
    file = next(item for item in document["@graph"] if item["type"] == "software_File")
    wrong = {**document, "@graph": [{**file, "hasColour": "blue"}]}

    with pytest.raises(KeyError, match="hasColour"):
        spdx_python_model.load_data(wrong)


def _conforms(document: dict[str, Any]) -> tuple[bool, str]:
    folder = os.environ.get("LJD_SPDX_MODEL")
    if not folder:
        pytest.skip("LJD_SPDX_MODEL is not set: no shapes of SPDX here")
    context = json.loads((Path(folder) / "spdx-context.jsonld").read_bytes())
    data = rdflib.Graph().parse(data=json.dumps({**document, **context}), format="json-ld")
    shapes = rdflib.Graph().parse(Path(folder) / "spdx-model.ttl")
    conforms, _, text = pyshacl.validate(data, shacl_graph=shapes, ont_graph=shapes)
    return conforms, text


def test_it_conforms_to_the_shapes_of_spdx(document: dict[str, Any]) -> None:
    conforms, text = _conforms(document)

    assert conforms, text


def test_the_shapes_would_object(document: dict[str, Any]) -> None:
    graph = [{key: value for key, value in item.items() if key != "dataset_datasetType"} for item in document["@graph"]]

    conforms, text = _conforms({**document, "@graph": graph})

    assert not conforms and "datasetType" in text


def test_every_file_has_its_checksum_and_license(sample_dataset: Path, document: dict[str, Any]) -> None:
    elements = {item.get("spdxId"): item for item in document["@graph"]}
    content = report.load(sample_dataset)
    declared = {
        item["from"]: item["to"][0]
        for item in document["@graph"]
        if item.get("relationshipType") == "hasDeclaredLicense"
    }
    for task in content.built.values():
        for shard in task.shards:
            place = spdx._id(content, f"file/{shard.path}")
            (checksum,) = elements[place]["verifiedUsing"]
            assert checksum["hashValue"] == sha256(sample_dataset / shard.path)
            license = elements[declared[place]]["simplelicensing_licenseExpression"]
            assert license == spdx.expression(catalogue.CORPORA[task.corpus].license)


def test_files_of_the_curated_edition_and_of_chat_are_listed_too(clean_dataset: Path, tmp_path: Path) -> None:
    directory = shutil.copytree(clean_dataset, tmp_path / "dataset")
    content = with_chat(report.load(directory), directory, workers=1)
    document = spdx.document(content)
    names = {item["name"] for item in document["@graph"] if item["type"] == "software_File"}

    shards = {shard.path for task in content.clean.configs.values() for shard in task.shards}
    assert shards and shards | {file.path for file in content.chat} <= names
    _, objects = spdx_python_model.load_data(document)
    assert not objects.link(), "an element that is named is not there"


def test_a_missing_raw_file_is_left_out(sample_dataset: Path) -> None:
    content = with_statuses(report.load(sample_dataset), "jsquad", "missing", "changed")
    first, second = content.configs["jsquad"].files
    names = [item.get("spdxId", "").partition("#")[2] for item in spdx.document(content)["@graph"]]

    assert f"raw/jsquad/{second.name}" in names and f"raw/jsquad/{first.name}" not in names


def test_licenses_that_spdx_does_not_list_are_references() -> None:
    written = {id: spdx.expression(license) for id, license in LICENSES.items()}

    assert written["CC-BY-SA-4.0"] == "CC-BY-SA-4.0"
    assert written["wordnet-ja"] == "LicenseRef-wordnet-ja"
