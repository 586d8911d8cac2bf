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

Peak memory is that of all processes together, Python and libraries included. `--peers` measures instead, on one core and
20,000 of the records: MinHash with 128 slots and LSH as rensa and datasketch do it (installed into `.venvs/minhash`),
which gives candidates and verifies nothing; and, for overlap, a plain dictionary of n-grams.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
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

from benchmarks.machine import describe_machine, pin_to_one_core
from benchmarks.wikipedia import Memory, cpu_seconds
from builders import catalogue
from builders.clean.duplicates import find as duplicates
from builders.clean.duplicates.find import Duplicates
from builders.clean.duplicates.sketches import Sketches
from builders.clean.measures.edits import change_one, punctuate
from builders.clean.overlap import items
from builders.clean.overlap import leaks as overlap
from builders.clean.overlap.index import Index
from builders.clean.overlap.items import Item
from builders.clean.texts.normalize import Payloads, as_text, normalize, normalize_text
from builders.clean.texts.payload import CELLS, cells

ROOT = Path(__file__).parent.parent
COLUMNS = [*CELLS, "task"]
ROWS_PER_FILE = 200_000
ROWS_PER_GROUP = 20_000
"""A row group of a built dataset has at most 16 MiB of text, which is so many articles."""
ROWS_PER_BATCH = 8_192
ENOUGH_ROWS = 500
QUESTIONS = ("jsquad", "knowledge-jcommonsenseqa", "knowledge-aio", "easy-ja")
"""Task configs that stand in for no other: articles are long, and no quiz."""
QUARTERS, STRIDE = 4, 7919
COPIES, LEAKS = 0.02, 0.001
PEERS = ("rensa==0.5.0", "datasketch==2.0.0")
PEER_RECORDS = 20_000
PEER = """
import json, sys, time
name, path = sys.argv[1:]
texts = json.load(open(path, encoding="utf-8"))
start = time.process_time()
sets = [list({text[place : place + 3] for place in range(max(len(text) - 2, 1))}) for text in texts]
if name == "rensa":
    from rensa import RMinHash, RMinHashLSH
    matrix = RMinHash.digest_matrix_from_token_sets(sets, 128, 7)
    found = sum(RMinHashLSH(0.9, 128, 16).query_duplicate_flags_matrix_one_shot(matrix))
else:
    from datasketch import MinHash, MinHashLSH
    lsh, found = MinHashLSH(threshold=0.9, num_perm=128), 0
    for number, grams in enumerate(sets):
        sketch = MinHash(num_perm=128, seed=7)
        sketch.update_batch([gram.encode() for gram in grams])
        found += bool(lsh.query(sketch))
        lsh.insert(number, sketch)
print(json.dumps({"cpu": time.process_time() - start, "found": found}))
"""
_worker_index = Index([])


def config_of(path: Path) -> str:
    """Name of the task config that a made file belongs to."""
    return path.name.partition("--")[0]


def generate(dataset: Path, out: Path, records: int) -> list[Item]:
    """Writes made records as Parquet files `<task config>--<number>.parquet`, and gives the items of all benchmarks."""
    files = {config: sorted(dataset.glob(f"{config}/train*.parquet")) for config in catalogue.TASK_CONFIGS}
    rows = {config: pl.read_parquet(paths, columns=COLUMNS) for config, paths in files.items() if paths}
    known = [entry for entry in items.KNOWN if not entry.articles and entry.config in rows]
    all_items: list[Item] = []
    for entry in known:
        batches = pl.read_parquet(files[entry.config]).to_arrow().cast(_plain_schema()).to_batches()
        all_items += items.from_records(batches, entry, catalogue.TASK_CONFIGS[entry.config][1].templates)
    draw = random.Random(7)
    for config, count in _counts(rows, records).items():
        _write(rows[config], config, count, out, draw, all_items)
    return all_items


def _counts(rows: dict[str, pl.DataFrame], records: int) -> dict[str, int]:
    """Made records by task config, in the paper's proportions; where the dataset has few rows, others stand in."""
    paper = {config: task.paper_count or 0 for config, (_, task) in catalogue.TASK_CONFIGS.items()}
    many = [config for config in rows if len(rows[config]) >= ENOUGH_ROWS] or [
        max(rows, key=lambda config: len(rows[config]))
    ]
    counts = dict.fromkeys(many, 0.0)
    for config, count in paper.items():
        alike = [other for other in many if other.startswith("translation-") == config.startswith("translation-")]
        instead = [config] if config in many else [other for other in alike if other not in QUESTIONS] or many
        for other in instead:
            counts[other] += count / len(instead)
    total = sum(counts.values())
    return {config: round(records * count / total) for config, count in counts.items()}


