"""The leak report: which records of which corpus hold which items of which benchmark, to the last character or nearly.

It looks at a built dataset, or at any JSON Lines file whose objects have `instruction`, `input` and `output`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import numpy as np
import orjson
import pyarrow as pa

from builders import catalogue
from builders.clean.overlap.benchmarks import Benchmark, own_items, read
from builders.clean.overlap.index import Index
from builders.clean.overlap.leaks import leaks
from builders.clean.texts.normalize import normalize
from builders.clean.texts.payload import CELLS, cells
from builders.clean.texts.spans import locate
from builders.corpus import Template
from builders.errors import BuildError, FormatError
from builders.files import replacing
from builders.formats.json_records import read_lines
from builders.tree import reader
from builders.tree.report import Report

JSONL, PNG = "leaks.jsonl", "leaks.png"
ROWS = 8_192
"""Records that are looked at together."""
LONGEST = 1 << 24
"""Bytes of a line that is looked at to know a file again."""
ITSELF, EXACTLY, NEARLY = "is the item", "exactly", "nearly"
"""How a record matches: it was made from the item, holds all of it, or most of it."""


@dataclass(frozen=True)
class Leak:
    """A record that holds an item.

    Args:
        corpus: the record's source; the file's name for a file without that column.
        id: the record's; its line in a file without that column.
        benchmark, item: name, and key of the item.
        match: `EXACTLY` or `NEARLY`; `ITSELF` for a record that is an item of a benchmark of the dataset.
        score: covered share of the item, weighted by rarity.
        text: the item's text that was found.
        column, found: where, and what stands there.
    """

    corpus: str
    id: str
    benchmark: str
    item: str
    match: str
    score: float
    text: str
    column: str
    found: str


@dataclass(frozen=True)
class Leaks:
    """What was found.

    Args:
        leaks: in the records' order.
        items: number of items by benchmark.
        skipped: items too short to be told.
        records: number of records looked at, by corpus.
    """

    leaks: Sequence[Leak]
    items: dict[str, int]
    skipped: int
    records: dict[str, int]

    def counts(self) -> dict[tuple[str, str, str], int]:
        """Number of records by benchmark, corpus and way of matching, in order."""
        records = {(leak.benchmark, leak.corpus, leak.match, leak.id) for leak in self.leaks}
        return dict(sorted(Counter(record[:3] for record in records).items()))


def of_dataset(
    directory: Path, content: Report, benchmarks: Sequence[Benchmark], progress: Callable[[int], None]
) -> Leaks:
    """Looks at a built dataset.

    Args:
        directory: the output directory.
        content: its report, with configs that the catalogue knows.
        benchmarks: to look for (`builders.clean.overlap.benchmarks.collect`).
        progress: called with the number of records of each batch.
    """
    columns = (*CELLS, "task", "id", "source")

    def batches() -> Iterator[tuple[str, Sequence[Template], pa.RecordBatch]]:
        for name, entry in content.built.items():
            templates = catalogue.TASK_CONFIGS[name][1].templates
            for batch in reader.batches(directory, entry, columns):
                for first in range(0, batch.num_rows, ROWS):
                    yield name, templates, batch.slice(first, ROWS)

    return _look(batches(), benchmarks, progress)


def of_file(path: Path, files: Sequence[str], progress: Callable[[int], None]) -> Leaks:
    """Looks at a JSON Lines file.

    Args:
        path: the file.
        files: benchmark files, as `builders.clean.overlap.benchmarks.collect` takes them.
        progress: called with the number of records of each batch.

    Raises:
        BuildError: the file, or a benchmark, cannot be read or lacks a field.
    """
    benchmarks = [read(file) for file in files]
    return _look((("", (), batch) for batch in _batches(path)), benchmarks, progress)


def _batches(path: Path) -> Iterator[pa.RecordBatch]:
    try:
        lines = read_lines(path)
        while rows := [_row(path, place, value) for place, value in islice(lines, ROWS)]:
            yield pa.RecordBatch.from_pylist(rows, pa.schema([(name, pa.string()) for name in rows[0]]))
    except FormatError as error:
        raise BuildError(f"This file cannot be read: {error}.", "Give a JSON Lines file, a record a line.") from error


def _row(path: Path, place: str, value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise FormatError(path.name, place, "not a JSON object")
    missing = [name for name in CELLS if not isinstance(value.get(name), str)]
    if missing:
        raise BuildError(
            f'{path}, {place}: no text in "{missing[0]}". It has: {", ".join(value)}.',
            f"Give records with {', '.join(CELLS)}; all of them are texts.",
        )
    about = {"task": "", "id": place, "source": path.stem}
    return {name: value[name] for name in CELLS} | {name: str(value.get(name, other)) for name, other in about.items()}


def _look(
    batches: Iterable[tuple[str, Sequence[Template], pa.RecordBatch]],
    benchmarks: Sequence[Benchmark],
    progress: Callable[[int], None],
) -> Leaks:
    index = Index([item for benchmark in benchmarks for item in benchmark.items])
    found: list[Leak] = []
    records = Counter[str]()
    for config, templates, batch in batches:
        found += _in_batch(config, templates, batch, benchmarks, index)
        records.update(
            {entry["values"]: entry["counts"] for entry in batch.column("source").value_counts().to_pylist()}
        )
        progress(batch.num_rows)
    return Leaks(found, {one.name: len(one.items) for one in benchmarks}, index.skipped, dict(records))


def _in_batch(
    config: str, templates: Sequence[Template], batch: pa.RecordBatch, benchmarks: Sequence[Benchmark], index: Index
) -> Iterator[Leak]:
    texts = cells(batch, templates)
    hits = leaks(index, normalize(texts))
    is_own = {benchmarks[number].name: mask for number, mask in own_items(batch.column("id"), config, benchmarks)}
    rows = list(zip(*(column.take(pa.array(hits.record)).to_pylist() for column in texts), strict=True))
    spans = locate(rows, hits.start, hits.end)
    for place in range(len(hits)):
        record, item = int(hits.record[place]), index.items[int(index.item[hits.text[place]])]
        itself = item.benchmark in is_own and bool(is_own[item.benchmark][record])
        score = float(hits.score[place])
        row, span = rows[place], next(iter(spans[place]), None)
        yield Leak(
            corpus=batch.column("source")[record].as_py(),
            id=batch.column("id")[record].as_py(),
            benchmark=item.benchmark,
            item=item.key,
            match=ITSELF if itself else EXACTLY if np.isclose(score, 1) else NEARLY,
            score=round(score, 4),
            text=index.text(int(hits.text[place])),
            column=CELLS[span.cell] if span else "",
            found=row[span.cell][span.start : span.end] if span else "",
        )


def write(found: Leaks, path: Path) -> None:
    """Writes the leaks as JSON Lines, whole or not at all."""
    with replacing(path) as file:
        file.writelines(orjson.dumps(asdict(leak), option=orjson.OPT_APPEND_NEWLINE) for leak in found.leaks)


def is_ours(file: BinaryIO) -> bool:
    """Says whether an open file that is not empty was written by `write`."""
    try:
        msgspec.json.decode(file.readline(LONGEST), type=Leak)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    return True
