"""Wikipedia: articles per second beside WikiExtractor, and the whole way from .bz2 beside decompressing alone.

    python -m benchmarks.wikipedia [--sources DIR] [--articles 20000] [--wp2txt COMMAND]

Takes the multistream dump and index in `DIR/wikipedia` (default: `$LJD_SOURCES`, else the invented pages in
`samples`), and measures, each in a process of its own, after its imports:

- one core, from decompressed XML, the pages twenty times over under new numbers: WikiExtractor 3.1.0 (one process, no
  templates), which is installed into `.venvs/wikiextractor`; wp2txt (one process, leads only), where a command for it is
  given; this project reading and cleaning; and the same with the Parquet files written. Rates are per second of CPU time,
  which other work on the machine changes least;
- all cores, from a dump of so many articles: decompressing alone with either decoder; the whole build, which is
  decompressing, splitting, cleaning, writing, checksums, card and report; and that without the index.

Peak memory is that of all processes together at one moment, Python and libraries included, what they share counted
for each of them.
"""

from __future__ import annotations

import argparse
import bz2
import io
import json
import os
import re
import resource
import shlex
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import rapidgzip
from rich.console import Console

from benchmarks import full_size
from benchmarks.machine import describe_machine, figures_table, pin_to_one_core
from benchmarks.meter import processes
from builders import download
from builders.build import shards
from builders.build.plan import plan_configs
from builders.build.run import run_build
from builders.commands.options import cores
from builders.corpora.wikipedia import CORPUS
from builders.corpus import Part
from builders.documents import describe
from samples import dumps

ROOT = Path(__file__).parent.parent
WIKIEXTRACTOR = "3.1.0"
CONFIG = "knowledge-wikipedia"
XML = "pages.xml"
REPEATED_XML = 20
READ_SIZE = 4 << 20
OWN_WAYS = {"this project: read and clean": False, "this project: and write Parquet": True}


def find_dump(sources: Path) -> Path:
    """The multistream dump in a local source directory."""
    return max((sources / "wikipedia").glob("jawiki-*-pages-articles-multistream.xml.bz2"))


def longer(dump: Path, articles: int, folder: Path) -> None:
    """Writes the pages of a dump several times over under new numbers: as XML, and as dumps with and without index.

    Args:
        dump: multistream, small enough for memory.
        articles: of the dumps, which are made of its shorter pages (see `benchmarks.full_size`); the XML has all of its
            pages, `REPEATED_XML` times.
        folder: gets `XML`, and two source directories `indexed` and `plain`.
    """
    head, pages = full_size.pages_of(dump)
    with (folder / XML).open("wb") as file:
        file.write(head)
        repeated = enumerate(pages * REPEATED_XML, 1)
        file.writelines(full_size.numbered(page, number) for number, page in repeated)
        file.write(dumps.END)
    (folder / "plain" / "wikipedia").mkdir(parents=True)
    (folder / "indexed").mkdir()
    full_size.make_dump(folder / "indexed", articles, dump)
    os.link(folder / "indexed" / "wikipedia" / dump.name, folder / "plain" / "wikipedia" / dump.name)
    (folder / "plain" / download.SAMPLE).touch()


def decompress(decoder: str, dump: Path) -> None:
    """Decompresses and keeps nothing; rapidgzip on all cores."""
    open_dump: dict[str, Callable[[], io.BufferedIOBase]] = {
        "bz2 (standard library)": lambda: bz2.open(dump),
        "rapidgzip": lambda: rapidgzip.IndexedBzip2File(str(dump), parallelization=0),
    }
    with open_dump[decoder]() as stream:
        while stream.read(READ_SIZE):
            pass


DECODERS = ("bz2 (standard library)", "rapidgzip")


def clean(xml: Path, out: Path, write: bool) -> None:
    """Reads and cleans an XML dump; makes records of it and writes them too, or drops the rows."""
    part = Part("all", {xml.name: xml})
    if write:
        shards.build(shards.Shard(CORPUS, CORPUS.tasks[0], part, ""), out / "shard", lambda _: None)
    else:
        for _ in CORPUS.read(part):
            pass


def build_all(sources: Path, out: Path) -> None:
    """The project's build, as many workers as cores."""
    plans = plan_configs([CONFIG], partial(download.obtain, sources=sources))
    run_build(plans, out / "built", workers=cores(), describe=describe)


def run_one(way: str, path: Path) -> None:
    """In a process of its own: prints seconds, CPU seconds and the peaks of memory in MiB as JSON."""
    if way in OWN_WAYS:
        pin_to_one_core()
    with TemporaryDirectory() as out, Memory() as memory:
        start, start_cpu = time.perf_counter(), cpu_seconds()
        if way in OWN_WAYS:
            clean(path, Path(out), OWN_WAYS[way])
        elif way in DECODERS:
            decompress(way, path)
        else:
            build_all(path, Path(out))
        seconds, cpu = time.perf_counter() - start, cpu_seconds() - start_cpu
    print(json.dumps({"seconds": seconds, "cpu": cpu, "largest": memory.largest, "all": memory.all}))


