"""`dataset.spdx.json`: the built dataset as SPDX 3.0.1 describes datasets, with every file, its sha256 and its license.

Specification: https://spdx.github.io/spdx-spec/v3.0.1/model/Dataset/Classes/DatasetPackage/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

from builders import catalogue, layout
from builders.corpus import License
from builders.documents import facts
from builders.documents.changes import date_of
from builders.tree.report import OutputFile, RawFile, Report

NAME = "dataset.spdx.json"
CONTEXT = "https://spdx.org/rdf/3.0.1/spdx-context.jsonld"
INFO = "_:creation"

Json = dict[str, Any]


def to_json(report: Report) -> bytes:
    """The file's content.

    Args:
        report: of the built dataset.
    """
    return orjson.dumps(document(report), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def document(report: Report) -> Json:
    """The JSON-LD document."""
    graph = [
        {
            "type": "CreationInfo",
            "@id": INFO,
            "specVersion": "3.0.1",
            "created": _time(report),
            "createdBy": [_id(report, "publisher")],
        },
        _element(report, "Organization", "publisher", name=report.repository.partition("/")[0]),
        _element(
            report,
            "SpdxDocument",
            "document",
            profileConformance=["core", "software", "simpleLicensing", "dataset"],
            rootElement=[_id(report, "dataset")],
            dataLicense=_id(report, "license/CC0-1.0"),
        ),
        _package(report),
        *_licenses(report),
        *_files(report),
    ]
    return {"@context": CONTEXT, "@graph": graph}


def _id(report: Report, place: str) -> str:
    return f"https://huggingface.co/datasets/{report.repository}/v{report.version}#{place}"


def _time(report: Report) -> str:
    return f"{date_of(report.version)}T00:00:00Z"


def _element(report: Report, kind: str, place: str, **fields: Any) -> Json:
    return {"type": kind, "spdxId": _id(report, place), "creationInfo": INFO, **fields}


def _package(report: Report) -> Json:
    ai = facts.responsible_ai(report)
    fields = {
        "name": report.repository.rpartition("/")[2],
        "originatedBy": [_id(report, "publisher")],
        "builtTime": _time(report),
        "releaseTime": _time(report),
        "software_packageVersion": report.version,
        "software_downloadLocation": f"https://huggingface.co/datasets/{report.repository}",
        "software_primaryPurpose": "data",
        "dataset_datasetType": ["text", "structured"],
        "dataset_datasetSize": sum(shard.bytes for task in report.built.values() for shard in task.shards),
        "dataset_dataCollectionProcess": ai["dataCollection"],
        "dataset_dataPreprocessing": list(facts.PROCESSING),
        "dataset_intendedUse": facts.INTENDED_USE,
        "dataset_knownBias": facts.biases(report),
        "dataset_datasetNoise": " ".join(ai["dataLimitations"]),
        "dataset_datasetAvailability": "directDownload",
        "dataset_datasetUpdateMechanism": ai["dataReleaseMaintenancePlan"],
        "dataset_hasSensitivePersonalInformation": "noAssertion",
        "dataset_confidentialityLevel": "clear",
    }
    return _element(report, "dataset_DatasetPackage", "dataset", **fields)


def expression(license: License) -> str:
    """A license as SPDX writes it: its identifier, or a reference where the list of SPDX has none."""
    try:
        return str(canonicalize_license_expression(license.id))
    except InvalidLicenseExpression:
        return f"LicenseRef-{license.id}"


def _licenses(report: Report) -> Iterator[Json]:
    """The license of this document, those of the records, and all of these together for the dataset."""
    yield _license(report, "CC0-1.0", "CC0-1.0")
    found = facts.licenses(report)
    for license in found:
        yield _license(report, license.id, expression(license))
    yield _license(report, "all", " AND ".join(expression(license) for license in found) or "NONE")
    for kind in ("hasDeclaredLicense", "hasConcludedLicense"):
        yield _relationship(report, kind, "dataset", ["license/all"])


def _license(report: Report, name: str, text: str) -> Json:
    kind = "simplelicensing_LicenseExpression"
    return _element(report, kind, f"license/{name}", simplelicensing_licenseExpression=text)


def _relationship(report: Report, kind: str, source: str, targets: list[str]) -> Json:
    fields = {"from": _id(report, source), "to": [_id(report, target) for target in targets], "relationshipType": kind}
    return _element(report, "Relationship", f"{kind}/{source}", **fields)


def _files(report: Report) -> Iterator[Json]:
    """The Parquet files with their licenses, the raw files, and which of them gave which."""
    parquet: list[str] = []
    generated: dict[tuple[str, RawFile], list[str]] = {}
    for file, license in _data_files(report):
        place = f"file/{file.path}"
        parquet.append(place)
        yield _file(report, place, file.path, file.sha256, "application/vnd.apache.parquet")
        yield _relationship(report, "hasDeclaredLicense", place, [f"license/{license}"])
    for task in report.built.values():
        for raw in task.files:
            if raw.sha256 is not None:
                place = f"raw/{task.corpus}/{raw.name}"
                generated.setdefault((place, raw), []).extend(f"file/{shard.path}" for shard in task.shards)
    yield _relationship(report, "contains", "dataset", parquet)
    for (place, raw), made in generated.items():
        origin = f"From {raw.url}, for {catalogue.CORPORA[place.split('/')[1]].title}: {raw.status}."
        yield _file(report, place, raw.name, raw.sha256 or "", "application/octet-stream", description=origin)
        yield _relationship(report, "generates", place, made)


def _data_files(report: Report) -> Iterator[tuple[OutputFile, str]]:
    """The Parquet files with records, those of the curated edition and of `chat` among them, and their licenses."""
    clean = report.clean.configs.values() if report.clean else ()
    for task in (*report.built.values(), *clean):
        yield from ((shard, task.license) for shard in task.shards)
    licenses = {shard.path: task.license for task in report.built.values() for shard in task.shards}
    yield from ((file, licenses[file.path.removeprefix(f"{layout.CHAT}/")]) for file in report.chat)


def _file(report: Report, place: str, name: str, sha256: str, kind: str, **fields: Any) -> Json:
    checksum = {"type": "Hash", "algorithm": "sha256", "hashValue": sha256}
    about = {"name": name, "contentType": kind, "software_primaryPurpose": "data"}
    return _element(report, "software_File", place, **about, verifiedUsing=[checksum], **fields)
