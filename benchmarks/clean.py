"""Benchmark overlap and duplicates over 8.39 million records, beside reading the columns and beside the usual tools.

    python -m benchmarks.clean [--records 8393726] [--dataset build/full] [--peers]

Makes the records out of the rows of a built dataset (default: the sample dataset): each is woven of quarters of four
rows, so that they are as long and as common as real ones and yet all different. Among them are
planted copies (1 % exact, 1 % with one letter or the punctuation changed) and leaks (0.1 %, items of the dataset's own
benchmarks). Then measures, each in a process of its own with as many workers as cores:

- read: the columns, and nothing else: what no way of doing this can pass;
- payload: reading, taking out the templates, normalizing;
- overlap: all of that, and looking up every record in the index of all items;
- duplicates: all of that, sketches, then finding and verifying.

Peak memory is that of all processes together, Python and libraries included. `--peers` also measures, on one core and
20,000 records, rensa's MinHash (installed into `.venvs/rensa`) and plain sets of n-grams.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.machine import describe_machine
from benchmarks.wikipedia import Memory, cpu_seconds
from builders import catalogue
from builders.clean import duplicates, items, overlap
from builders.clean.duplicates import Duplicates
from builders.clean.edits import change_one, punctuate
from builders.clean.index import Index
from builders.clean.items import Item
from builders.clean.normalize import Payloads, normalize
from builders.clean.payload import CELLS, cells
from builders.clean.sketches import Sketches

ROOT = Path(__file__).parent.parent
COLUMNS = [*CELLS, "task"]
ROWS_PER_FILE = 200_000
ROWS_PER_BATCH = 8_192
ENOUGH_ROWS = 500
QUESTIONS = ("jsquad", "knowledge-jcommonsenseqa", "knowledge-aio", "easy-ja")
"""Task configs that stand in for no other: articles are long, and no quiz."""
QUARTERS, STRIDE = 4, 7919
COPIES, LEAKS = 0.02, 0.001
RENSA = "0.5.0"
PEER_RECORDS = 20_000
_worker_index: Index | None = None


def leaf_of(path: Path) -> str:
    """Name of the task config that a made file belongs to."""
    return path.name.partition("--")[0]


def generate(dataset: Path, out: Path, records: int) -> list[Item]:
    """Writes made records as Parquet files `<task config>--<number>.parquet`, and gives the items of all benchmarks."""
    files = {leaf: sorted(dataset.glob(f"{leaf}/train*.parquet")) for leaf in catalogue.LEAVES}
    rows = {leaf: pl.read_parquet(paths, columns=COLUMNS) for leaf, paths in files.items() if paths}
    known = [entry for entry in items.KNOWN if not entry.articles and entry.config in rows]
    all_items: list[Item] = []
    for entry in known:
        batches = pl.read_parquet(files[entry.config]).to_arrow().cast(_plain_schema()).to_batches()
        all_items += items.from_records(batches, entry, catalogue.LEAVES[entry.config][1].templates)
    draw = random.Random(7)
    for leaf, count in _counts(rows, records).items():
        _write(rows[leaf], leaf, count, out, draw, all_items)
    return all_items


def _counts(rows: dict[str, pl.DataFrame], records: int) -> dict[str, int]:
    """Made records by task config, in the paper's proportions; where the dataset has few rows, others stand in."""
    paper = {leaf: task.paper for leaf, (_, task) in catalogue.LEAVES.items()}
    many = [leaf for leaf in rows if len(rows[leaf]) >= ENOUGH_ROWS] or [max(rows, key=lambda leaf: len(rows[leaf]))]
    counts = dict.fromkeys(many, 0.0)
    for leaf, count in paper.items():
        alike = [other for other in many if other.startswith("translation-") == leaf.startswith("translation-")]
        instead = [leaf] if leaf in many else [other for other in alike if other not in QUESTIONS] or many
        for other in instead:
            counts[other] += count / len(instead)
    total = sum(counts.values())
    return {leaf: round(records * count / total) for leaf, count in counts.items()}


def _plain_schema() -> pa.Schema:
    return pa.schema(
        [(name, pa.string()) for name in ("instruction", "input", "output", "id", "source", "task", "license")]
    )


