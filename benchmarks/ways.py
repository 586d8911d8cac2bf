"""Several ways to do the same work, each measured in a process of its own that may use one core."""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console

from benchmarks.machine import figures_table, pin_to_one_core

Way = Callable[[Path, Path], int | None]
"""Works on the files of a source directory, writes into another, and returns the number of records it made."""

Measured = dict[str, Any]
"""What one way cost: `records`, `seconds`, `cpu` and `peak`, as `compare` says."""
RUNS = 5
ENOUGH = 30.0
"""Seconds after which a way is not measured once more."""


def compare(
    module: str, description: str, ways: Mapping[str, Way], generate: Callable[[Path, int], None], pairs: int
) -> dict[str, Measured]:
    """Makes the input once and measures every way.

    Args:
        module: the benchmark's module, which is run again for each way.
        description: for `--help`.
        ways: by name.
        generate: writes the input with that many pairs into a source directory.
        pairs: default of `--pairs`.

    Returns:
        By way: `records`, `seconds` and `cpu` (seconds, wall and processor; both start after the imports), `peak`
        (MiB, of the whole process), of the run with the median time. Where other processes want the same core, seconds are more than CPU seconds.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=pairs, help="pairs of the generated corpus (default: %(default)s)")
    parser.add_argument("--one", nargs=3, metavar=("WAY", "SOURCES", "OUT"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        way, sources, out = options.one
        print(json.dumps(_run(ways[way], Path(sources), Path(out))))
        sys.exit()
    console = Console()
    results = {}
    with TemporaryDirectory() as sources:
        with console.status(f"making {options.pairs:,} pairs"):
            generate(Path(sources), options.pairs)
        for way in ways:
            with console.status(f"measuring: {way}"):
                results[way] = _median([module, "--one", way, sources])
    return results


def _median(command: list[str]) -> Measured:
    """The run with the median time, of as many as `RUNS` and `ENOUGH` allow: the machine is not always as fast."""
    runs: list[Measured] = []
    while len(runs) < RUNS and sum(run["seconds"] for run in runs) < ENOUGH:
        with TemporaryDirectory() as out:
            done = subprocess.run([sys.executable, "-m", *command, out], stdout=subprocess.PIPE, text=True, check=True)
        runs.append(json.loads(done.stdout.splitlines()[-1]))
    return sorted(runs, key=lambda run: run["seconds"])[(len(runs) - 1) // 2]


def _run(way: Way, sources: Path, out: Path) -> Measured:
    # imports are not what is measured
    import datasets
    import matplotlib.pyplot  # noqa: F401
    import pyarrow.parquet  # noqa: F401

    import builders.build.run
    import builders.documents  # noqa: F401

    datasets.disable_progress_bars()
    pin_to_one_core()
    start, start_cpu = time.perf_counter(), time.process_time()
    records = way(sources, out)
    seconds, cpu = time.perf_counter() - start, time.process_time() - start_cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"records": records, "seconds": seconds, "cpu": cpu, "peak": peak}


def show(
    title: str, results: Mapping[str, Measured], rates: Mapping[str, float], ratios: Mapping[str, Mapping[str, float]]
) -> None:
    """Prints a line per way: what `compare` gave, records per second, and ratios by their column's head."""
    heads = list(next(iter(ratios.values())))
    table = figures_table(title, "way", "wall s", "CPU s", "records/s", *heads, "peak MiB")
    for way, result in results.items():
        times = (f"{result['seconds']:.2f}", f"{result['cpu']:.2f}", f"{rates[way]:,.0f}")
        table.add_row(way, *times, *(f"{ratios[way][head]:.2f}" for head in heads), f"{result['peak']:.0f}")
    Console().print(table)


def build(config: str, sources: Path, out: Path) -> int:
    """This project's whole build of one config, with one worker; returns the number of records."""
    from builders import download
    from builders.build.plan import plan_configs
    from builders.build.run import run_build
    from builders.documents import describe

    plans = plan_configs([config], partial(download.obtain, sources=sources))
    return run_build(plans, out / "built", workers=1, describe=describe).configs[config].records


def build_records(config: str, sources: Path, out: Path) -> int:
    """The part of `build` that grows with the records: without card, charts and report."""
    from builders import download
    from builders.build import shards
    from builders.build.plan import plan_configs

    [plan] = plan_configs([config], partial(download.obtain, sources=sources))
    results = [shards.build(shard, out / shard.part.name, lambda records: None) for shard in plan.shards]
    return sum(sum(result.records.values()) for result in results)
