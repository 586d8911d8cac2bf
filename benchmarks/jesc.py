"""Records per second of the JESC corpus at its full size, out of its tar.gz, beside the speed of unpacking alone.

    python -m benchmarks.jesc [--pairs 2800000]

Makes a `raw.tar.gz` of invented subtitles in JESC's layout, then measures, each in a process of its own that may use
one core (see `benchmarks.ways`):

- gunzip: unpacking alone, with the standard library and with ISA-L, which the project uses; records/s is what no reader
  of this file can pass;
- read and records: unpacking, parsing, and making the two records of each pair, in memory;
- build: the whole build, Parquet with page index, checksums, card and report included; and the same without
  card, charts and report, whose cost does not grow with the records.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from isal import igzip

from benchmarks import ways
from benchmarks.machine import describe_machine
from tests.support.subtitles import CONFIG, write_subtitles

READ_SIZE = 1 << 20


def gunzip(opener: Callable[..., Any], sources: Path, out: Path) -> None:
    """Unpacks the archive and keeps nothing."""
    with opener(sources / "jesc/raw.tar.gz") as stream:
        while stream.read(READ_SIZE):
            pass


def read_and_records(sources: Path, out: Path) -> int:
    """Reading and records, without writing."""
    from builders.build.shards import steps
    from builders.corpora.jesc import CORPUS

    parts = CORPUS.split({"raw.tar.gz": sources / "jesc/raw.tar.gz"})
    found = (step for part in parts for step in steps(CORPUS, CORPUS.tasks[0], part))
    return sum(batch.num_rows for step in found for batch in step.records.values())


WAYS: dict[str, ways.Way] = {
    "gunzip, stdlib": partial(gunzip, gzip.open),
    "gunzip, ISA-L": partial(gunzip, igzip.open),
    "read and records": read_and_records,
    "build": partial(ways.build, CONFIG),
    "records alone": partial(ways.build_records, CONFIG),
}


def main() -> None:
    """Measures every way and prints the table."""
    results = ways.compare("benchmarks.jesc", __doc__, WAYS, write_subtitles, pairs=2_800_000)
    records = results["build"]["records"]
    floor = results["gunzip, ISA-L"]["seconds"]
    rates = {way: records / result["seconds"] for way, result in results.items()}
    ratios = {way: {"x ISA-L": result["seconds"] / floor} for way, result in results.items()}
    ways.show(f"{describe_machine('pyarrow', 'isal')}\n{records // 2:,} pairs, one core", results, rates, ratios)


if __name__ == "__main__":
    main()
