"""`python -m builders explain`"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING

from rich.console import Console

from builders.commands import terminal
from builders.commands.options import add_source_options, named_directory, obtain_named

if TYPE_CHECKING:
    from builders.clean.explain import RawRow
    from builders.corpus import Template
    from builders.tree.report import RawFile

SUMMARY = (
    "Show all that is known of one record or rejected row: raw file and row, template, record, marks, what decided."
)
EXAMPLES = """\
  python -m builders explain jsquad:question:valid-a1b2c3 --built build/full --sources ~/corpora
  python -m builders explain aio:question:dev-AIO02-0001 --built build/full
  python -m builders explain "jpn.txt line 17" --built build/full            a rejected row, by its place

With the raw files at hand, the record is made anew from them and compared.
exit code: 0 explained; 1 there is no such record, or it comes out otherwise than it was built; 2 wrong usage."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `explain`."""
    parser.add_argument("id", metavar="ID", help="id of a record, or the place of a rejected row")
    parser.add_argument(
        "--built", type=named_directory, required=True, metavar="DIR", help="output directory of `build`"
    )
    add_source_options(parser)


def main(options: argparse.Namespace) -> int:
    """Prints the explanation."""
    from builders.clean.explain import explain
    from builders.tree import report

    found = explain(options.id, options.built, report.load_known(options.built), obtain_named(options))
    console = Console(soft_wrap=False)
    console.print(terminal.plain(found.id, "bold"))
    terminal.print_pairs(console, "Raw files", ((file.name, _file(file)) for file in found.raw_files))
    if found.raw:
        terminal.print_pairs(console, _place(found.raw), _texts(found.raw.cells))
        corrections = found.raw.corrections.items()
        terminal.print_pairs(console, "Corrections (builders/build/patches.toml)", corrections)
    if found.template:
        terminal.print_pairs(console, f"Template, config {found.config}", _template(found.template))
    terminal.print_pairs(console, "Rejected row", _texts(found.rejected or {}))
    terminal.print_pairs(console, "Record", _texts(found.record or {}))
    marks = {name: value for name, value in found.marks.items() if value not in (None, "")}
    terminal.print_pairs(console, "Marks", _texts(marks))
    for note in found.notes:
        console.print(terminal.plain(note))
    if found.rebuilt is not None:
        console.print(f"Made anew from the raw bytes, the record is {'the same' if found.rebuilt else 'another'}.")
    if found.raw and found.rebuilt is False:
        terminal.print_pairs(console, "Made anew", _texts(found.raw.record or {}))
    console.print(terminal.plain(found.decided, "bold"))
    return 1 if found.rebuilt is False else 0


def _file(file: RawFile) -> str:
    content = f"{file.bytes:,} bytes, sha256 {file.sha256}\n" if file.bytes is not None else ""
    return f"{content}{file.status}, from {file.url}"


def _place(raw: RawRow) -> str:
    paths = ", ".join(str(file.path) for file in raw.files)
    return f"Raw row {raw.number:,} of part {raw.part}, in {paths}"


def _template(template: Template) -> list[tuple[str, str]]:
    return [(name, getattr(template, name)) for name in ("name", "instruction", "input", "output")]


def _texts(cells: Mapping[str, object]) -> list[tuple[str, str]]:
    return [(name, str(value)) for name, value in cells.items()]
