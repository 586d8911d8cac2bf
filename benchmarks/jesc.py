"""Records per second of the JESC corpus at its full size, out of its tar.gz, beside the speed of unpacking alone.

    python -m benchmarks.jesc [--pairs 2800000]

Makes a `raw.tar.gz` of invented subtitles in JESC's layout, then measures, each in a process of its own that may use
one core:

- gunzip: unpacking alone, with the standard library and with ISA-L, which the project uses; records/s is what no reader
  of this file can pass;
- read and records: unpacking, parsing, and making the two records of each pair, in memory;
- build: all of `builders.build`, Parquet with page index, checksums, card and report included.

Times start after the imports; where other processes want the same core, seconds are more than CPU seconds. Peak memory
is the process's, Python and libraries included.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import resource
import subprocess
import sys
import tarfile
import time
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from isal import igzip
from rich.console import Console
from rich.table import Table

from benchmarks.machine import describe_machine, pin_to_one_core

CONFIG = "translation-jesc"
ENGLISH = "you know i never told him where we left the car because nobody asked me to wait for that old ship".split()
JAPANESE = "あの船を待てと言われなかったから車をどこに置いたのか彼には話していないんだよ本当に知らないのね今夜は誰も"
READ_SIZE = 1 << 20


def generate(path: Path, pairs: int) -> None:
    """Writes `raw.tar.gz` with that many invented pairs, as long as subtitles are (mean 8 words, 14 characters)."""
    draw = random.Random(7)
    raw = path.with_name("raw")
    with raw.open("w", encoding="utf-8", newline="\n") as lines:
        lines.writelines(_line(draw) for _ in range(pairs))
    with tarfile.open(path, "w:gz", compresslevel=6) as archive:
        archive.add(raw, "raw/raw")
    raw.unlink()


def _line(draw: random.Random) -> str:
    english = " ".join(draw.choices(ENGLISH, k=draw.randint(2, 14)))
    return f"{english}.\t{''.join(draw.choices(JAPANESE, k=draw.randint(4, 24)))}。\n"


def gunzip(opener, sources: Path, out: Path) -> None:
    """Unpacks the archive and keeps nothing."""
    with opener(sources / "jesc/raw.tar.gz") as stream:
        while stream.read(READ_SIZE):
            pass


def read_and_records(sources: Path, out: Path) -> int:
    """Reading and records, without writing."""
    from builders.corpora.jesc import CORPUS
    from builders.shards import steps

    (part,) = CORPUS.split({"raw.tar.gz": sources / "jesc/raw.tar.gz"})
    return sum(batch.num_rows for step in steps(CONFIG, part) for batch in step.records.values())


def build(sources: Path, out: Path) -> int:
    """This project's build, one worker."""
    from builders import build, download

    leaves = build.plan([CONFIG], partial(download.obtain, sources=sources))
    return build.run(leaves, out / "tree", workers=1)["leaves"][CONFIG]["records"]


WAYS = {
    "gunzip, stdlib": partial(gunzip, gzip.open),
    "gunzip, ISA-L": partial(gunzip, igzip.open),
    "read and records": read_and_records,
    "build": build,
}


def run_one(way: str, sources: Path, out: Path) -> None:
    """In a process of its own: prints records (null for unpacking), seconds and peak memory as JSON."""
    import pyarrow.parquet  # noqa: F401 - imports are not what is measured

    import builders.build
    import builders.shards  # noqa: F401

    pin_to_one_core()
    start, start_cpu = time.perf_counter(), time.process_time()
    records = WAYS[way](sources, out)
    seconds, cpu = time.perf_counter() - start, time.process_time() - start_cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"records": records, "seconds": seconds, "cpu": cpu, "peak": peak}))


def measure(way: str, sources: Path) -> dict:
    """Runs one way in a fresh process and a fresh directory."""
    with TemporaryDirectory() as out:
        command = [sys.executable, "-m", "benchmarks.jesc", "--way", way, "--sources", str(sources), "--out", out]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    """Measures every way and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=2_800_000, help="lines of the generated corpus")
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--sources", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.way:
        return run_one(options.way, options.sources, options.out)
    console = Console()
    with TemporaryDirectory() as directory:
        archive = Path(directory) / "jesc" / "raw.tar.gz"
        archive.parent.mkdir()
        with console.status(f"making {options.pairs:,} pairs"):
            generate(archive, options.pairs)
        results = {}
        for way in WAYS:
            with console.status(f"measuring: {way}"):
                results[way] = measure(way, Path(directory))
        size = archive.stat().st_size
    _print(console, results, size)


def _print(console: Console, results: dict[str, dict], size: int) -> None:
    records = results["build"]["records"]
    floor = results["gunzip, ISA-L"]["seconds"]
    title = (
        f"{describe_machine('pyarrow', 'isal')}\nraw.tar.gz of {size / 1e6:.0f} MB, {records // 2:,} pairs, one core"
    )
    table = Table(title=title, title_justify="left")
    for column in ("way", "seconds", "CPU s", "records/s", "x ISA-L", "peak MiB"):
        table.add_column(column, justify="left" if column == "way" else "right")
    for way, result in results.items():
        table.add_row(
            way,
            f"{result['seconds']:.2f}",
            f"{result['cpu']:.2f}",
            f"{records / result['seconds']:,.0f}",
            f"{result['seconds'] / floor:.1f}",
            f"{result['peak']:.0f}",
        )
    console.print(table)


if __name__ == "__main__":
    main()