def _plain_schema() -> pa.Schema:
    return pa.schema(
        [(name, pa.string()) for name in ("instruction", "input", "output", "id", "source", "task", "license")]
    )


def _write(rows: pl.DataFrame, config: str, count: int, out: Path, draw: random.Random, all_items: list[Item]) -> None:
    for number, start in enumerate(range(0, count, ROWS_PER_FILE)):
        made = _planted(_woven(rows, np.arange(start, min(start + ROWS_PER_FILE, count))), config, draw, all_items)
        schema = pa.schema([(name, pa.string()) for name in COLUMNS])
        path = out / f"{config}--{number:04d}.parquet"
        pq.write_table(made.to_arrow().cast(schema), path, row_group_size=ROWS_PER_GROUP)


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
    made: pl.DataFrame = parts[0].with_columns(woven.get_columns()).select(COLUMNS)
    return made


def _quarter(name: str, number: int) -> pl.Expr:
    length = pl.col(name).str.len_chars()
    return (number + 1) * length // QUARTERS - number * length // QUARTERS


def _planted(made: pl.DataFrame, config: str, draw: random.Random, all_items: list[Item]) -> pl.DataFrame:
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
    planted: pl.DataFrame = pl.DataFrame(columns, schema=dict.fromkeys(COLUMNS, pl.String))
    return planted


def batches(path: Path) -> Iterator[pa.RecordBatch]:
    """Batches of a file of made records."""
    with pq.ParquetFile(path, read_dictionary=["instruction"]) as file:
        yield from file.iter_batches(ROWS_PER_BATCH, columns=COLUMNS, use_threads=False)


def read(path: Path) -> int:
    """Reads a file; number of records."""
    return sum(batch.num_rows for batch in batches(path))


def payload(path: Path) -> int:
    """Reads and normalizes a file; number of characters."""
    templates = catalogue.TASK_CONFIGS[config_of(path)][1].templates
    return sum(len(normalize(cells(batch, templates)).codes) for batch in batches(path))


def look_up(path: Path) -> int:
    """Looks for all items in a file; number of records with one."""
    templates = catalogue.TASK_CONFIGS[config_of(path)][1].templates
    found = 0
    for batch in batches(path):
        found += len(np.unique(overlap.leaks(_worker_index, normalize(cells(batch, templates))).record))
    return found


def sketch(path: Path) -> Sketches:
    """Sketches of a file."""
    templates = catalogue.TASK_CONFIGS[config_of(path)][1].templates
    sketches, first = Sketches.room(pq.read_metadata(path).num_rows), 0
    for batch in batches(path):
        texts = cells(batch, templates)
        sketches.put(first, Sketches.of(normalize(texts), texts))
        first += batch.num_rows
    return sketches


def chosen(path: Path, numbers: np.ndarray) -> Payloads:
    """Payload of some records of a file."""
    templates, parts, first = catalogue.TASK_CONFIGS[config_of(path)][1].templates, [], 0
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


def _start(index: Index) -> None:
    global _worker_index
    _worker_index = index
    pa.set_cpu_count(1)


def run_one(way: str, folder: Path) -> None:
    """In a process of its own: prints seconds, CPU seconds, peak of memory in MiB and what was found, as JSON."""
    paths = sorted(folder.glob("*.parquet"))
    workers = len(os.sched_getaffinity(0))
    with Memory() as memory:
        start, start_cpu = time.perf_counter(), cpu_seconds()
        index = Index(_load_items(folder) if way == "overlap" else [])
        with ProcessPoolExecutor(workers, get_context("spawn"), _start, (index,)) as pool:
            if way == "duplicates":
                found = int((find_duplicates(paths, pool).kind > 0).sum())
            else:
                found = sum(pool.map(EACH_FILE[way], paths))
        seconds, cpu = time.perf_counter() - start, cpu_seconds() - start_cpu
    print(json.dumps({"seconds": seconds, "cpu": cpu, "peak": memory.all, "found": found}))


