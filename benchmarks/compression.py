"""Which compression the Parquet files have: size, seconds to write and to read, and bytes of a hundred streamed records.

    python -m benchmarks.compression build/full [--rounds 3]

Writes the records of a built dataset again with each codec, by the code that builds it, on one core. Seconds are the
smallest of the rounds, and hold no reading of the source: the records of one config at a time are in memory. `read` is
pyarrow decoding every column. `streamed` is what a loopback Hub sends to a client that reads the first hundred records
of the largest config with `load_dataset(..., streaming=True)`.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console

from benchmarks.machine import describe_machine, figures_table, pin_to_one_core
from builders.build import parquet
from builders.catalogue import REPOSITORY
from builders.schema import COLUMNS
from builders.tree import reader, report
from tests.support.loopback_hub import LoopbackHub, python_client

CODECS: dict[str, dict[str, object]] = {
    "none": {"compression": "none"},
    "snappy": {"compression": "snappy"},
    **{f"zstd {level}": {"compression": "zstd", "compression_level": level} for level in (1, 3, 6, 9)},
}
STREAM = """
import os, sys
from itertools import islice
from datasets import load_dataset
data = load_dataset(sys.argv[1], data_dir=sys.argv[2], streaming=True)["train"]
print(sum(1 for _ in islice(data, 100)), flush=True)
os._exit(0)  # an interpreter that ends while Arrow's threads are at work may abort (apache/arrow issue 45214)
"""


@dataclass
class Cost:
    """What a codec costs: seconds to write and to read everything, bytes of all files."""

    write: float = 0.0
    read: float = 0.0
    bytes: int = 0


def measure(batches: list[pa.RecordBatch], directory: Path, options: dict[str, object], rounds: int) -> Cost:
    """Writes and reads the records of one config."""
    parquet.OPTIONS.pop("compression_level", None)
    parquet.OPTIONS.update(options)
    directory.mkdir(parents=True)
    writes, reads = [], []
    for _ in range(rounds):
        start = time.perf_counter()
        with parquet.ParquetFiles(directory) as files:
            for batch in batches:
                files.write(batch)
        writes.append(time.perf_counter() - start)
        start = time.perf_counter()
        for file in files.files:
            pq.read_table(directory / file.name, use_threads=False, memory_map=True)
        reads.append(time.perf_counter() - start)
    return Cost(min(writes), min(reads), sum(file.bytes for file in files.files))


def streamed(directory: Path, config: str, home: Path) -> int:
    """Bytes of Parquet that a hundred streamed records cost."""
    with LoopbackHub(home / "blobs") as hub:
        hub.store.add_folder("datasets", REPOSITORY, directory)
        python_client(hub, home / "client", STREAM, REPOSITORY, config, token=None)
        return sum(exchange.sent for exchange in hub.traffic.of("GET", ".parquet"))


def main() -> None:
    """Measures every codec and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path, metavar="DIR", help="output directory of `build`")
    parser.add_argument("--rounds", type=int, default=3, help="(default: %(default)s)")
    options = parser.parse_args()
    pin_to_one_core()
    pa.set_cpu_count(1)
    content = report.load(options.directory)
    costs = {codec: Cost() for codec in CODECS}
    largest = max(content.built, key=lambda name: content.built[name].plain_bytes)
    with TemporaryDirectory() as temporary:
        for name, entry in content.built.items():
            batches = list(reader.batches(options.directory, entry, COLUMNS))
            for codec, settings in CODECS.items():
                cost = measure(batches, Path(temporary) / codec / name, settings, options.rounds)
                costs[codec].write += cost.write
                costs[codec].read += cost.read
                costs[codec].bytes += cost.bytes
        sent = {codec: streamed(Path(temporary) / codec, largest, Path(temporary) / f"hub {codec}") for codec in CODECS}
    records = sum(entry.records for entry in content.built.values())
    _print(f"{options.directory}: {records:,} records; streamed: {largest}", costs, sent)


def _print(title: str, costs: dict[str, Cost], sent: dict[str, int]) -> None:
    columns = ("codec", "MB", "of snappy", "write, s", "read, s", "streamed, MB")
    table = figures_table(f"{describe_machine('pyarrow', 'datasets')}\n{title}", *columns)
    for codec, cost in costs.items():
        share = f"{cost.bytes / costs['snappy'].bytes:.1%}"
        seconds = (f"{cost.write:.2f}", f"{cost.read:.2f}")
        table.add_row(codec, f"{cost.bytes / 1e6:.1f}", share, *seconds, f"{sent[codec] / 1e6:.2f}")
    Console().print(table)


if __name__ == "__main__":
    main()
