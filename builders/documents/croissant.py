"""`croissant.json`: the built dataset in the vocabulary of Croissant 1.1, with its RAI, PROV-O and ODRL terms.

Specification: https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html
RAI: https://docs.mlcommons.org/croissant/docs/croissant-rai-spec.html
PROV-O: https://www.w3.org/TR/prov-o/ and ODRL: https://www.w3.org/TR/odrl-vocab/

It names every raw file and every Parquet file with its checksum, and the columns of every config. Addresses of the
Parquet files are relative to it, so that it describes a downloaded copy as well as the repository.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from builders import catalogue, layout, licenses
from builders.corpus import License
from builders.documents import facts
from builders.documents.changes import date_of
from builders.schema import COLUMNS, MEANING
from builders.tree import reader
from builders.tree.export.formats import KEPT
from builders.tree.reader import BuiltConfig
from builders.tree.report import ConfigReport, OutputFile, Report

CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "arrayShape": "cr:arrayShape",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn",
    "cc": "http://creativecommons.org/ns#",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "description": {"@container": "@language"},
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isArray": "cr:isArray",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "name": {"@container": "@language"},
    "odrl": "http://www.w3.org/ns/odrl/2/",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "prov": "http://www.w3.org/ns/prov#",
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
"""The context that the specification asks for, with the names of PROV-O and ODRL."""
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
    corpora = facts.corpora(report)
    configs = reader.all_configs(report)
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": ["http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"],
        "name": report.repository.rpartition("/")[2],
        "description": f"Japanese instruction data made from {', '.join(corpus.title for corpus in corpora)}.",
        "url": f"https://huggingface.co/datasets/{report.repository}",
        "version": report.version,
        "datePublished": date_of(report.version),
        "dateCreated": date_of(report.version),
        "dateModified": date_of(report.version),
        "license": sorted({corpus.license.url for corpus in corpora}),
        "usageInfo": [_policy(license) for license in facts.licenses(report)],
        "citeAs": catalogue.CITATION,
        "creator": [{"@type": "sc:Organization", "name": corpus.attribution} for corpus in corpora],
        "publisher": {"@type": "sc:Organization", "name": report.repository.partition("/")[0]},
        "sameAs": PAPER,
        "inLanguage": ["ja", "en"],
        "keywords": ["instruction tuning", "Japanese"],
        "isLiveDataset": False,
        **_responsible_ai(report),
        "prov:wasDerivedFrom": [{"@id": corpus.homepage} for corpus in corpora],
        "prov:wasGeneratedBy": _activity(report),
        "distribution": [
            *_raw_files(built),
            *_parquet_files(built),
            *_curated_files(report),
            *_chat_files(report),
            *(
                _file_set(name, (shard.path for task in config.tasks.values() for shard in task.shards))
                for name, config in configs.items()
            ),
            *([_file_set(layout.CHAT, (file.path for file in facts.conversations(report)))] if report.chat else []),
        ],
        "recordSet": [*map(_records, configs.values()), *([_conversations(report)] if report.chat else [])],
    }


PAPER = "https://arxiv.org/abs/2305.12720"


def _responsible_ai(report: Report) -> Json:
    """The RAI fields, from the tables of the corpora and the counts of the build."""
    return {f"rai:{name}": value for name, value in facts.responsible_ai(report).items()}


def _activity(report: Report) -> Json:
    """How the records were made, as a PROV activity."""
    software = [f"{name} {version}" for name, version in report.software.items()]
    return {
        "@type": "prov:Activity",
        "prov:label": f"python -m builders build, version {report.version}, with {', '.join(software)}",
        "prov:used": [{"@id": item["@id"]} for item in _raw_files(report.built)],
    }


def _policy(license: License) -> Json:
    """What a license lets do with the records made from its corpora, as an ODRL policy."""
    attribute = {"odrl:action": {"@id": "odrl:attribute"}}
    share = [{"odrl:action": {"@id": "cc:ShareAlike"}}] if license.share_alike else []
    closed = [] if license.commercial else [{"odrl:action": {"@id": "odrl:commercialize"}}]
    public = license.id == licenses.PUBLIC_DOMAIN.id
    return {
        "@type": "odrl:Set",
        "@id": license.url,
        "odrl:uid": license.id,
        "odrl:permission": [
            {
                "odrl:action": [{"@id": f"odrl:{action}"} for action in ("use", "derive", "distribute", "reproduce")],
                **({} if public else {"odrl:duty": [attribute, *share]}),
            }
        ],
        **({"odrl:prohibition": closed} if closed else {}),
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
                "license": catalogue.CORPORA[entry.corpus].license.url,
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
        _parquet_file(shard, entry.corpus, [f"raw/{entry.corpus}/{file.name}" for file in entry.files if file.sha256])
        for entry in built.values()
        for shard in entry.shards
    ]


def _curated_files(report: Report) -> list[Json]:
    """The Parquet files of the curated edition; each comes from those of its task config."""
    return [
        _parquet_file(shard, entry.corpus, [built.path for built in report.configs[name].shards])
        for name, entry in (report.clean.configs if report.clean else {}).items()
        for shard in entry.shards
    ]


def _parquet_file(file: OutputFile, corpus: str, origins: Sequence[str]) -> Json:
    return {
        "@type": "cr:FileObject",
        "@id": file.path,
        "name": file.path,
        "contentUrl": file.path,
        "contentSize": f"{file.bytes} B",
        "encodingFormat": PARQUET,
        "sha256": file.sha256,
        "license": catalogue.CORPORA[corpus].license.url,
        "prov:wasDerivedFrom": [{"@id": origin} for origin in origins],
    }


def _chat_files(report: Report) -> list[Json]:
    """The files of the config `chat`; each comes from the file of records that it stands beside."""
    corpora = {shard.path: entry.corpus for entry in report.built.values() for shard in entry.shards}
    origins = ((file, file.path.removeprefix(f"{layout.CHAT}/")) for file in report.chat)
    return [_parquet_file(file, corpora[origin], [origin]) for file, origin in origins]


def _file_set(config: str, paths: Iterable[str]) -> Json:
    """The files of a config: a glob for each of their folders.

    The config's own glob would not do: a star of mlcroissant crosses a `/`, so that it finds the curated edition too.
    """
    folders = dict.fromkeys(path.rpartition("/")[0] for path in paths)
    return {
        "@type": "cr:FileSet",
        "@id": f"files/{config}",
        "name": f"files/{config}",
        "encodingFormat": PARQUET,
        "includes": [f"{folder}/*.parquet" for folder in folders],
    }


def _record_set(name: str, about: str, records: int, fields: list[Json]) -> Json:
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": f"{about} {records:,} records.",
        "key": {"@id": f"{name}/id"},
        "field": fields,
    }


def _field(config: str, name: str, description: str, **others: object) -> Json:
    return {"@type": "cr:Field", "@id": f"{config}/{name}", "name": name, "description": description, **others}


def _text(config: str, name: str, description: str, column: str, **transform: str) -> Json:
    """A field of text from a column, or from the place in it that `transform` says."""
    source: Json = {"fileSet": {"@id": f"files/{config}"}, "extract": {"column": column}}
    if transform:
        source["transform"] = [transform]
    return _field(config, name, description, dataType="sc:Text", source=source)


def _records(built: BuiltConfig) -> Json:
    """The record set of a config."""
    fields = [_text(built.name, name, MEANING[name], name) for name in COLUMNS]
    return _record_set(built.name, catalogue.describe(built.name), built.records, fields)


def _conversations(report: Report) -> Json:
    """The record set of the config `chat`."""
    config, column = layout.CHAT, "messages"
    parts = {"role": "Who speaks: `user`, then `assistant`.", "content": "What is said."}
    turns = [
        _text(config, f"{column}/{name}", meaning, column, jsonPath=f"$[*].{name}") for name, meaning in parts.items()
    ]
    messages = _field(config, column, "What is asked, and the answer.", isArray=True, arrayShape="-1", subField=turns)
    kept = [_text(config, name, MEANING[name], name) for name in KEPT]
    records = sum(file.rows or 0 for file in facts.conversations(report))
    about = f"The records of `{catalogue.DEFAULT}` as conversations."
    return _record_set(config, about, records, [messages, *kept])