def _write(rows: pl.DataFrame, leaf: str, count: int, out: Path, draw: random.Random, all_items: list[Item]) -> None:
    for number, start in enumerate(range(0, count, ROWS_PER_FILE)):
        made = _planted(_woven(rows, np.arange(start, min(start + ROWS_PER_FILE, count))), leaf, draw, all_items)
        schema = pa.schema([(name, pa.string()) for name in COLUMNS])
        pq.write_table(made.to_arrow().cast(schema), out / f"{leaf}--{number:04d}.parquet")


def _woven(rows: pl.DataFrame, numbers: np.ndarray) -> pl.DataFrame:
    """Records of which each quarter of a cell comes from another row; a fixed instruction stays whole."""
    texts = [name for name in CELLS if name != "instruction" or rows["instruction"].n_unique() > 4]
    turn, row = np.divmod(numbers, len(rows))
    parts = [rows[(row + (part + turn * QUARTERS) * part * STRIDE) % len(rows)] for part in range(QUARTERS)]
    quarters = [
        part.select(
            pl.col(name).str.slice(number * pl.col(name).str.len_chars() // QUARTERS, _quarter(name, number))
            for name in texts
        )
        for number, part in enumerate(parts)
    ]
    together = pl.concat(
        [quarter.rename(lambda name, n=n: f"{name}{n}") for n, quarter in enumerate(quarters)], how="horizontal"
    )
    woven = together.select(
        pl.concat_str([f"{name}{number}" for number in range(QUARTERS)]).alias(name) for name in texts
    )
    return parts[0].with_columns(woven.get_columns()).select(COLUMNS)


def _quarter(name: str, number: int) -> pl.Expr:
    length = pl.col(name).str.len_chars()
    return (number + 1) * length // QUARTERS - number * length // QUARTERS


def _planted(made: pl.DataFrame, leaf: str, draw: random.Random, all_items: list[Item]) -> pl.DataFrame:
    copies = round(len(made) * COPIES)
    columns = {name: made[name].to_list() for name in COLUMNS}
    for copy in range(copies):
        source, target = draw.randrange(len(made)), draw.randrange(len(made))
        for name in COLUMNS:
            columns[name][target] = columns[name][source]
        if copy % 2:
            edit = change_one if copy % 4 == 1 else punctuate
            columns["output"][target] = edit(columns["output"][target], draw)
    for _ in range(round(len(made) * LEAKS) if all_items else 0):
        item, target = draw.choice(all_items), draw.randrange(len(made))
        columns["input"][target], columns["output"][target] = item.question, item.answer
    return pl.DataFrame(columns, schema=dict.fromkeys(COLUMNS, pl.String))


def batches(path: Path) -> Iterator[pa.RecordBatch]:
    """Batches of a file of made records."""
    with pq.ParquetFile(path, read_dictionary=["instruction"]) as file:
        yield from file.iter_batches(ROWS_PER_BATCH, columns=COLUMNS, use_threads=False)


def read(path: Path) -> int:
    """Reads a file; number of records."""
    return sum(batch.num_rows for batch in batches(path))


def payload(path: Path) -> int:
    """Reads and normalizes a file; number of characters."""
    templates = catalogue.LEAVES[leaf_of(path)][1].templates
    return sum(len(normalize(cells(batch, templates)).codes) for batch in batches(path))


def look_up(path: Path) -> int:
    """Looks for all items in a file; number of records with one."""
    templates = catalogue.LEAVES[leaf_of(path)][1].templates
    found = 0
    for batch in batches(path):
        found += len(np.unique(overlap.leaks(_worker_index, normalize(cells(batch, templates))).record))
    return found


def sketch(path: Path) -> Sketches:
    """Sketches of a file."""
    templates = catalogue.LEAVES[leaf_of(path)][1].templates
    sketches, first = Sketches.room(pq.read_metadata(path).num_rows), 0
    for batch in batches(path):
        texts = cells(batch, templates)
        sketches.put(first, Sketches.of(normalize(texts), texts))
        first += batch.num_rows
    return sketches


def chosen(path: Path, numbers: np.ndarray) -> Payloads:
    """Payload of some records of a file."""
    templates, parts, first = catalogue.LEAVES[leaf_of(path)][1].templates, [], 0
    for batch in batches(path):
        here = numbers[slice(*np.searchsorted(numbers, [first, first + batch.num_rows]))] - first
        parts.append(normalize(cells(batch.take(pa.array(here, pa.int64())), templates)))
        first += batch.num_rows
    return Payloads.joined(parts)


def find_duplicates(paths: Sequence[Path], pool: ProcessPoolExecutor) -> Duplicates:
    """Duplicates among all files."""
    bounds = np.concatenate(([0], np.cumsum([pq.read_metadata(path).num_rows for path in paths])))
    sketches = Sketches.room(int(bounds[-1]))
    for first, part in zip(bounds.tolist(), pool.map(sketch, paths), strict=False):
        sketches.put(first, part)

    def fetch(records: np.ndarray) -> Payloads:
        places = np.searchsorted(records, bounds)
        numbers = [records[first:last] - start for first, last, start in zip(places, places[1:], bounds, strict=False)]
        return Payloads.joined(list(pool.map(chosen, paths, numbers)))

    return duplicates.find(sketches, np.zeros(len(sketches), np.uint8), fetch)


def _start(index: Index | None) -> None:
    global _worker_index
    _worker_index = index
    pa.set_cpu_count(1)


def run_one(way: str, folder: Path) -> None:
    """In a process of its own: prints seconds, CPU seconds, peak of memory in MiB and what was found, as JSON."""
    paths = sorted(folder.glob("*.parquet"))
    workers = len(os.sched_getaffinity(0))
    with Memory() as memory:
        start, start_cpu = time.perf_counter(), cpu_seconds()
        index = Index(_load_items(folder)) if way == "overlap" else None
        with ProcessPoolExecutor(workers, get_context("spawn"), _start, (index,)) as pool:
            if way == "duplicates":
                found = int((find_duplicates(paths, pool).kind > 0).sum())
            else:
                found = sum(pool.map(WAYS[way], paths))
        seconds, cpu = time.perf_counter() - start, cpu_seconds() - start_cpu
    print(json.dumps({"seconds": seconds, "cpu": cpu, "peak": memory.all, "found": found}))


WAYS: dict[str, Callable[[Path], int] | None] = {
    "read": read,
    "payload": payload,
    "overlap": look_up,
    "duplicates": None,
}


def _load_items(folder: Path) -> list[Item]:
    return [Item(**entry) for entry in json.loads((folder / "items.json").read_text("utf-8"))]


def main() -> None:
    """Makes the records, measures every way and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=8_393_726, help="made records (default: %(default)s)")
    parser.add_argument("--dataset", type=Path, default=ROOT / "build" / "sample", help="a built dataset")
    parser.add_argument("--one", nargs=2, metavar=("WAY", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        return run_one(options.one[0], Path(options.one[1]))
    console = Console()
    results = {}
    with TemporaryDirectory() as name:
        folder = Path(name)
        with console.status(f"making {options.records:,} records"):
            made = generate(options.dataset, folder, options.records)
        (folder / "items.json").write_text(json.dumps([vars(item) for item in made]), "utf-8")
        records = sum(pq.read_metadata(path).num_rows for path in folder.glob("*.parquet"))
        for way in WAYS:
            with console.status(f"measuring: {way}"):
                results[way] = _measure(way, folder)
    _show(console, results, records, len(made))


def _measure(way: str, folder: Path) -> dict:
    command = [sys.executable, "-m", "benchmarks.clean", "--one", way, str(folder)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1"}
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=environment)
    return json.loads(done.stdout.splitlines()[-1])


def _show(console: Console, results: dict[str, dict], records: int, item_count: int) -> None:
    title = f"{describe_machine('pyarrow', 'numpy', 'polars')}\n{records:,} records, {item_count:,} items, all cores"
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("way", "wall s", "CPU s", "records/s", "x read", "peak MiB", "found"):
        table.add_column(column, justify="left" if column == "way" else "right", no_wrap=True)
    for way, result in results.items():
        rate, ratio = records / result["seconds"], result["seconds"] / results["read"]["seconds"]
        cells_ = (f"{result['seconds']:.1f}", f"{result['cpu']:.1f}", f"{rate:,.0f}", f"{ratio:.1f}")
        table.add_row(way, *cells_, f"{result['peak']:.0f}", f"{result['found']:,}")
    console.print(table)


if __name__ == "__main__":
    main()
