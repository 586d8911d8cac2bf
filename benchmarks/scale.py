"""The build at the size of the paper's dataset: 8.39 million records in the corpora's own layouts.

    python -m benchmarks.scale [STEP ...] --work DIR [--raw DIR] [--share 1] [--wikipedia 0.125]

Steps, all of them by default, in this order:

- `build`: everything but Wikipedia with one worker, with two, and with Ray where it is installed, beside the floor;
- `corpora`: CPU seconds of each corpus, in one process;
- `growth`: the same as `build` with two workers at an eighth of the size;
- `after`: `verify`, beside hashing the same bytes, `stats` and `export` of what `build` built;
- `clean`: the curated edition of it;
- `wikipedia`: a dump in the same ways, beside decompressing it.

The floor reads the same raw bytes and writes the same Parquet files with no work between, in as many processes as two
workers. Each run is a process of its own, start and imports included. Peak memory is the sum over all processes of what
each has for itself, and once what they share, looked at five times a second: a look at the proportional size (PSS) walks
through all pages, which took a tenth of two cores from what was measured.

Raw files and results stay in `--work`, which is new or was made by an earlier run (`benchmarks.own`): a step whose results
are there is not run again, so that the steps may run one by one. `--raw` names a directory of real raw files, from which
sentences and the pages of Wikipedia are taken (see `benchmarks.full_size`). A million articles of Wikipedia are made in a
quarter of an hour, so that an eighth is the default.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import multiprocessing
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil
import pyarrow.parquet as pq
import rapidgzip
from rich.console import Console

from benchmarks.full_size import ARTICLES, make_dump, make_sources
from benchmarks.machine import describe_machine, figures_table
from benchmarks.own import own_directory
from builders import catalogue
from builders.build.parquet import OPTIONS
from builders.files import sha256
from builders.formats.archives import gzip_file, zip_archive
from builders.formats.blocks import Stream
from builders.tree import report

ROOT = Path(__file__).resolve().parents[1]
WIKIPEDIA = "knowledge-wikipedia"
CONFIGS = [name for name in catalogue.task_configs_of([catalogue.DEFAULT]) if name != WIKIPEDIA]
EIGHTH = 0.125
READ = 1 << 20
LOOK = 0.2
"""Seconds between two looks at the memory."""
LONE = "--lone"
"""Names a function of this module that is run in a process of its own."""

Measured = dict[str, float]
"""What a run took: `seconds`, `cpu` (of all processes that ended with it), `peak` (MiB), and `records`."""


@dataclass(frozen=True)
class Bench:
    """Where the raw files and the results are.

    Args:
        work: directory.
        raw: real raw files; None for invented words.
        share: of the paper's size.
        wikipedia: of the paper's articles.
    """

    work: Path
    raw: Path | None
    share: float
    wikipedia: float

    def sources(self, share: float) -> Path:
        """The raw files of a share of all corpora but Wikipedia, made if they are not there."""
        return self._made(f"sources-{share:g}", lambda path: make_sources(path, share, self.raw))

    def dump(self) -> Path:
        """The raw files of Wikipedia, made if they are not there."""
        dump = max(((self.raw or ROOT / "samples") / "wikipedia").glob("jawiki-*-multistream.xml.bz2"))
        articles = round(ARTICLES * self.wikipedia)
        return self._made(f"wikipedia-{self.wikipedia:g}", lambda path: make_dump(path, articles, dump))

    def _made(self, name: str, make: Callable[[Path], None]) -> Path:
        path, unfinished = self.work / name, self.work / f"{name}.tmp"
        if not path.exists():
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir(parents=True)
            make(unfinished)
            unfinished.rename(path)
        return path

    def once(self, name: str, run: Callable[[], Measured]) -> Measured:
        """The result of that name, measured if it is not there."""
        path = self.work / "results.json"
        results: dict[str, Measured] = json.loads(path.read_bytes()) if path.is_file() else {}
        if name not in results:
            results[name] = run()
            path.write_text(json.dumps(results, indent=1))
        return results[name]

    def build(self, name: str, sources: Path, configs: Sequence[str], *options: str) -> Measured:
        """A build into a directory of that name."""
        out = self.work / name
        shutil.rmtree(out, ignore_errors=True)
        command = ["builders", "build", *configs, "--sources", str(sources), "--out", str(out), *options]
        measured = run_module(*command)
        return measured | {"records": _records(out)}


def _records(built: Path) -> int:
    return sum(config.records for config in report.load(built).configs.values())


def run_module(*command: str) -> Measured:
    """Runs `python -m ...`; what it prints last is added if that is JSON."""
    begin, begin_cpu = time.perf_counter(), _cpu()
    process = subprocess.Popen([sys.executable, "-m", *command], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    peak = 0.0
    while process.returncode is None:
        peak = max(peak, _memory(process.pid))
        with suppress(subprocess.TimeoutExpired):
            process.wait(LOOK)
    assert process.stdout is not None
    printed = process.stdout.read().splitlines()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}: exit code {process.returncode}")
    measured = {"seconds": time.perf_counter() - begin, "cpu": _cpu() - begin_cpu, "peak": peak}
    return measured | (json.loads(printed[-1]) if printed and printed[-1].startswith("{") else {})


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _memory(pid: int) -> float:
    """MiB of a process and all below it: their own, and those shared by the one that shares most."""
    own, shared = 0, 0
    try:
        for process in [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]:
            used = process.memory_info()
            common = getattr(used, "shared", 0)
            own, shared = own + used.rss - common, max(shared, common)
    except psutil.Error:
        pass  # it ended meanwhile
    return (own + shared) / 2**20


def _lone(function: Callable[..., None], *arguments: object) -> Measured:
    return run_module("benchmarks.scale", LONE, function.__name__, *map(str, arguments))


def floor(sources: str, built: str) -> None:
    """Reads the raw text and writes the build's Parquet again, with no work between, in two processes."""
    raw = [path for path in Path(sources).rglob("*") if path.is_file()]
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        list(pool.map(_read, raw))
        list(pool.map(_write_again, Path(built).glob("*/*.parquet")))


