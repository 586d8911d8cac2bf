"""`python -m builders merge`"""

from __future__ import annotations

import argparse

from rich.console import Console

from builders.commands import terminal
from builders.commands.build import BuildBars, conclude
from builders.commands.options import add_out_option, named_directory

SUMMARY = "Join the slices of `build --shards i/n` to one dataset."
EXAMPLES = """\
  python -m builders merge part1 part2 --out build/full

where the parts were built with
  python -m builders build --sources ~/corpora --shards 1/2 --out part1      on one machine
  python -m builders build --sources ~/corpora --shards 2/2 --out part2      on another

All machines need the same raw files and the same versions of builders, Python and pyarrow. Every byte of the slices is
compared with its checksum; the result is, byte for byte, what one machine builds. The slices stay as they are.

exit code: 0 everything that was planned is built; 1 stopped by an error; 2 wrong usage;
3 finished, but at least one config has no records, as for `build`."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `merge`."""
    parser.add_argument(
        "parts", nargs="+", type=named_directory, metavar="PART", help="directory of a slice; all of them"
    )
    add_out_option(parser)
    parser.add_argument("--chat", action="store_true", help="also write the config `chat`, as `build` does")


def main(options: argparse.Namespace) -> int:
    """Joins, and ends with a table of what came of every config."""
    from builders.build.joining import join
    from builders.commands import summary
    from builders.documents import describe

    console = Console()
    with terminal.RecordBars(console) as bars:
        report = join(options.parts, options.out, describe=describe, chat=options.chat, progress=BuildBars(bars))
    summary.show(console, report.configs)
    return conclude(console, options.out, report.configs)
