"""`python -m builders build`"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from builders.commands import terminal
from builders.commands.options import (
    add_clean_options,
    add_out_option,
    add_source_options,
    add_worker_option,
    obtain_with,
)
from builders.errors import BuildError

if TYPE_CHECKING:
    from builders.build.engines import Engine
    from builders.build.plan import ConfigPlan
    from builders.tree.report import ConfigReport

SUMMARY = "Build configs into a directory of Parquet files with card and report."
EXAMPLES = """\
  python -m builders build --sample --out build/sample          everything, from the invented samples
  python -m builders build translation --out build/full         download, verify and build eight corpora
  python -m builders build jsquad easy-ja --sources ~/corpora --out build/some
  python -m builders build --sources ~/corpora --best-effort --out build/full
  python -m builders build --clean --out build/full             the curated edition too
  python -m builders build --sources ~/corpora --engine ray --ray-address auto --out build/full
  python -m builders build --sources ~/corpora --shards $SLURM_ARRAY_TASK_ID/8 --out parts/$SLURM_ARRAY_TASK_ID

Whatever builds, the bytes are the same. --engine ray needs requirements-ray.txt; on several machines it needs a file
system that they share. With --shards each machine builds its slice of the same plan by itself, without any connection to
the others, and `merge` joins the slices. A build that was stopped goes on when the same command runs again.

exit code: 0 everything asked for was built; 1 stopped by an error; 2 wrong usage;
3 finished, but at least one config has no records (--best-effort without its raw files, or no usable row)."""

INCOMPLETE = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `build`."""
    parser.add_argument(
        "configs", nargs="*", metavar="CONFIG", help="configs to build (default: all; see `python -m builders list`)"
    )
    add_out_option(parser)
    parser.add_argument(
        "--chat",
        action="store_true",
        help="also write the config `chat`: all records as conversations in a column `messages`, for trainers",
    )
    add_source_options(parser)
    add_worker_option(parser)
    _add_engine_options(parser)
    parser.add_argument("--clean", action="store_true", help="also make the curated edition, as `clean` does")
    add_clean_options(parser)


def _add_engine_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--engine",
        choices=("local", "ray"),
        default="local",
        help="what builds: processes of this machine, or Ray on --workers cores or a cluster (default: %(default)s)",
    )
    parser.add_argument(
        "--ray-address",
        metavar="HOST:PORT",
        help="with --engine ray: a running cluster, `auto` for this machine's (default: start one that ends with the build)",
    )
    parser.add_argument(
        "--shards",
        type=slice_number,
        metavar="i/n",
        help="build only slice i of n (1/n to n/n) into --out, for `merge`; as many machines as slices",
    )


def slice_number(text: str) -> tuple[int, int]:
    """The value of --shards: which slice, and of how many."""
    number, _, count = text.partition("/")
    if not (number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count)):
        raise argparse.ArgumentTypeError(f'must be i/n with 1 <= i <= n, such as 2/8, not "{text}"')
    return int(number), int(count)


def main(options: argparse.Namespace) -> int:
    """Builds, and ends with a table of what came of every config."""
    _require_options_that_fit(options)
    console = Console()
    with _engine(options) as engine:
        from builders import catalogue
        from builders.build.plan import plan_configs

        with terminal.byte_bars(console) as files:
            plans = plan_configs(options.configs or [catalogue.DEFAULT], obtain_with(options, files))
        return (_build_slice if options.shards else _build)(console, plans, engine, options)


def _require_options_that_fit(options: argparse.Namespace) -> None:
    if not options.clean and (options.rules or options.benchmark):
        raise BuildError("--rules and --benchmark are for the curated edition.", "Add --clean, or leave them out.")
    if options.ray_address and options.engine != "ray":
        raise BuildError("--ray-address is given, and Ray is not asked for.", "Add --engine ray.")
    if options.shards and (options.clean or options.chat):
        raise BuildError(
            "--clean and --chat need all records, and a slice has some of them.",
            "Build the slices without, then `merge` them, with --chat if need be, and `clean` the result.",
        )


@contextmanager
def _engine(options: argparse.Namespace) -> Iterator[Engine]:
    """What builds the shards. Processes of this machine are started before the plan is made, which takes as long."""
    if options.engine == "ray":
        from builders.build import ray_engine

        yield partial(ray_engine.run, address=options.ray_address)
        return
    from builders.build.workers import Workers

    with Workers(options.workers) if options.workers > 1 else nullcontext() as started:
        from builders.build import engines

        yield partial(engines.run, started=started)


def _build(console: Console, plans: list[ConfigPlan], engine: Engine, options: argparse.Namespace) -> int:
    from builders.build.run import run_build
    from builders.commands import clean, summary
    from builders.documents import describe

    with terminal.RecordBars(console) as bars:
        report = run_build(
            plans,
            options.out,
            workers=options.workers,
            describe=describe,
            chat=options.chat,
            progress=BuildBars(bars),
            engine=engine,
        )
    asked = {plan.config: report.configs[plan.config] for plan in plans}
    summary.show(console, asked)
    if options.clean:
        clean.make(console, options.out, options)
    return conclude(console, options.out, asked)


def _build_slice(console: Console, plans: list[ConfigPlan], engine: Engine, options: argparse.Namespace) -> int:
    from builders.build.slices import build_slice

    number, count = options.shards
    with terminal.RecordBars(console) as bars:
        progress = BuildBars(bars)
        records = build_slice(
            plans, options.out, number, count, workers=options.workers, progress=progress, engine=engine
        )
    terminal.say(
        console,
        f"Slice {number} of {count} with {records:,} records is in {options.out}. "
        "Join all slices with: python -m builders merge PART... --out DIR",
    )
    return 0


def conclude(console: Console, out: Path, configs: Mapping[str, ConfigReport]) -> int:
    """Says how a build ended, and returns the exit code.

    Args:
        console: where it is said.
        out: the output directory.
        configs: what the report says of those asked for.
    """
    if empty := [name for name, config in configs.items() if not config.records]:
        console.print("[bold red]Without records, and so not in the output directory:[/]")
        console.print(", ".join(empty), highlight=False)
        return INCOMPLETE
    terminal.say(console, f"Built in {out}. Check it with: python -m builders verify {out}")
    return 0


class BuildBars:
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
