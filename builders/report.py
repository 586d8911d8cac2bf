"""`report.json`: what a built tree holds, where each part of it came from, and why counts differ from the paper's.

The card, `verify`, `publish` and `stats` read it; nothing in it depends on when or where the build ran:

    {"version": "1.0.0",                       of the dataset
     "builders": "<sha256>",                   digest of the code that built the tree
     "software": {"python": ..., "pyarrow": ...},
     "leaves": {"translation-coursera": {
        "corpus": "coursera", "licence": "Apache-2.0",
        "fingerprint": "<sha256>",             of all that decides the leaf's bytes
        "sample": false,                       true: built from the invented samples
        "rows_read": 53166, "records": 106332,
        "templates": {"ja-en": 53166, "en-ja": 53166},
        "rejects": {"empty english": 3},       rows and records left out, by reason
        "patches": {"aio-quiz": "applied"},    named corrections met: applied, or not, since "raw text differs"
        "paper": 106332, "difference": 0, "why": "",
        "plain_bytes": 20123456,               as plain Arrow strings
        "characters": {"input": {"total": .., "histogram": [..]}, "output": ..},   as `builders.lengths` counts
        "shards": [{"path": "translation-coursera/train-00000-of-00001.parquet", "rows": .., "bytes": .., "sha256": ..}],
        "rejected": {"path": "rejected/translation-coursera.jsonl", "rows": .., "bytes": .., "sha256": ..},
        "files": [{"name": .., "url": .., "bytes": .., "sha256": .., "status": "verified",
                   "reason": ""}]}},
     "tokens": {"tokenizer": "llama-13b",      name of the tokenizer's directory; {} where nothing was counted
                "leaves": {"translation-coursera": 123}},   tokens of inputs and outputs (`stats --tokenizer DIR --card`)
     "documents": {"README.md": {"path": .., "bytes": .., "sha256": ..}}}   what is made from all of the above

A file's status is `verified` (it is the pinned file), `unpinned` (upstream changes it; nothing to compare with),
`changed` or `missing` (accepted by --best-effort), or `sample`.
"""

from __future__ import annotations

import hashlib
import os
import platform
from pathlib import Path

import orjson
import pyarrow as pa

import builders
from builders.corpus import Task
from builders.download import SourceFile
from builders.errors import BuildError

NAME = "report.json"


def code_digest() -> str:
    """Hex sha256 of everything in `builders/` that decides what is built: any change of it rebuilds every shard."""
    root = Path(builders.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        if path.suffix in (".py", ".toml"):
            digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def empty() -> dict:
    """A report of no leaves."""
    software = {"python": platform.python_version(), "pyarrow": pa.__version__}
    return {
        "version": builders.__version__,
        "builders": code_digest(),
        "software": software,
        "leaves": {},
        "tokens": {},
        "documents": {},
    }


def read(directory: Path) -> dict:
    """The report of a built tree.

    Raises:
        BuildError: there is none, or it is damaged.
    """
    path = directory / NAME
    if not path.is_file():
        raise BuildError(
            f"{directory} holds no {NAME}, so it is no built dataset.",
            f"Build one: python -m builders build --out {directory}",
        )
    try:
        return orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise BuildError(
            f"{path} is damaged: {error}.", f"Build again: python -m builders build --out {directory}"
        ) from None


def write(directory: Path, content: dict) -> None:
    """Writes the report whole or not at all."""
    write_atomically(directory / NAME, orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def sha256(path: Path) -> str:
    """Hex digest of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_atomically(path: Path, content: bytes) -> None:
    """Writes a small file under a temporary name, flushes it, renames it. Its directory is made if need be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".tmp")
    with open(temporary, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


def why(task: Task, records: int, files: tuple[SourceFile, ...]) -> str:
    """Why a leaf's count differs from the paper's, in words; "" where it does not differ."""
    if records == task.paper:
        return ""
    if any(file.status == "sample" for file in files):
        return "built from the invented samples"
    reasons = [f"{file.name} is missing" for file in files if file.status == "missing"]
    reasons += [f"{file.name} is not the file that was pinned" for file in files if file.status == "changed"]
    if task.difference:
        reasons.append(task.difference)
    return (
        "; ".join(reasons)
        or "not explained: rows were rejected (see the reasons), or this is a fault; please report it"
    )