def _read(path: Path) -> None:
    if path.suffix == ".gz":
        with gzip_file(path) as stream:
            _drain(stream)
    elif path.suffix == ".zip":
        with zip_archive(path) as archive:
            for member in archive.namelist():
                with archive.open(member) as stream:
                    _drain(stream)
    else:
        with path.open("rb") as file:
            _drain(file)


def _drain(stream: Stream) -> None:
    while stream.read(READ):
        pass


def _write_again(path: Path) -> None:
    again = path.with_suffix(".again")
    pq.write_table(pq.read_table(path), again, **OPTIONS)
    again.unlink()


def hash_bytes(built: str) -> None:
    """What `verify` cannot do without: the sha256 of every file, on one core."""
    _print_times(lambda: [sha256(path) for path in Path(built).rglob("*") if path.is_file()])


def verify_alone(built: str) -> None:
    """`verify` without its start."""
    from builders.tree.verify import verify

    _print_times(lambda: verify(Path(built)))


def _print_times(work: Callable[[], object]) -> None:
    begin, begin_cpu = time.perf_counter(), time.process_time()
    work()
    print(json.dumps({"seconds": time.perf_counter() - begin, "cpu": time.process_time() - begin_cpu}))


def decompress(sources: str) -> None:
    """A dump, by rapidgzip on all cores."""
    (dump,) = Path(sources).glob("wikipedia/*.xml.bz2")
    with rapidgzip.IndexedBzip2File(str(dump), parallelization=os.cpu_count()) as stream:
        _drain(stream)


def by_corpus(sources: str, out: str) -> None:
    """Builds the shards of all configs one after the other; prints CPU seconds and records by corpus."""
    from builders import download
    from builders.build import shards
    from builders.build.plan import plan_configs

    seconds, records = dict[str, float](), dict[str, float]()
    for plan in plan_configs(CONFIGS, partial(download.obtain, sources=Path(sources))):
        name, begin = plan.corpus.name, time.process_time()
        for shard in plan.shards:
            result = shards.build(shard, Path(out) / plan.config / shard.part.name, lambda records: None)
            records[name] = records.get(name, 0) + sum(result.records.values())
        seconds[name] = seconds.get(name, 0) + time.process_time() - begin
    print(json.dumps({f"{name}: {key}": of[name] for key, of in (("s", seconds), ("n", records)) for name in of}))


def build_step(bench: Bench, console: Console) -> None:
    """One worker, two, Ray, and the floor."""
    sources = bench.sources(bench.share)
    runs = _built_in_ways(bench, "built", sources, CONFIGS)
    runs["floor"] = bench.once("floor", lambda: _lone(floor, sources, bench.work / "built"))
    records = runs["2 workers"]["records"]
    _show(console, f"{bench.share:g} of the paper's size without Wikipedia", runs, "floor", records)


def _built_in_ways(bench: Bench, out: str, sources: Path, configs: Sequence[str], of: str = "") -> dict[str, Measured]:
    """The same build by each way there is; `of` goes before the names of the results."""
    ways: dict[str, tuple[str, ...]] = {"1 worker": ("--workers", "1"), "2 workers": ("--workers", "2")}
    if importlib.util.find_spec("ray"):
        ways["Ray, 2 cores"] = ("--workers", "2", "--engine", "ray")
    return {
        way: bench.once(f"{of}{way}", partial(bench.build, out, sources, configs, *options))
        for way, options in ways.items()
    }


def corpora_step(bench: Bench, console: Console) -> None:
    """CPU seconds by corpus."""
    scratch = bench.work / "by-corpus"
    shutil.rmtree(scratch, ignore_errors=True)
    found = bench.once("corpora", lambda: _lone(by_corpus, bench.sources(bench.share), scratch))
    shutil.rmtree(scratch, ignore_errors=True)
    table = figures_table("Shards of each corpus, one process", "corpus", "records", "CPU s", "records/CPU s")
    for name in sorted((key[:-3] for key in found if key.endswith(": s")), key=lambda name: -found[f"{name}: s"]):
        seconds, records = found[f"{name}: s"], found[f"{name}: n"]
        table.add_row(name, f"{records:,.0f}", f"{seconds:.2f}", f"{records / seconds:,.0f}")
    console.print(table)