def cpu_seconds() -> float:
    """CPU time of this process and of those it waited for."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def resident(process: int) -> float:
    """Resident memory of a process, in MiB; 0 where it has ended."""
    try:
        return float(psutil.Process(process).memory_info().rss) / 2**20
    except psutil.NoSuchProcess:
        return 0.0


class Memory(threading.Thread):
    """Looks at the memory of this process and its children, twenty times a second; a context manager.

    `all` is the largest sum at one moment, `largest` the most that a single process had, both in MiB.
    """

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.all = self.largest = 0.0
        self._done = threading.Event()

    def __enter__(self) -> Memory:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._done.set()
        self.join()

    def run(self) -> None:
        while True:
            sizes = [resident(process) for process in processes()]
            self.all, self.largest = max(self.all, sum(sizes)), max(self.largest, *sizes)
            if self._done.wait(0.05):
                return


def measure(way: str, path: Path) -> dict[str, float]:
    """Runs one way in a fresh process."""
    command = [sys.executable, "-m", "benchmarks.wikipedia", "--way", way, "--path", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def run_wikiextractor(xml: Path, folder: Path, *more: str) -> tuple[int, dict[str, float]]:
    """Articles of WikiExtractor on one core, and its seconds, start and imports included.

    Args:
        xml: the dump.
        folder: gets the directory `extracted`.
        more: options for it.
    """
    python = ROOT / ".venvs" / "wikiextractor" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", python.parents[1]], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", f"wikiextractor=={WIKIEXTRACTOR}"], check=True)
    options = ["--no-templates", "--processes", "1", "--output", str(folder / "extracted"), *more, str(xml)]
    done, result = _run_on_one_core([str(python), "-m", "wikiextractor.WikiExtractor", *options])
    (articles,) = re.findall(r"extraction of (\d+) articles", done)
    return int(articles), result


def run_wp2txt(command: list[str], xml: Path, folder: Path) -> dict[str, float]:
    """The seconds of wp2txt for the leads of all articles on one core, start included."""
    (folder / "wp2txt").mkdir()
    places = ["--input", str(xml), "--output-dir", str(folder / "wp2txt")]
    return _run_on_one_core([*command, *places, "--num-procs", "1", "--summary-only", "--quiet"])[1]


def _run_on_one_core(command: list[str]) -> tuple[str, dict[str, float]]:
    """What a program wrote to stderr, and its seconds."""
    core = str(max(os.sched_getaffinity(0)))
    start, start_cpu = time.perf_counter(), cpu_seconds()
    done = subprocess.run(["taskset", "--cpu-list", core, *command], capture_output=True, text=True, check=True)
    return done.stderr, {"seconds": time.perf_counter() - start, "cpu": cpu_seconds() - start_cpu}


def main() -> None:
    """Measures every way and prints two tables."""
    shared = os.environ.get("LJD_SOURCES")
    default = Path(shared) if shared else ROOT / "samples"
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sources", type=Path, default=default, help="directory that has wikipedia/<dump>")
    parser.add_argument("--articles", type=int, default=20_000, help="of the dump that is built (default: %(default)s)")
    parser.add_argument("--wp2txt", metavar="COMMAND", default=shutil.which("wp2txt"), help="how wp2txt is run")
    parser.add_argument("--way", help=argparse.SUPPRESS)
    parser.add_argument("--path", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.way:
        return run_one(options.way, options.path)
    console = Console()
    dump = find_dump(options.sources)
    with TemporaryDirectory() as directory:
        folder = Path(directory)
        with console.status(f"making {options.articles:,} articles"):
            longer(dump, options.articles, folder)
        with console.status("measuring: WikiExtractor"):
            articles, result = run_wikiextractor(folder / XML, folder)
        results = {f"WikiExtractor {WIKIEXTRACTOR}": result}
        if options.wp2txt:
            with console.status("measuring: wp2txt"):
                results["wp2txt"] = run_wp2txt(shlex.split(options.wp2txt), folder / XML, folder)
        for way in OWN_WAYS:
            with console.status(f"measuring: {way}"):
                results[way] = measure(way, folder / XML)
        _print_one_core(console, results, articles, folder / XML)
        long = folder / "plain" / "wikipedia" / dump.name
        paths = dict.fromkeys(DECODERS, long)
        paths |= {"whole way": folder / "indexed", "whole way, no index": folder / "plain"}
        results = {}
        for way, path in paths.items():
            with console.status(f"measuring: {way}"):
                results[way] = measure(way, path)
        _print_all_cores(console, results, dump, options.articles, long)


def _print_one_core(console: Console, results: dict[str, dict[str, float]], articles: int, xml: Path) -> None:
    size = f"{xml.stat().st_size / 1e6:.0f} MB"
    title = f"{describe_machine('pyarrow')}\n{articles:,} articles in {size} of XML, one core"
    slowest = next(iter(results.values()))["cpu"]
    table = figures_table(title, "way", "seconds", "CPU s", "articles/CPU s", "x WikiExtractor")
    for way, result in results.items():
        cells = (f"{result['seconds']:.2f}", f"{result['cpu']:.2f}", f"{articles / result['cpu']:,.0f}")
        table.add_row(way, *cells, f"{slowest / result['cpu']:.1f}")
    console.print(table)


def _print_all_cores(
    console: Console, results: dict[str, dict[str, float]], dump: Path, articles: int, long: Path
) -> None:
    versions = describe_machine("pyarrow", "rapidgzip")
    title = (
        f"{versions}\n{articles:,} articles of {dump.name} over and over: {long.stat().st_size / 1e6:.0f} MB, all cores"
    )
    fastest = min(results[decoder]["seconds"] for decoder in DECODERS)
    table = figures_table(title, "way", "seconds", "CPU s", "x fastest", "peak MiB", "of one")
    for way, result in results.items():
        cells = (f"{result['seconds']:.2f}", f"{result['cpu']:.2f}", f"{result['seconds'] / fastest:.2f}")
        table.add_row(way, *cells, f"{result['all']:.0f}", f"{result['largest']:.0f}")
    console.print(table)


if __name__ == "__main__":
    main()
