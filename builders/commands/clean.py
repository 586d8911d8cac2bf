"""`python -m builders clean`"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from builders.commands import terminal
from builders.commands.options import add_clean_options, add_worker_option, named_directory
from builders.errors import BuildError

if TYPE_CHECKING:
    from builders.tree.report import Report

SUMMARY = (
    "Make the curated edition of a built dataset: no benchmark items, no duplicates, faulty records out or repaired."
)
EXAMPLES = """\
  python -m builders clean build/full
  python -m builders clean build/full --benchmark exam.jsonl --benchmark quiz.jsonl:question=q,answer=a
  python -m builders clean build/full --benchmark URL-dev.txt --benchmark URL-test.txt     ALT's evaluation parts
  python -m builders clean --show-rules > rules.yaml
  python -m builders clean build/full --rules rules.yaml --out build/strict

It writes marks/ (what was found in every record) and clean/ (the curated records) beside what was built, which it only
reads. `python -m builders explain ID --built DIR` shows what decided about a record."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `clean`."""
    parser.add_argument("directory", type=named_directory, nargs="?", metavar="DIR", help="output directory of `build`")
    add_clean_options(parser)
    parser.add_argument(
        "--out",
        type=named_directory,
        metavar="DIR2",
        help="leave DIR as it is: another output directory with both editions",
    )
    parser.add_argument("--show-rules", action="store_true", help="print the rules as a YAML file, with their reasons")
    add_worker_option(parser)


def main(options: argparse.Namespace) -> int:
    """Makes the edition, and ends with the funnel.

    Raises:
        BuildError: no directory is named; or as `builders.clean.run.run_clean`.
    """
    if options.show_rules:
        return _show_rules(options.rules)
    if options.directory is None:
        raise BuildError("No dataset is named.", "Name the output directory of a build: python -m builders clean DIR")
    directory = options.directory
    if options.out and options.out.resolve() != directory.resolve():
        from builders.clean.run import copy_built

        copy_built(directory, options.out)
        directory = options.out
    console = Console()
    make(console, directory, options)
    return 0


def _show_rules(path: Path | None) -> int:
    from builders.clean import settings

    print(settings.to_yaml(settings.load(path) if path else settings.defaults()), end="")
    return 0


def make(console: Console, directory: Path, options: argparse.Namespace) -> Report:
    """Makes the curated edition of a directory with a command's options, and prints the funnel."""
    from builders.clean import settings
    from builders.clean.run import run_clean
    from builders.commands import funnel
    from builders.documents import describe

    rules = settings.load(options.rules) if options.rules else settings.defaults()
    with terminal.RecordBars(console) as bars:
        report = run_clean(
            directory, rules, options.benchmark, workers=options.workers, describe=describe, progress=bars
        )
    funnel.show(console, report)
    terminal.say(console, f"Curated edition in {directory}/clean, marks in {directory}/marks.")
    return report
