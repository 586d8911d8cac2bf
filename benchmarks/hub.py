"""Streaming from the Hub: seconds to the first record, and how much of a config is fetched for a hundred of them.

    python -m benchmarks.hub [--records 2800000]

Builds `translation-jesc` from invented subtitles, publishes it to a loopback Hub with the real command, then lets
clients in processes of their own, each with a cold cache, stream it with `load_dataset`. Seconds start after the
imports: `datasets`, and PyTorch, which `datasets` imports with the first streamed record where it is installed. Bytes
are those that the Hub's log says it sent for Parquet files. `in full` downloads everything, to compare with.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console

from benchmarks.machine import describe_machine, figures_table
from builders.catalogue import REPOSITORY
from builders.hub.obstacles import ALLOW_PARTIAL, ALLOW_SAMPLES
from builders.tree.report import ConfigReport
from tests.support.loopback_hub import LoopbackHub, python_client
from tests.support.loopback_hub.client import run_client
from tests.support.subtitles import CONFIG, build_subtitles

READER = """
import importlib.util, json, os, sys, time
from itertools import islice
start = time.perf_counter()
from datasets import load_dataset
if importlib.util.find_spec("torch"):
    import torch
imports = time.perf_counter() - start

repo, config, streaming, records = sys.argv[1], sys.argv[2], sys.argv[3] == "streaming", int(sys.argv[4])
start = time.perf_counter()
data = load_dataset(repo, config, streaming=streaming)["train"]
taken = sum(1 for _ in islice(data, records))
print(json.dumps({"imports": imports, "seconds": time.perf_counter() - start, "records": taken}), flush=True)
os._exit(0)  # an interpreter that ends while Arrow's threads are at work may abort (apache/arrow issue 45214)
"""
WAYS = {
    "first record": ("streaming", 1),
    "100 records": ("streaming", 100),
    "in full": ("plain", 1),
}


Measured = dict[str, Any]
"""What one way cost: `imports` and `seconds`, `records`, `requests` and `bytes`."""


def measure(hub: LoopbackHub, home: Path, way: str) -> Measured:
    """Reads in a fresh process with a fresh cache: seconds, records, Parquet requests and bytes."""
    mode, records = WAYS[way]
    hub.traffic.clear()
    read: Measured = json.loads(python_client(hub, home, READER, REPOSITORY, CONFIG, mode, str(records), token=None))
    parquet = hub.traffic.of("GET", ".parquet")
    return read | {"requests": len(parquet), "bytes": sum(exchange.sent for exchange in parquet)}


def main() -> None:
    """Builds, publishes, measures and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=2_800_000, help="records of the config (default: %(default)s)")
    options = parser.parse_args()
    console = Console()
    with TemporaryDirectory() as temporary, LoopbackHub(Path(temporary) / "blobs") as hub:
        directory = Path(temporary)
        with console.status(f"building {options.records:,} records"):
            entry = build_subtitles(directory, options.records)
        with console.status("publishing"):
            allowed = (ALLOW_SAMPLES, ALLOW_PARTIAL)
            command = ["-m", "builders", "publish", str(directory / "built"), "--repo", REPOSITORY, *allowed]
            run_client(hub, directory / "publisher", command).check_returncode()
        results = {}
        for number, way in enumerate(WAYS):
            with console.status(f"measuring: {way}"):
                results[way] = measure(hub, directory / f"reader-{number}", way)
    _print(console, entry, results)


def _print(console: Console, entry: ConfigReport, results: dict[str, Measured]) -> None:
    size = sum(shard.bytes for shard in entry.shards)
    table = figures_table(
        f"{describe_machine('datasets', 'huggingface_hub', 'pyarrow')}\n{CONFIG}: {entry.records:,} records, "
        f"{size / 1e6:.0f} MB of Parquet in {len(entry.shards)} files, on a loopback Hub",
        *("way", "imports, s", "seconds", "requests", "MB", "of the files"),
    )
    for way, result in results.items():
        share = f"{result['bytes'] / size:.1%}"
        seconds = (f"{result['imports']:.2f}", f"{result['seconds']:.2f}")
        table.add_row(way, *seconds, str(result["requests"]), f"{result['bytes'] / 1e6:.1f}", share)
    console.print(table)


if __name__ == "__main__":
    main()
