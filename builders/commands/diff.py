"""`python -m builders diff`"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from builders.commands import terminal
from builders.commands.options import positive
from builders.errors import BuildError
from builders.visible import visible

if TYPE_CHECKING:
    from builders.diff.causes import Cause
    from builders.diff.compare import Changes, ConfigChanges
    from builders.diff.dataset import Dataset
    from builders.diff.examples import Example

SUMMARY = "Compare two built datasets: records added, removed and changed by config, and why; write the changelog."
EXAMPLES = """\
  python -m builders diff build/before build/full
  python -m builders diff izumi-lab/llm-japanese-dataset@v1.0.0 build/full
  python -m builders diff izumi-lab/llm-japanese-dataset@v1.0.0 izumi-lab/llm-japanese-dataset@main --examples 5
  python -m builders diff izumi-lab/llm-japanese-dataset@v1.0.0 build/full --changelog builders/documents/changelog.md

Records are compared by their ids. Of a revision on the Hub, only the files are fetched that the other side does not have.
In an example, [-this-] was taken away and {+this+} was put in its place.
exit code: 0 compared, whether or not a record differs; 1 a problem that a message explains; 2 wrong usage."""
STYLES = {" ": "", "-": "red", "+": "green"}
"""Colours of the pieces of a text, by kind."""
BRACKETS = {" ": ("", ""), "-": ("[-", "-]"), "+": ("{+", "+}")}
"""What stands around them: the marks of `git diff --word-diff`."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `diff`."""
    for name, what in (("old", "the version before"), ("new", "the version after")):
        parser.add_argument(
            name,
            metavar=name.upper(),
            help=f"{what}: output directory of `build`, or ORG/NAME@REVISION on the Hub (a branch, tag or commit)",
        )
    parser.add_argument(
        "--examples",
        type=positive,
        default=2,
        metavar="N",
        help="records that are shown of each kind in each config (default: %(default)s)",
    )
    parser.add_argument(
        "--changelog",
        type=Path,
        metavar="FILE",
        help="write what changed into this Markdown file, under the version of NEW; what others wrote in it stays",
    )


def main(options: argparse.Namespace) -> int:
    """Compares, prints, and writes the changelog.

    Raises:
        BuildError: one of the two is no sound dataset or cannot be had; or the changelog cannot be written.
    """
    from builders.diff import compare

    old, new = _open(options.old), _open(options.new)
    work = compare.pairs(old, new)
    changelog = _changelog(options.changelog, old, new) if options.changelog else ""
    console = Console(highlight=False)
    with terminal.counting(console, "comparing", work.records) as progress:
        changes = compare.compare(old, new, work, options.examples, progress)
    _print(console, changes)
    if options.changelog:
        _write(changes, options.changelog, changelog)
        terminal.say(console, f"Written: {options.changelog}")
    return 0


def _open(name: str) -> Dataset:
    """A dataset by what the command line calls it; the Hub's library is loaded only for what is no directory."""
    from builders.diff.dataset import in_directory

    if Path(name).exists():
        return in_directory(Path(name))
    from huggingface_hub.utils import disable_progress_bars  # type: ignore[attr-defined]  # it names no exports

    from builders.hub.revision import open_revision

    if not sys.stderr.isatty():
        disable_progress_bars()  # the client draws them into logs too
    return open_revision(name)


def _changelog(path: Path, old: Dataset, new: Dataset) -> str:
    """The changelog as it is; what would keep it from being written is found before anything is compared."""
    from builders.files import require_replaceable

    if old.report.version == new.report.version:
        raise BuildError(
            f"Both are version {new.report.version}, so there is no new version to write a changelog for.",
            "Raise __version__ in builders/__init__.py, build again, and compare with that.",
        )
    require_replaceable(path)
    try:
        return path.read_text(encoding="utf-8") if path.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise BuildError(f"{path} cannot be read: {error}.", "Name a Markdown file in UTF-8.") from error


def _write(changes: Changes, path: Path, changelog: str) -> None:
    from builders.documents import release
    from builders.documents.changes import with_lines
    from builders.files import unwritable, write_atomically

    today = datetime.now(UTC).date().isoformat()
    text = with_lines(changelog, changes.new.report.version, today, release.lines(changes))
    try:
        write_atomically(path, text.encode())
    except OSError as error:
        raise unwritable(path, error, "Name a file in a directory you may write.") from error


def _print(console: Console, changes: Changes) -> None:
    for what, dataset in (("old", changes.old), ("new", changes.new)):
        terminal.say(console, f"{what}: {dataset.name}, version {dataset.report.version}")
    console.print()
    if changes.different:
        _print_counts(console, changes)
    else:
        console.print(f"No record differs: {_same(changes)}.")
    if changes.different or changes.settings:
        console.print()
        _print_causes(console, changes)
    _print_examples(console, changes)


def _same(changes: Changes) -> str:
    same = [config for config in changes.configs if not config.differs]
    records = sum(config.after for config in same)
    return f"{records:,} records in {len(same)} config{'' if len(same) == 1 else 's'} are the same"


def _print_counts(console: Console, changes: Changes) -> None:
    table = terminal.table("Records that differ")
    table.add_column("config", no_wrap=True)
    for head in ("before", "after", "added", "removed", "changed"):
        table.add_column(head, justify="right", no_wrap=True)
    for config in changes.different:
        numbers = (config.before, config.after, config.added, config.removed, config.changed)
        table.add_row(config.name, *(f"{number:,}" for number in numbers))
    console.print(table)
    if len(changes.different) < len(changes.configs):
        console.print(f"{_same(changes)}.")


def _print_causes(console: Console, changes: Changes) -> None:
    said = {"clean": [*map(_words, changes.settings)]}
    said |= {config.name: [*_notes(config), *map(_words, config.causes)] for config in changes.different}
    terminal.print_pairs(console, "Why", ((name, "\n".join(lines)) for name, lines in said.items() if lines))


def _notes(config: ConfigChanges) -> Iterator[str]:
    """What the numbers of the table do not say: the columns, and records that only got another id."""
    if config.columns:
        yield "changed: " + ", ".join(f"{name} {count:,}" for name, count in config.columns.items())
    if config.moved:
        yield f"{config.moved:,} of them stood under another id before"


def _words(cause: Cause) -> str:
    return f"{cause.kind}{f' {cause.name}' if cause.name else ''} {cause.what}{cause.counted}"


def _print_examples(console: Console, changes: Changes) -> None:
    for config in changes.different:
        for example in config.examples:
            title = f"{config.name}, {example.kind}: {example.id}"
            terminal.print_pairs(console, title, ((column, _shown(example, column)) for column in example.columns))


def _shown(example: Example, column: str) -> Text:
    """A cell of an example: what was there, what is there, or where they differ."""
    from builders.diff.examples import pieces

    before, after = ("" if record is None else record[column] for record in (example.before, example.after))
    text = Text()
    for kind, piece in pieces(before, after):
        opening, closing = BRACKETS[kind] if example.kind == "changed" else ("", "")
        text.append(f"{opening}{visible(piece)}{closing}", STYLES[kind])
    return text
