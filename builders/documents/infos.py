"""`dataset_infos.json`: features, license, citation and description of every config.

The one beside the code has no sizes, because they belong to one build; it is written by

    python -m tests.documents.regenerate

The one in an output directory has the sizes of that build. `datasets` 2.14 to 5 read both: flat string columns only, since a
list among the features of one config would break all of them in `datasets` 2 and 3. So the config `chat` is not in it.
"""

from __future__ import annotations

from typing import Any

import orjson

import builders
from builders import catalogue
from builders.schema import COLUMNS, SPLIT
from builders.tree import reader
from builders.tree.report import Report

NAME = "dataset_infos.json"

Infos = dict[str, dict[str, Any]]
"""What is known of each config, by its name."""


def of_catalogue() -> Infos:
    """Every config of the catalogue, without sizes."""
    return {config: _about(config, builders.__version__, catalogue.REPOSITORY) for config in catalogue.CONFIGS}


def of_dataset(content: Report) -> Infos:
    """The configs of a built dataset, with its sizes.

    Args:
        content: its report.
    """
    infos: Infos = {}
    for config in reader.all_configs(content).values():
        split = {"name": SPLIT, "num_bytes": config.plain_bytes, "num_examples": config.records}
        infos[config.name] = _about(config.name, content.version, content.repository) | {
            "splits": {SPLIT: split},
            "download_size": config.file_bytes,
            "dataset_size": config.plain_bytes,
        }
    return infos


def to_json(infos: Infos) -> bytes:
    """The file's content."""
    return orjson.dumps(infos, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _about(config: str, version: str, repository: str) -> dict[str, Any]:
    major, minor, patch = map(int, version.split("."))
    return {
        "description": catalogue.describe(config),
        "citation": catalogue.CITATION,
        "homepage": f"https://huggingface.co/datasets/{repository}",
        "license": catalogue.licenses(config),
        "features": {name: {"dtype": "string", "_type": "Value"} for name in COLUMNS},
        "config_name": config,
        "version": {"version_str": version, "major": major, "minor": minor, "patch": patch},
    }
