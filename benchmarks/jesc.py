"""Records per second of the JESC corpus at its full size, out of its tar.gz, beside the speed of unpacking alone.

    python -m benchmarks.jesc [--pairs 2800000]

Makes a `raw.tar.gz` of invented subtitles in JESC's layout, then measures, each in a process of its own that may use
one core (see `benchmarks.ways`):

- gunzip: unpacking alone, with the standard library and with ISA-L, which the project uses; records/s is what no reader
  of this file can pass;
- read and records: unpacking, parsing, and making the two records of each pair, in memory;
- build: all of `builders.build.run`, Parquet with page index, checksums, card and report included; and the same without
  card, charts and report, whose cost does not grow with the records.
"""

from __future__ import annotations

import gzip
import random
import tarfile
from functools import partial
from pathlib import Path

from isal import igzip

from benchmarks import ways
from benchmarks.machine import describe_machine

CONFIG = "translation-jesc"
ENGLISH = "you know i never told him where we left the car because nobody asked me to wait for that old ship".split()
JAPANESE = "あの船を待てと言われなかったから車をどこに置いたのか彼には話していないんだよ本当に知らないのね今夜は誰も"
READ_SIZE = 1 << 20


def generate(sources: Path, pairs: int) -> None:
    """Writes `jesc/raw.tar.gz` with that many invented pairs, as long as subtitles are (mean 8 words, 14 characters)."""
    draw = random.Random(7)
    path = sources / "jesc" / "raw.tar.gz"
    path.parent.mkdir()
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
    from builders.build.shards import steps
    from builders.corpora.jesc import CORPUS

    (part,) = CORPUS.split({"raw.tar.gz": sources / "jesc/raw.tar.gz"})
    return sum(batch.num_rows for step in steps(CONFIG, part) for batch in step.records.values())


WAYS = {
    "gunzip, stdlib": partial(gunzip, gzip.open),
    "gunzip, ISA-L": partial(gunzip, igzip.open),
    "read and records": read_and_records,
    "build": partial(ways.build, CONFIG),
    "records alone": partial(ways.build_records, CONFIG),
}


def main() -> None:
    """Measures every way and prints the table."""
    results = ways.compare("benchmarks.jesc", __doc__, WAYS, generate, pairs=2_800_000)
    records = results["build"]["records"]
    floor = results["gunzip, ISA-L"]["seconds"]
    rates = {way: records / result["seconds"] for way, result in results.items()}
    ratios = {way: {"x ISA-L": result["seconds"] / floor} for way, result in results.items()}
    ways.show(f"{describe_machine('pyarrow', 'isal')}\n{records // 2:,} pairs, one core", results, rates, ratios)


if __name__ == "__main__":
    main()
