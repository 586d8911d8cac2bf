"""The build at the size of the paper's dataset: 8.39 million records, or a share of them.

    python -m benchmarks.scale [--share 0.125]

Makes a source directory (subtitles in JESC's layout, pairs in the tab-delimited one for all other translations and
tasks, and a multistream dump of the pages of `samples/wikipedia`, repeated under new numbers), and builds it with one
worker, with two, and with Ray where it is installed, each in a process of its own. Beside them the floor: the same bytes
of JESC and of the pairs are unpacked, and the Parquet files of the build are read and written again as they are.

Run it with --share 0.125 and --share 1 for the growth. Peak memory is the sum over all processes of what each has for
itself (PSS where Linux tells it), looked at ten times a second.
"""

from __future__ import annotations

import argparse
import bz2
import importlib.util
import re
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import pyarrow.parquet as pq
from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.build import generate as write_pairs
from benchmarks.machine import describe_machine
from builders.build.parquet import OPTIONS
from builders.formats.archives import gzip_file, zip_member
from builders.tree import report
from samples import dumps
from tests.support.subtitles import write_subtitles

JESC_PAIRS, OTHER_PAIRS, ARTICLES = 2_698_102, 823_000, 1_347_381
"""Raw rows that give the paper's 8.39 million records: two of each pair, one of each article."""
PAGES_PER_STREAM = 100
ROOT = Path(__file__).resolve().parents[1]
DUMP = "jawiki-20230401-pages-articles-multistream"
CONFIGS = ("translation-jesc", "translation-tab-delimited", "knowledge-wikipedia")


def make_sources(sources: Path, share: float) -> None:
    """Writes the raw files of a share of the dataset."""
    write_subtitles(sources, round(JESC_PAIRS * share))
    write_pairs(sources, round(OTHER_PAIRS * share))
    write_dump(sources, round(ARTICLES * share))


def write_dump(sources: Path, articles: int) -> None:
    """Writes a multistream dump with its index: the sample's pages over and over, each time with new numbers."""
    text = bz2.decompress((ROOT / "samples" / "wikipedia" / f"{DUMP}.xml.bz2").read_bytes())
    pages = re.findall(rb"  <page>.*?</page>\n", text, re.DOTALL)
    folder = sources / "wikipedia"
    folder.mkdir()
    lines = []
    with (folder / f"{DUMP}.xml.bz2").open("wb") as file:
        file.write(bz2.compress(dumps.header()))
        for first in range(1, articles + 1, PAGES_PER_STREAM):
            numbers = range(first, min(first + PAGES_PER_STREAM, articles + 1))
            lines += [f"{file.tell()}:{number}:-\n" for number in numbers]
            numbered = (re.sub(rb"<id>\d+</id>", b"<id>%d</id>" % n, pages[n % len(pages)], count=1) for n in numbers)
            file.write(bz2.compress(b"".join(numbered)))
        file.write(bz2.compress(dumps.END))
    (folder / f"{DUMP}-index.txt.bz2").write_bytes(bz2.compress("".join(lines).encode()))


def build(configs: tuple[str, ...], sources: Path, out: Path, *more: str) -> dict[str, float]:
    """Runs the command; returns `seconds`, `cpu` (of all processes that have ended with it), `peak` (MiB), `records`."""
    command = [sys.executable, "-m", "builders", "build", *configs, "--sources", str(sources), "--out", str(out), *more]
    begin, begin_cpu = time.perf_counter(), _cpu()
    process, peak = subprocess.Popen([*command, "--best-effort"], cwd=ROOT, stdout=subprocess.DEVNULL), 0
    while process.poll() is None:
        peak = max(peak, _memory(process.pid))
        time.sleep(0.1)
    if process.returncode:
        raise SystemExit("the build failed")
    seconds, cpu = time.perf_counter() - begin, _cpu() - begin_cpu
    records = sum(config.records for config in report.load(out).configs.values())
    return {"seconds": seconds, "cpu": cpu, "peak": peak / 2**20, "records": records}


def floor(sources: Path, built: Path) -> dict[str, float]:
    """Reads the raw text and writes the build's Parquet again, with no work between."""
    begin, begin_cpu, records = time.perf_counter(), time.process_time(), 0
    with gzip_file(sources / "jesc/raw.tar.gz") as stream:
        while stream.read(1 << 20):
            pass
    with zip_member(sources / "tab_delimited/jpn-eng.zip", "jpn.txt") as stream:
        while stream.read(1 << 20):
            pass
    with bz2.open(sources / "wikipedia" / f"{DUMP}.xml.bz2") as dump:
        while dump.read(1 << 20):
            pass
    reading = time.process_time() - begin_cpu
    for path in built.glob("*/*.parquet"):
        table = pq.read_table(path)
        pq.write_table(table, path.with_suffix(".again"), **OPTIONS)
        records += table.num_rows
    seconds, cpu = time.perf_counter() - begin, time.process_time() - begin_cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "cpu": cpu, "peak": peak, "records": records, "reading": reading}


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _memory(pid: int) -> int:
    """Bytes of a process and all below it."""
    total = 0
    try:
        for process in [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]:
            used = process.memory_full_info()
            total += getattr(used, "pss", used.rss)
    except psutil.Error:
        pass  # it ended meanwhile
    return total


def main() -> None:
    """Makes the sources, measures, and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--share", type=float, default=1.0, help="of the paper's size (default: %(default)s)")
    share = parser.parse_args().share
    console = Console()
    ways: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
        "1 worker": (CONFIGS, ("--workers", "1")),
        "2 workers": (CONFIGS, ("--workers", "2")),
    }
    if importlib.util.find_spec("ray"):
        ways["Ray, 2 cores"] = (CONFIGS, ("--workers", "2", "--engine", "ray"))
    ways |= {config: ((config,), ("--workers", "2")) for config in CONFIGS}
    results = {}
    with TemporaryDirectory() as directory:
        sources = Path(directory) / "sources"
        sources.mkdir()
        with console.status("making the raw files"):
            make_sources(sources, share)
        for number, (name, (configs, more)) in enumerate(ways.items()):
            with console.status(f"measuring: {name}"):
                results[name] = build(configs, sources, Path(directory) / str(number), *more)
        with console.status("measuring: floor"):
            results["floor"] = floor(sources, Path(directory) / "0")
    _show(console, results, share)


def _show(console: Console, results: dict[str, dict[str, float]], share: float) -> None:
    title = f"{describe_machine('pyarrow')}\n{share:g} of the paper's size"
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("way", "records", "wall s", "CPU s", "records/s", "peak MiB"):
        table.add_column(column, justify="left" if column == "way" else "right", no_wrap=True)
    for way, one in results.items():
        times = (f"{one['seconds']:.1f}", f"{one['cpu']:.1f}", f"{one['records'] / one['seconds']:,.0f}")
        table.add_row(way, f"{one['records']:,.0f}", *times, f"{one['peak']:.0f}")
    console.print(table)
    console.print(f"Of the floor, {results['floor']['reading']:.1f} CPU seconds are reading.")


if __name__ == "__main__":
    main()
