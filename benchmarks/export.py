"""How fast `export` writes on one core: records a second by form and by compression, and how near that is to the floor.

    python -m benchmarks.export build/full [CONFIG]

The floor reads the same columns and writes the same bytes, made before: what is above it, making the lines takes. `per
CPU second` counts the processor's seconds: on a machine that has other work it says more than the wall clock.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from benchmarks.machine import describe_machine, figures_table, pin_to_one_core
from builders import catalogue
from builders.tree import reader, report
from builders.tree.export.files import export
from builders.tree.export.formats import FORMS
from builders.tree.export.lines import COLUMNS
from builders.tree.export.selection import Chosen, Selection, choose
from builders.tree.export.sinks import open_sink

ENDINGS = ("", ".gz", ".zst")
PIECE = 16 << 20
"""Bytes that the floor writes at once."""


def main() -> None:
    """Exports in every form, then in one form with every compression, and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path, metavar="DIR", help="output directory of `build`")
    parser.add_argument("config", nargs="?", default=catalogue.DEFAULT, help="(default: %(default)s)")
    options = parser.parse_args()
    pin_to_one_core()
    directory: Path = options.directory
    config = reader.config_named(options.config, report.load(directory), directory)
    chosen = choose(directory, config, Selection())
    title = f"{describe_machine('pyarrow', 'polars')}\n{config.name}: {config.records:,} records, one core"
    columns = ("form", "file", "records/s", "per CPU second", "floor", "x floor", "MB")
    table = figures_table(title, *columns, names=2)
    with TemporaryDirectory() as temporary:
        for form in FORMS:
            plain = Path(temporary) / f"{form}.jsonl"
            for ending in ENDINGS if form == "messages" else ENDINGS[:1]:
                out = plain.with_name(plain.name + ending)
                wall, processor = _seconds(partial(export, directory, chosen, form, out))
                _, floor = _seconds(partial(_floor, directory, chosen, plain.read_bytes(), out))
                speeds = (f"{config.records / seconds:,.0f}" for seconds in (wall, processor, floor))
                table.add_row(
                    form, ending or "plain", *speeds, f"{processor / floor:.2f}", f"{out.stat().st_size / 1e6:.1f}"
                )
            plain.unlink()
    Console().print(table)


def _seconds(work: Callable[[], None]) -> tuple[float, float]:
    """The seconds that something takes: by the wall clock, and of the processor in all threads; the best of three."""
    walls, processors = [], []
    for _ in range(3):
        wall, processor = time.perf_counter(), time.process_time()
        work()
        walls.append(time.perf_counter() - wall)
        processors.append(time.process_time() - processor)
    return min(walls), min(processors)


def _floor(directory: Path, chosen: Chosen, content: bytes, out: Path) -> None:
    """Reads what an export reads, and writes what it wrote."""
    for task in chosen.tasks.values():
        for _ in reader.batches(directory, task, COLUMNS):
            pass
    with open_sink(out) as sink:
        for start in range(0, len(content), PIECE):
            sink.write(memoryview(content)[start : start + PIECE])


if __name__ == "__main__":
    main()
