"""Golden records: what each corpus makes of its samples, one JSON object a line, kept in git and read in review."""

from __future__ import annotations

from pathlib import Path

import orjson

from builders.commands.options import SAMPLES
from builders.corpus import Corpus, Part
from builders.download import obtain
from builders.records import SCHEMA
from builders.shards import steps

DIRECTORY = Path(__file__).parent / "golden"
COMMAND = "python -m tests.corpora.regenerate {}"


def sample_parts(corpus: Corpus) -> list[Part]:
    """The parts of a corpus's samples."""
    files = obtain(corpus, sources=SAMPLES)
    return corpus.split({file.name: file.path for file in files if file.path is not None})


def made_from_samples(corpus: Corpus) -> dict[str, bytes]:
    """Golden files of a corpus, by name, as they come out now."""
    records, rejects = [], []
    for task in corpus.tasks:
        for part in sample_parts(corpus):
            for step in steps(task.config, part):
                for batch in step.records.values():
                    records += [{"config": task.config, **row} for row in batch.cast(SCHEMA).to_pylist()]
                for reject in step.rejects:
                    row = {"config": task.config, "place": reject.place, "reason": reject.reason, "raw": reject.raw}
                    rejects.append(row)
    return {f"{corpus.name}.records.jsonl": _lines(records), f"{corpus.name}.rejects.jsonl": _lines(rejects)}


def _lines(rows: list[dict]) -> bytes:
    return b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows)
