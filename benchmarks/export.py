"""How fast `export` writes: records a second by form and by compression, on all cores.

    python -m benchmarks.export build/full [CONFIG]

`of a core` is what one core would do: records by the processor's seconds, of all threads together. On a machine that has
other work it says more than the wall clock.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from benchmarks.machine import describe_machine
from builders import catalogue
from builders.commands import terminal
from builders.tree import reader, report
from builders.tree.export.files import export
from builders.tree.export.formats import FORMS
from builders.tree.export.selection import Selection, choose

ENDINGS = ("", ".gz", ".zst")


def main() -> None:
    """Exports in every form, then in one form with every compression, and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path, metavar="DIR", help="output directory of `build`")
    parser.add_argument("config", nargs="?", default=catalogue.DEFAULT, help="(default: %(default)s)")
    options = parser.parse_args()
    config = reader.config_named(options.config, report.load(options.directory), options.directory)
    chosen = choose(options.directory, config, Selection())
    table = terminal.table(f"{describe_machine('pyarrow', 'polars')}\n{config.name}: {config.records:,} records")
    for column in ("form", "file", "records/s", "of a core", "MB"):
        table.add_column(column, justify="left" if column in ("form", "file") else "right")
    with TemporaryDirectory() as temporary:
        for form in FORMS:
            for ending in ENDINGS if form == "messages" else ENDINGS[:1]:
                out = Path(temporary) / f"out.jsonl{ending}"
                wall, processor = time.perf_counter(), time.process_time()
                export(options.directory, chosen, form, out)
                speeds = (time.perf_counter() - wall, time.process_time() - processor)
                figures = (f"{config.records / seconds:,.0f}" for seconds in speeds)
                table.add_row(form, out.name, *figures, f"{out.stat().st_size / 1e6:.1f}")
    Console().print(table)


if __name__ == "__main__":
    main()
