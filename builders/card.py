"""What is written beside the data, all of it made from the build's report: README.md with its YAML, dataset_infos.json."""

from __future__ import annotations

from pathlib import Path

import orjson
import yaml

from builders import catalogue
from builders.records import COLUMNS


def documents(report: dict, tree: Path) -> dict[str, bytes]:
    """All files that describe a built tree.

    Args:
        report: as `builders.report` documents it.
        tree: the built tree, for what is read from the records themselves.

    Returns:
        Contents by path relative to the tree.
    """
    return {"README.md": _readme(report).encode(), "dataset_infos.json": orjson.dumps({})}


def configs(report: dict) -> dict[str, tuple[str, ...]]:
    """Leaves by config, for the configs of which at least one leaf is in the tree."""
    built = [name for name, entry in report["leaves"].items() if entry["shards"]]
    present = {config: tuple(leaf for leaf in leaves if leaf in built) for config, leaves in catalogue.CONFIGS.items()}
    return {config: leaves for config, leaves in present.items() if leaves}


def _readme(report: dict) -> str:
    header = {"configs": [], "dataset_info": []}
    for config, leaves in configs(report).items():
        paths = [f"{leaf}/train-*.parquet" for leaf in leaves]
        entry = {"config_name": config, "data_files": [{"split": "train", "path": paths}]}
        header["configs"].append(entry | ({"default": True} if config == catalogue.DEFAULT else {}))
        entries = [report["leaves"][leaf] for leaf in leaves]
        size = sum(entry["plain_bytes"] for entry in entries)
        header["dataset_info"].append(
            {
                "config_name": config,
                "features": [{"name": name, "dtype": "string"} for name in COLUMNS],
                "splits": [
                    {"name": "train", "num_bytes": size, "num_examples": sum(entry["records"] for entry in entries)}
                ],
                "download_size": sum(shard["bytes"] for entry in entries for shard in entry["shards"]),
                "dataset_size": size,
            }
        )
    return f"---\n{yaml.safe_dump(header, sort_keys=False, allow_unicode=True)}---\n\n# llm-japanese-dataset\n"
