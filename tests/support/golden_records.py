"""Golden records: what each corpus makes of its samples, one JSON object a line, kept in git and read in review."""

from __future__ import annotations

from pathlib import Path

import orjson

from builders.build.shards import steps
from builders.commands.options import SAMPLES
from builders.corpus import Corpus, Part
from builders.download import obtain
from builders.schema import SCHEMA

DIRECTORY = Path(__file__).parents[1] / "corpora" / "golden"
COMMAND = "python -m tests.corpora.regenerate {}"


def sample_parts(corpus: Corpus) -> list[Part]:
    """The parts of a corpus's samples."""
    files = obtain(corpus, sources=SAMPLES)
    return corpus.split({file.name: file.path for file in files if file.path is not None})


def made_from_samples(corpus: Corpus) -> dict[str, bytes]:
    """Golden files of a corpus, by name, as they come out now."""
    records, rejected = [], []
    for task in corpus.tasks:
        for part in sample_parts(corpus):
            for step in steps(corpus, task, part):
                for batch in step.records.values():
                    records += [{"config": task.config, **row} for row in batch.cast(SCHEMA).to_pylist()]
                for row in step.rejected:
                    kept = {"config": task.config, "place": row.place, "reason": row.reason, "raw": row.raw}
                    rejected.append(kept)
    return {f"{corpus.name}.records.jsonl": _lines(records), f"{corpus.name}.rejected.jsonl": _lines(rejected)}


def _lines(rows: list[dict]) -> bytes:
    return b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows)
