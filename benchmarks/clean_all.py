"""The whole curated edition over 8.39 million made records: seconds of each step, and the peak of memory.

    python -m benchmarks.clean_all DIR [--records 8393726] [--workers 2]

DIR is a built dataset, whose rows are woven to made records with planted copies and leaks (see `benchmarks.clean`). They
are laid out as a built dataset of their own, and `builders.clean.run.run_clean` makes its curated edition: verifying
what was built, all rules, benchmark overlap, duplicates, marks, curated records and the second look. Peak memory is that
of all processes together.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.clean import generate
from benchmarks.machine import describe_machine
from benchmarks.wikipedia import Memory, cpu_seconds
from builders import catalogue, layout
from builders.build.parquet import OPTIONS
from builders.clean import settings
from builders.clean.overlap.items import Item
from builders.clean.run import run_clean
from builders.files import sha256
from builders.schema import COLUMNS, SCHEMA
from builders.tree import report
from builders.tree.report import ConfigReport, OutputFile, Report

RECORDS = 8_393_726


class Clock:
    """A `Progress` that keeps the seconds of each step."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._start = time.perf_counter()

    def start(self, name: str, total: int | None = None) -> None:
        """Begins to count."""
        self._start = time.perf_counter()

    def advance(self, name: str, records: int) -> None:
        """Counts nothing."""

    def finish(self, name: str, records: int) -> None:
        """Keeps what was counted."""
        self.seconds[name] = time.perf_counter() - self._start


def lay_out(made: Path, dataset: Path, out: Path) -> Report:
    """Gives made records the columns, names and report of a built dataset."""
    old = report.load(dataset)
    configs = {}
    for name, entry in old.configs.items():
        files = sorted(made.glob(f"{name}--*.parquet"))
        if files:
            configs[name] = _lay_out(name, entry, files, out)
    new = Report(configs=configs)
    report.dump(new, out)
    return new


def _lay_out(name: str, entry: ConfigReport, files: Sequence[Path], out: Path) -> ConfigReport:
    corpus, _ = catalogue.TASK_CONFIGS[name]
    shards, templates, first = [], Counter[str](), 0
    for file, path in zip(files, layout.shard_paths(name, len(files)), strict=True):
        rows = pl.read_parquet(file)
        numbers = pl.int_range(first, first + len(rows)).cast(pl.String)
        key = pl.concat_str([pl.lit(f"{corpus.name}:"), pl.col("task"), pl.lit(":made-"), numbers])
        rows = rows.with_columns(id=key, source=pl.lit(corpus.name), license=pl.lit(corpus.license.id))
        (out / path).parent.mkdir(parents=True, exist_ok=True)
        table = pa.table({column: rows[column].to_arrow().cast(pa.string()) for column in COLUMNS}, SCHEMA)
        pq.write_table(table, out / path, row_group_size=100_000, **OPTIONS)
        shards.append(OutputFile(path, (out / path).stat().st_size, sha256(out / path), len(rows)))
        templates.update(dict(rows["task"].value_counts().iter_rows()))
        first += len(rows)
    none = replace(entry.rejected_rows, rows=0)
    return replace(entry, templates=dict(templates), rejected={}, shards=tuple(shards), rejected_rows=none)


def write_benchmark(items: Sequence[Item], path: Path) -> str:
    """Writes the items that are planted as a benchmark file."""
    lines = (json.dumps({"question": item.question, "answer": item.answer}) for item in items if item.question)
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return str(path)


def main() -> None:
    """Makes the records, makes their curated edition and prints what it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", type=Path, metavar="DIR", help="a built dataset")
    parser.add_argument("--records", type=int, default=RECORDS, help="made records (default: %(default)s)")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "made").mkdir()
        items = generate(options.dataset, folder / "made", options.records)
        built = lay_out(folder / "made", options.dataset, folder / "out")
        benchmark = write_benchmark(items, folder / "planted.jsonl")
        clock = Clock()
        with Memory() as memory:
            start, start_cpu = time.perf_counter(), cpu_seconds()
            clean = run_clean(
                folder / "out",
                settings.defaults(),
                [benchmark],
                workers=options.workers,
                describe=_report_alone,
                progress=clock,
            ).clean
            seconds, cpu = time.perf_counter() - start, cpu_seconds() - start_cpu
    records = sum(entry.records for entry in built.configs.values())
    assert clean is not None
    dropped = Counter[str]()
    for entry in clean.configs.values():
        dropped.update(entry.dropped)
    print(describe_machine("pyarrow", "numpy", "polars"))
    print(f"{records:,} records, {len(items):,} items, {options.workers} workers")
    for step, took in clock.seconds.items():
        print(f"{step:<20} {took:8.1f} s  {records / took:12,.0f} records/s")
    print(f"{'all':<20} {seconds:8.1f} s  {cpu:.1f} CPU s, peak {memory.all:,.0f} MiB")
    print(f"left of the planted items: {clean.benchmarks['planted'].left}; dropped: {dict(dropped)}")


def _report_alone(content: Report, directory: Path) -> Report:
    report.dump(content, directory)
    return content


if __name__ == "__main__":
    main()
