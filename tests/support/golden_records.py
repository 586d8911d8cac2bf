"""Golden records: what each corpus makes of its samples, one JSON object a line, kept in git and read in review.

Beside them stands the version of each task, with a digest of the records it had: records that change ask for a version
that is raised (`builders.corpus.Task.version`), so that whoever has the dataset sees which configs are others now.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import orjson

from builders.build.shards import steps
from builders.commands.options import SAMPLES
from builders.corpus import Corpus, Part
from builders.download import SourceFile, obtain
from builders.schema import SCHEMA

DIRECTORY = Path(__file__).parents[1] / "corpora" / "golden"
COMMAND = "python -m tests.corpora.regenerate {}"


@dataclass(frozen=True)
class TaskVersion:
    """What is remembered of a task config.

    Args:
        version: the task's.
        records: hex sha256 of its golden records, in their order.
        samples: hex sha256 over the sample files they were made from.
    """

    version: int
    records: str
    samples: str


def _sample_files(corpus: Corpus) -> tuple[SourceFile, ...]:
    return obtain(corpus, sources=SAMPLES)


def sample_parts(corpus: Corpus) -> list[Part]:
    """The parts of a corpus's samples."""
    return corpus.split({file.name: file.path for file in _sample_files(corpus) if file.path is not None})


def made_from_samples(corpus: Corpus) -> dict[str, bytes]:
    """Golden files of a corpus, by name, as they come out now."""
    records: list[dict[str, Any]] = []
    rejected: list[dict[str, Any]] = []
    for task in corpus.tasks:
        for part in sample_parts(corpus):
            for step in steps(corpus, task, part):
                for batch in step.records.values():
                    records += [{"config": task.config, **row} for row in batch.cast(SCHEMA).to_pylist()]
                for row in step.rejected:
                    kept = {"config": task.config, "place": row.place, "reason": row.reason, "raw": row.raw}
                    rejected.append(kept)
    return {
        f"{corpus.name}.records.jsonl": _lines(records),
        f"{corpus.name}.rejected.jsonl": _lines(rejected),
        _versions_name(corpus): orjson.dumps(
            _versions(corpus, records), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
        ),
    }


def not_raised(corpus: Corpus, made: Mapping[str, bytes]) -> list[str]:
    """Says which tasks have other records than their golden ones, and the version of those.

    Args:
        corpus: whose tasks.
        made: its golden files, as they come out now.

    Returns:
        What to do for each; nothing for tasks that are new, and for those whose rejected rows alone are others.
    """
    path = DIRECTORY / _versions_name(corpus)
    if not path.is_file():
        return []
    golden = {name: (DIRECTORY / name).read_bytes() for name in made}
    before, after = (msgspec.json.decode(files[path.name], type=dict[str, TaskVersion]) for files in (golden, made))
    records = f"{corpus.name}.records.jsonl"
    return [
        f'The records of "{config}" changed, but its version is still {task.version}: raise version of "{config}" first '
        f"(version={before[config].version + 1} in its Task in builders/corpora/{corpus.name}.py). "
        f"If this change has raised it already, or edited samples only, delete {path.name} and regenerate."
        for config, task in after.items()
        if config in before
        and task.version <= before[config].version
        and task.records != before[config].records
        and (task.samples == before[config].samples or _texts(golden[records], config) - _texts(made[records], config))
    ]


def _texts(records: bytes, config: str) -> Counter[tuple[str, str, str]]:
    """How often a task has each record: with more samples there are more records, but none is lost."""
    rows = (orjson.loads(line) for line in records.splitlines())
    return Counter((row["instruction"], row["input"], row["output"]) for row in rows if row["config"] == config)


def _versions_name(corpus: Corpus) -> str:
    return f"{corpus.name}.versions.json"


def _versions(corpus: Corpus, records: Sequence[dict[str, Any]]) -> dict[str, TaskVersion]:
    samples = _digest([[file.name, file.sha256] for file in _sample_files(corpus)])
    return {
        task.config: TaskVersion(
            task.version, _digest([record for record in records if record["config"] == task.config]), samples
        )
        for task in corpus.tasks
    }


def _digest(content: object) -> str:
    return hashlib.sha256(orjson.dumps(content)).hexdigest()


def _lines(rows: Sequence[dict[str, Any]]) -> bytes:
    return b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows)