EACH_FILE: dict[str, Callable[[Path], int]] = {
    "read": read,
    "payload": payload,
    "overlap": look_up,
}


def _load_items(folder: Path) -> list[Item]:
    return [Item(**entry) for entry in json.loads((folder / "items.json").read_text("utf-8"))]


def plain_overlap(texts: Sequence[str], all_items: Sequence[Item], size: int = 6) -> int:
    """Records that have half of a question's n-grams, found with a dictionary."""
    questions = [as_text(normalize_text(item.question)) for item in all_items]
    having: dict[str, list[int]] = {}
    for number, question in enumerate(questions):
        for gram in {question[place : place + size] for place in range(len(question) - size + 1)}:
            having.setdefault(gram, []).append(number)
    found = 0
    for text in texts:
        counts: Counter[int] = Counter()
        for gram in {text[place : place + size] for place in range(len(text) - size + 1)}:
            counts.update(having.get(gram, ()))
        found += any(count * 2 >= len(questions[number]) - size + 1 for number, count in counts.items())
    return found


def compare_peers(folder: Path, console: Console) -> None:
    """Prints CPU seconds of this project's ways and of others, on a few records and one core."""
    pin_to_one_core()
    paths = sorted(folder.glob("*.parquet"))
    all_items = _load_items(folder)
    batch = pa.concat_tables([pq.read_table(path, columns=COLUMNS) for path in paths]).combine_chunks().to_batches()[0]
    columns = cells(batch.slice(0, PEER_RECORDS), catalogue.TASK_CONFIGS[config_of(paths[0])][1].templates)
    payloads_ = normalize(columns)
    results: dict[str, dict[str, float]] = {}
    texts = [payloads_.text(record) for record in range(len(payloads_))]
    index = Index(all_items)

    def own_duplicates() -> int:
        fetch = lambda numbers: normalize([column.take(pa.array(numbers)) for column in columns])  # noqa: E731
        quality = np.zeros(len(payloads_), np.uint8)
        return int((duplicates.find(Sketches.of(payloads_, columns), quality, fetch).kind > 0).sum())

    own = {
        "overlap": lambda: len(np.unique(overlap.leaks(index, payloads_).record)),
        "overlap, a dictionary": lambda: plain_overlap(texts, all_items),
        "duplicates": own_duplicates,
    }
    for way, function in own.items():
        start = time.process_time()
        results[way] = {"found": function(), "cpu": time.process_time() - start}
    (folder / "texts.json").write_text(json.dumps(texts), "utf-8")
    for name in ("rensa", "datasketch"):
        done = subprocess.run(
            [_peer_python(), "-c", PEER, name, str(folder / "texts.json")],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        results[f"duplicates, {name}"] = json.loads(done.stdout)
    table = Table(
        title=f"{describe_machine('numpy')}\n{len(texts):,} records, one core",
        title_justify="left",
        box=box.SIMPLE_HEAD,
    )
    for column in ("way", "CPU s", "records/s", "x own", "found"):
        table.add_column(column, justify="left" if column == "way" else "right")
    for way, result in results.items():
        ratio = result["cpu"] / results[way.partition(",")[0]]["cpu"]
        table.add_row(
            way, f"{result['cpu']:.2f}", f"{len(texts) / result['cpu']:,.0f}", f"{ratio:.1f}", f"{result['found']:,}"
        )
    console.print(table)


def _peer_python() -> Path:
    python = ROOT / ".venvs" / "minhash" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", python.parents[1]], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PEERS], check=True)
    return python


def main() -> None:
    """Makes the records, measures every way and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=8_393_726, help="made records (default: %(default)s)")
    parser.add_argument("--dataset", type=Path, default=ROOT / "build" / "sample", help="a built dataset")
    parser.add_argument("--peers", action="store_true", help="compare with other ways on a few records")
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
        if options.peers:
            return compare_peers(folder, console)
        records = sum(pq.read_metadata(path).num_rows for path in folder.glob("*.parquet"))
        for way in (*EACH_FILE, "duplicates"):
            with console.status(f"measuring: {way}"):
                results[way] = _measure(way, folder)
    _show(console, results, records, len(made))


def _measure(way: str, folder: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.clean", "--one", way, str(folder)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1"}
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=environment)
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def _show(console: Console, results: dict[str, dict[str, float]], records: int, item_count: int) -> None:
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