def growth_step(bench: Bench, console: Console) -> None:
    """From an eighth to the whole."""
    small = bench.share * EIGHTH
    sources = bench.sources(small)
    runs = {
        "an eighth": bench.once("an eighth", lambda: bench.build("eighth", sources, CONFIGS, "--workers", "2")),
        "the whole": bench.once(
            "2 workers",
            lambda: bench.build("built", bench.sources(bench.share), CONFIGS, "--workers", "2"),
        ),
    }
    _show(console, "Growth, 2 workers", runs, "an eighth")


def after_step(bench: Bench, console: Console) -> None:
    """What reads the dataset that `build` built."""
    built, train = bench.work / "built", bench.work / "train.jsonl.zst"
    if not built.exists():
        bench.build("built", bench.sources(bench.share), CONFIGS, "--workers", "2")
    train.unlink(missing_ok=True)
    exported = ("all", "--format", "prompt-completion", "--out", str(train))
    runs = {
        "hashing": bench.once("hashing", lambda: _lone(hash_bytes, built)),
        "verify, after its start": bench.once("verify alone", lambda: _lone(verify_alone, built)),
        "verify": bench.once("verify", lambda: run_module("builders", "verify", str(built))),
        "stats": bench.once("stats", lambda: run_module("builders", "stats", str(built))),
        "export": bench.once("export", lambda: run_module("builders", "export", str(built), *exported)),
    }
    train.unlink(missing_ok=True)
    records = _records(built)
    _show(console, "Reading it", runs, "hashing", records)


def clean_step(bench: Bench, console: Console) -> None:
    """The curated edition."""
    built = bench.work / "built"
    records = _records(built)
    runs = {"clean": bench.once("clean", lambda: run_module("builders", "clean", str(built), "--workers", "2"))}
    _show(console, "The curated edition", runs, "clean", records)


def wikipedia_step(bench: Bench, console: Console) -> None:
    """A dump: decompressing it alone, and building it."""
    sources = bench.dump()
    (dump,) = sources.glob("wikipedia/*.xml.bz2")
    runs = {"rapidgzip": bench.once("rapidgzip", lambda: _lone(decompress, sources))}
    runs |= _built_in_ways(bench, "wikipedia-built", sources, [WIKIPEDIA], "Wikipedia, ")
    title = f"Wikipedia: {bench.wikipedia:g} of the paper's articles, {dump.stat().st_size / 1e6:,.0f} MB of bzip2"
    _show(console, title, runs, "rapidgzip", runs["2 workers"]["records"])


def _show(console: Console, title: str, runs: dict[str, Measured], against: str, records: float = 0) -> None:
    """Prints a line for each run; records/s where a number of records is known."""
    table = figures_table(
        title, "way", "records", "wall s", "CPU s", "records/s", f"x {against}", "x its CPU", "peak MiB"
    )
    base = runs[against]
    for way, one in runs.items():
        count = one.get("records", records)
        ratios = (f"{one['seconds'] / base['seconds']:.2f}", f"{one['cpu'] / base['cpu']:.2f}")
        times = (f"{one['seconds']:.1f}", f"{one['cpu']:.1f}", f"{count / one['seconds']:,.0f}")
        table.add_row(way, f"{count:,.0f}", *times, *ratios, f"{one['peak']:.0f}")
    console.print(table)


STEPS: dict[str, Callable[[Bench, Console], None]] = {
    "build": build_step,
    "corpora": corpora_step,
    "growth": growth_step,
    "after": after_step,
    "clean": clean_step,
    "wikipedia": wikipedia_step,
}


def main() -> None:
    """Runs the steps and prints a table for each."""
    if sys.argv[1:2] == [LONE]:
        alone = {function.__name__: function for function in (floor, hash_bytes, verify_alone, decompress, by_corpus)}
        return alone[sys.argv[2]](*sys.argv[3:])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("steps", nargs="*", metavar="STEP", help=f"of {', '.join(STEPS)} (default: all)")
    parser.add_argument("--work", type=Path, required=True, help="directory for raw files and results")
    parser.add_argument("--raw", type=Path, help="directory of real raw files (default: invented words)")
    parser.add_argument("--share", type=float, default=1.0, help="of the paper's size (default: %(default)s)")
    parser.add_argument("--wikipedia", type=float, default=EIGHTH, help="of its articles (default: %(default)s)")
    options = parser.parse_args()
    if unknown := set(options.steps) - set(STEPS):
        parser.error(f"no such step: {', '.join(sorted(unknown))}")
    console = Console(width=120)
    console.print(describe_machine("pyarrow", "polars", "isal", "rapidgzip"))
    bench = Bench(own_directory(options.work.absolute()), options.raw, options.share, options.wikipedia)
    for step in options.steps or STEPS:
        STEPS[step](bench, console)


if __name__ == "__main__":
    main()
