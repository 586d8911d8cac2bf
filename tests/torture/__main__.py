"""Hundreds of commands that are killed, and a table of what came of them.

    python -m tests.torture [--kills 200] [--real 50] [--seed 1]

The build of the sample is killed while it runs until it was hit `--kills` times, an eighth as often each a build of a slice
of it, a merge of slices, a clean build, and a publish to a Hub on this machine. In between they are interrupted, terminated,
and lose a worker; at last their disk is full, where this machine lets a small one be mounted.
Where LJD_SOURCES names a directory of real raw files, a build of all configs that they are enough for is killed `--real` times.
The exit code is 1 where one run ended with other bytes than an undisturbed one.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from builders import catalogue, download
from builders.build.plan import plan_configs
from builders.commands.options import SAMPLES
from builders.errors import BuildError
from tests.support.editions import edition
from tests.torture import publishing
from tests.torture.disturbances import CLEANING, finish
from tests.torture.runs import Command, Outcomes, show, torture, undisturbed


def main() -> int:
    """Disturbs everything and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200, help="of builds of the sample (default: %(default)s)")
    parser.add_argument("--real", type=int, default=50, help="of builds of real raw files (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the random moments (default: %(default)s)")
    options = parser.parse_args()
    console = Console()
    # A shell starts what is to run in the background with SIGINT ignored, and what that starts ignores it too.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    found: list[Outcomes] = []
    try:
        with TemporaryDirectory(prefix="torture-") as directory, console.status("an undisturbed build") as status:
            tell = status.update if console.is_terminal else console.print  # a log has lines
            found.extend(_outcomes(Path(directory), options, tell))
    finally:  # what is known when it is stopped, too
        show(console, found)
    return int(any(outcomes.other_bytes.total() for outcomes in found))


def _outcomes(scratch: Path, options: argparse.Namespace, tell: Callable[[str], None]) -> Iterator[Outcomes]:
    few, seed = options.kills // 8, options.seed
    words = ("build", "--sources", str(SAMPLES), "--workers", "2")
    build = undisturbed(Command("build of the sample", (*words, "--chat", "--out")), scratch / "sample")
    yield from torture(build, options.kills, seed, tell)
    slice_one = Command("slice", (*words, "--shards", "1/2", "--out"))
    yield from torture(undisturbed(slice_one, scratch / "1"), few, seed, tell)
    finish([*words, "--shards", "2/2", "--out", str(scratch / "2")])
    merge = Command("merge", ("merge", str(scratch / "1"), str(scratch / "2"), "--chat", "--out"))
    yield from torture(replace(build, command=merge), few, seed, tell)
    clean = Command("clean", ("clean", "--workers", "2"), given=scratch / "sample", moments=CLEANING)
    yield from torture(undisturbed(clean, scratch / "clean"), few, seed, tell)
    finish(["build", "jsquad", "translation-coursera", "--sources", str(SAMPLES), "--out", str(scratch / "small")])
    old = edition(scratch / "small", scratch / "old", "0.1.0")
    yield from publishing.torture(scratch / "sample", old, few, seed, tell)
    if sources := os.environ.get("LJD_SOURCES"):
        words = ("build", *_possible(Path(sources)), "--sources", sources, "--workers", "2", "--out")
        yield from torture(
            undisturbed(Command("build of real files", words), scratch / "real"), options.real, seed, tell
        )


def _possible(sources: Path) -> list[str]:
    """The configs for which a source directory has all raw files."""
    possible = []
    for config in catalogue.TASK_CONFIGS:
        try:
            plan_configs([config], partial(download.obtain, sources=sources))
        except BuildError:
            continue
        possible.append(config)
    return possible


if __name__ == "__main__":
    sys.exit(main())
