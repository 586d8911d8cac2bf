"""`croissant.json`: the built dataset in the vocabulary of Croissant 1.0.

Specification: https://docs.mlcommons.org/croissant/docs/croissant-spec.html

It names every raw file and every Parquet file with its checksum, and the columns of every task config config. Addresses of the
Parquet files are relative to it, so that it describes a downloaded copy as well as the repository.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from builders import catalogue, layout
from builders.documents.changes import date_of
from builders.schema import COLUMNS, MEANING
from builders.tree import reader
from builders.tree.report import ConfigReport, Report

CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
"""The context that the specification asks for, with the terms of its later drafts that mlcroissant looks for."""
PARQUET = "application/x-parquet"

Json = dict[str, Any]


def to_json(report: Report) -> bytes:
    """The file's content.

    Args:
        report: of the built dataset.
    """
    return orjson.dumps(metadata(report), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def metadata(report: Report) -> Json:
    """The JSON-LD document."""
    built = report.built
    corpora = {entry.corpus: catalogue.CORPORA[entry.corpus] for entry in built.values()}
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": report.repository.rpartition("/")[2],
        "description": f"Japanese instruction data made from {', '.join(c.title for c in corpora.values())}.",
        "url": f"https://huggingface.co/datasets/{report.repository}",
        "version": report.version,
        "datePublished": date_of(report.version),
        "license": sorted({corpus.license.url for corpus in corpora.values()}),
        "citeAs": catalogue.CITATION,
        "creator": [{"@type": "sc:Organization", "name": corpus.attribution} for corpus in corpora.values()],
        "inLanguage": ["ja", "en"],
        "keywords": ["instruction tuning", "Japanese"],
        "distribution": [*_raw_files(built), *_parquet_files(built), *map(_file_set, built)],
        "recordSet": [_record_set(config) for config in reader.configs(report) if config in built],
    }


def _raw_files(built: Mapping[str, ConfigReport]) -> list[Json]:
    """The raw files that the build read; one that was missing has no checksum and gave no records."""
    objects: dict[str, Json] = {}
    for entry in built.values():
        for file in entry.files:
            if file.status == "missing":
                continue
            identifier = f"raw/{entry.corpus}/{file.name}"
            objects[identifier] = {
                "@type": "cr:FileObject",
                "@id": identifier,
                "name": identifier,
                "description": _origin(entry.corpus, file.status),
                "contentUrl": file.url,
                "contentSize": f"{file.bytes} B",
                "encodingFormat": "application/octet-stream",
                "sha256": file.sha256,
            }
    return list(objects.values())


def _origin(corpus: str, status: str) -> str:
    explained = {
        "verified": "the pinned file",
        "unpinned": "as it was when the dataset was built; upstream changes it",
        "changed": "not the pinned file: it was accepted as it was",
        "sample": "an invented sample in the layout of this file, which is not what the address holds",
    }
    return f"Raw file of {catalogue.CORPORA[corpus].title}: {explained[status]}."


def _parquet_files(built: Mapping[str, ConfigReport]) -> list[Json]:
    return [
        {
            "@type": "cr:FileObject",
            "@id": shard.path,
            "name": shard.path,
            "contentUrl": shard.path,
            "contentSize": f"{shard.bytes} B",
            "encodingFormat": PARQUET,
            "sha256": shard.sha256,
        }
        for entry in built.values()
        for shard in entry.shards
    ]


def _file_set(config: str) -> Json:
    return {
        "@type": "cr:FileSet",
        "@id": f"files/{config}",
        "name": f"files/{config}",
        "encodingFormat": PARQUET,
        "includes": layout.glob(config),
    }


def _record_set(config: str) -> Json:
    fields = [
        {
            "@type": "cr:Field",
            "@id": f"{config}/{name}",
            "name": name,
            "description": MEANING[name],
            "dataType": "sc:Text",
            "source": {"fileSet": {"@id": f"files/{config}"}, "extract": {"column": name}},
        }
        for name in COLUMNS
    ]
    return {
        "@type": "cr:RecordSet",
        "@id": config,
        "name": config,
        "description": catalogue.describe(config),
        "key": {"@id": f"{config}/id"},
        "field": fields,
    }
