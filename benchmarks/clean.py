"""Benchmark overlap and duplicates over 8.39 million records, beside reading the columns and beside the usual tools.

    python -m benchmarks.clean DIR MADE [--records 8393726] [--peers]

DIR is a built dataset, of whose rows records are made with planted copies and leaks (`benchmarks.made`). They are kept in
MADE as a built dataset of their own, which a second run uses again. Then measures, each in a process of its own with as
many workers as cores:

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
import pyarrow as pa
import pyarrow.parquet as pq
from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.machine import describe_machine, pin_to_one_core
from benchmarks.made import arguments, make_as_told, read_questions
from benchmarks.meter import Meter
from builders import catalogue
from builders.clean.duplicates import find as duplicates
from builders.clean.duplicates.find import Duplicates
from builders.clean.duplicates.sketches import Sketches
from builders.clean.overlap import leaks as overlap
from builders.clean.overlap.index import Index
from builders.clean.overlap.items import Item
from builders.clean.texts.normalize import Payloads, as_text, normalize, normalize_text
from builders.clean.texts.payload import CELLS, cells

ROOT = Path(__file__).parent.parent
COLUMNS = [*CELLS, "task"]
ROWS_PER_BATCH = 8_192
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
    """Name of the task config that a file belongs to."""
    return path.parent.name


def files(made: Path) -> list[Path]:
    """The Parquet files of a made dataset."""
    return sorted(made.glob("*/*.parquet"))


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
    paths = files(folder)
    workers = len(os.sched_getaffinity(0))
    with Meter(way) as meter:
        index = Index(read_questions(folder) if way == "overlap" else [])
        with ProcessPoolExecutor(workers, get_context("spawn"), _start, (index,)) as pool:
            if way == "duplicates":
                found = int((find_duplicates(paths, pool).kind > 0).sum())
            else:
                found = sum(pool.map(EACH_FILE[way], paths))
    print(json.dumps({**vars(meter.all()), "found": found}))


EACH_FILE: dict[str, Callable[[Path], int]] = {
    "read": read,
    "payload": payload,
    "overlap": look_up,
}


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
    paths = files(folder)
    all_items = read_questions(folder)
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
    with TemporaryDirectory() as name:
        file = Path(name, "texts.json")
        file.write_text(json.dumps(texts), "utf-8")
        for peer in ("rensa", "datasketch"):
            command = [str(_peer_python()), "-c", PEER, peer, str(file)]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            results[f"duplicates, {peer}"] = json.loads(done.stdout)
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
    parser = arguments(__doc__)
    parser.add_argument("--peers", action="store_true", help="compare with other ways on a few records")
    parser.add_argument("--one", metavar="WAY", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        return run_one(options.one, options.made)
    console = Console()
    made = make_as_told(options, console)
    if options.peers:
        return compare_peers(options.made, console)
    results = {}
    for way in (*EACH_FILE, "duplicates"):
        with console.status(f"measuring: {way}"):
            results[way] = _measure(way, options.dataset, options.made)
    records = sum(entry.records for entry in made.configs.values())
    _show(console, results, records, len(read_questions(options.made)))


def _measure(way: str, dataset: Path, made: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.clean", str(dataset), str(made), "--one", way]
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
        rate, ratio = records / result["wall"], result["wall"] / results["read"]["wall"]
        cells_ = (f"{result['wall']:.1f}", f"{result['cpu']:.1f}", f"{rate:,.0f}", f"{ratio:.1f}")
        table.add_row(way, *cells_, f"{result['peak']:.0f}", f"{result['found']:,}")
    console.print(table)


if __name__ == "__main__":
    main()
