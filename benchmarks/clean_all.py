"""The whole curated edition over 8.39 million made records: wall and CPU seconds and the peak of memory of each step.

    python -m benchmarks.clean_all DIR MADE [--records 8393726] [--workers 2]

DIR is a built dataset, of whose rows records are made with planted copies and leaks (`benchmarks.made`). They are kept in
MADE as a built dataset of their own, which a second run uses again. `builders.clean.run.run_clean` makes the curated
edition: verifying what was built, all rules, benchmark overlap, duplicates, marks, curated records and the second look.
What overlap and duplicates take alone is measured by `benchmarks.clean`, on the same records.
"""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.machine import describe_machine
from benchmarks.made import BENCHMARK, arguments, make_as_told
from benchmarks.meter import Meter, Step
from builders import layout
from builders.build.output import WORK
from builders.clean import settings
from builders.clean.run import run_clean
from builders.tree.report import CleanReport, Report

VERIFYING, FINISHING = "verifying", "putting in place"


class Steps:
    """A `Progress` that tells a meter which step begins."""

    def __init__(self, meter: Meter):
        self._meter = meter

    def start(self, name: str, total: int | None = None) -> None:
        """The step begins."""
        self._meter.begin(name)

    def advance(self, name: str, records: int) -> None:
        """Tells nothing."""

    def finish(self, name: str, records: int) -> None:
        """What follows is a step of its own."""
        self._meter.begin(FINISHING)


def clean(made: Path, workers: int) -> tuple[CleanReport, Meter]:
    """Makes the curated edition of a made dataset anew, and takes it away."""
    _take_away(made)  # what a stopped run left would be used again
    with Meter(VERIFYING) as meter:
        edition = run_clean(
            made,
            settings.defaults(),
            [str(made / BENCHMARK)],
            workers=workers,
            describe=_report_alone,
            progress=Steps(meter),
        ).clean
    assert edition is not None
    _take_away(made)
    return edition, meter


def _take_away(made: Path) -> None:
    for name in (layout.CLEAN, layout.MARKS, WORK):
        shutil.rmtree(made / name, ignore_errors=True)


def _report_alone(content: Report, directory: Path) -> Report:
    return content


def main() -> None:
    """Makes the records, makes their curated edition and prints what it took."""
    parser = arguments(__doc__)
    parser.add_argument("--workers", type=int, default=2, help="processes (default: %(default)s)")
    options = parser.parse_args()
    console = Console()
    made = make_as_told(options, console)
    with console.status("cleaning"):
        edition, meter = clean(options.made, options.workers)
    records = sum(entry.records for entry in made.configs.values())
    _show(console, meter, records, options.workers)
    dropped = Counter[str]()
    for entry in edition.configs.values():
        dropped.update(entry.dropped)
    planted = edition.benchmarks[Path(BENCHMARK).stem]
    console.print(f"planted items: {planted.items:,}, left: {planted.left}; dropped: {dict(dropped)}")


def _show(console: Console, meter: Meter, records: int, workers: int) -> None:
    title = f"{describe_machine('pyarrow', 'numpy', 'polars')}\n{records:,} records, {workers} workers"
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("step", "wall s", "CPU s", "records/s", "peak MiB"):
        table.add_column(column, justify="left" if column == "step" else "right", no_wrap=True)
    for name, step in {**meter.steps, "all": meter.all()}.items():
        table.add_row(name, *_figures(step, records))
    console.print(table)


def _figures(step: Step, records: int) -> tuple[str, ...]:
    return f"{step.wall:.1f}", f"{step.cpu:.1f}", f"{records / step.wall:,.0f}", f"{step.peak:,.0f}"


if __name__ == "__main__":
    main()
