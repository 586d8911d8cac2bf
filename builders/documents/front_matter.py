"""The card's YAML: what `datasets`, the Hub and its viewer read.

Fields as the Hub specifies them: https://github.com/huggingface/hub-docs/blob/main/datasetcard.md
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from builders import catalogue, layout
from builders.schema import COLUMNS, SPLIT
from builders.tree import reader
from builders.tree.export.formats import KEPT
from builders.tree.reader import BuiltConfig
from builders.tree.report import ConfigReport, Report

SIZES = {
    1_000: "n<1K",
    10_000: "1K<n<10K",
    100_000: "10K<n<100K",
    1_000_000: "100K<n<1M",
    10_000_000: "1M<n<10M",
    100_000_000: "10M<n<100M",
}
"""The Hub's size categories, by the number of records that each stays under."""
TASKS = {"translation": "translation", "knowledge": "question-answering"}
"""The Hub's task category of a group; everything is text generation besides."""


def front_matter(report: Report) -> str:
    """The YAML block that begins the card, with the lines of dashes around it."""
    configs = reader.all_configs(report)
    built = report.built
    content: dict[str, Any] = {
        "pretty_name": report.repository.rpartition("/")[2],
        "language": ["ja", "en"],
        "license": "other",
        "license_name": "per-source",
        "license_link": "NOTICE",
        "license_details": _licenses(built),
        "task_categories": ["text-generation", *(task for group, task in TASKS.items() if group in configs)],
        "size_categories": [size_category(sum(entry.records for entry in built.values()))],
        "source_datasets": sorted({f"extended|other-{entry.corpus}" for entry in built.values()}),
        "tags": ["instruction-tuning", "japanese", "chat", "arxiv:2305.12720"],
        "configs": [_data_files(config) for config in configs.values()],
        "dataset_info": [_info(config) for config in configs.values()],
    }
    if report.chat:
        content["configs"].append(_chat_files())
        content["dataset_info"].append(_chat_info())
    return f"---\n{yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=120)}---\n\n"


def size_category(records: int) -> str:
    """The Hub's name for the order of magnitude of a number of records."""
    return next(name for limit, name in SIZES.items() if records < limit)


def _licenses(built: Mapping[str, ConfigReport]) -> str:
    by_corpus = {entry.corpus: entry.license for entry in built.values()}
    return "; ".join(f"{corpus}: {license}" for corpus, license in sorted(by_corpus.items()))


def _data_files(config: BuiltConfig) -> dict[str, Any]:
    data_files = [{"split": SPLIT, "path": layout.glob(config.name)}]
    entry: dict[str, Any] = {"config_name": config.name, "data_files": data_files}
    return entry | ({"default": True} if config.name == catalogue.DEFAULT else {})


def _info(config: BuiltConfig) -> dict[str, Any]:
    return {
        "config_name": config.name,
        "features": [{"name": name, "dtype": "string"} for name in COLUMNS],
        "splits": [{"name": SPLIT, "num_bytes": config.plain_bytes, "num_examples": config.records}],
        "download_size": config.file_bytes,
        "dataset_size": config.plain_bytes,
    }


def _chat_files() -> dict[str, Any]:
    return {"config_name": layout.CHAT, "data_files": [{"split": SPLIT, "path": layout.CHAT_GLOB}]}


def _chat_info() -> dict[str, Any]:
    """The features, without which `datasets` 2 and 3 would take those that newer versions write for a list."""
    turn = [{"name": name, "dtype": "string"} for name in ("role", "content")]
    kept = [{"name": name, "dtype": "string"} for name in KEPT]
    return {
        "config_name": layout.CHAT,
        "features": [{"name": "messages", "list": turn}, *kept],
    }
