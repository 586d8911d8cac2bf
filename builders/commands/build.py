"""`python -m builders build`"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from builders.commands import terminal
from builders.commands.options import (
    add_clean_options,
    add_source_options,
    add_worker_option,
    obtain_with,
    output_directory,
)
from builders.errors import BuildError

if TYPE_CHECKING:
    from builders.build.plan import ConfigPlan

SUMMARY = "Build configs into a directory of Parquet files with card and report."
EXAMPLES = """\
  python -m builders build --sample --out build/sample          everything, from the invented samples
  python -m builders build translation --out build/full         download, verify and build eight corpora
  python -m builders build jsquad easy-ja --sources ~/corpora --out build/some
  python -m builders build --sources ~/corpora --best-effort --out build/full
  python -m builders build --clean --out build/full             the curated edition too

exit code: 0 everything asked for was built; 1 stopped by an error; 2 wrong usage;
3 finished, but at least one config has no records (--best-effort without its raw files, or no usable row)."""

INCOMPLETE = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `build`."""
    parser.add_argument(
        "configs", nargs="*", metavar="CONFIG", help="configs to build (default: all; see `python -m builders list`)"
    )
    parser.add_argument(
        "--out",
        type=output_directory,
        required=True,
        metavar="DIR",
        help="output directory; new, empty or built before",
    )
    parser.add_argument(
        "--chat",
        action="store_true",
        help="also write the config `chat`: all records as conversations in a column `messages`, for trainers",
    )
    add_source_options(parser)
    add_worker_option(parser)
    parser.add_argument("--clean", action="store_true", help="also make the curated edition, as `clean` does")
    add_clean_options(parser)


def main(options: argparse.Namespace) -> int:
    """Builds, and ends with a table of what came of every config."""
    from builders import catalogue
    from builders.build.plan import plan_configs
    from builders.build.run import run_build
    from builders.commands import clean, summary
    from builders.documents import describe

    if not options.clean and (options.rules or options.benchmark):
        raise BuildError("--rules and --benchmark are for the curated edition.", "Add --clean, or leave them out.")
    console = Console()
    with terminal.byte_bars(console) as files:
        plans = plan_configs(options.configs or [catalogue.DEFAULT], obtain_with(options, files))
    with terminal.RecordBars(console) as bars:
        report = run_build(
            plans,
            options.out,
            workers=options.workers,
            describe=describe,
            chat=options.chat,
            progress=_Progress(bars),
        )
    asked = {plan.config: report.configs[plan.config] for plan in plans}
    summary.show(console, asked)
    if options.clean:
        clean.make(console, options.out, options)
    return _conclude(console, options.out, [name for name, config in asked.items() if not config.records])


def _conclude(console: Console, out: Path, empty: list[str]) -> int:
    if empty:
        console.print("[bold red]Without records, and so not in the output directory:[/]")
        console.print(", ".join(empty), highlight=False)
        return INCOMPLETE
    console.print(f"Built in {out}. Check it with: python -m builders verify {out}", markup=False, soft_wrap=True)
    return 0


class _Progress:
    """One bar per config; its length is the paper's count where the raw files are the pinned ones, else unknown."""

    def __init__(self, bars: terminal.RecordBars):
        self._bars = bars

    def start(self, plan: ConfigPlan) -> None:
        known = plan.files and all(file.status == "verified" for file in plan.files)
        self._bars.start(plan.config, plan.task.paper_count if known else None)

    def records(self, config: str, count: int) -> None:
        self._bars.advance(config, count)

    def finish(self, config: str, records: int) -> None:
        self._bars.finish(config, records)
