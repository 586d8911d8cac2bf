"""A built dataset to be compared: its report is at hand, and of its files those that the comparison asks for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from builders.errors import BuildError, first_of
from builders.tree import report
from builders.tree.report import OutputFile, Report


@dataclass(frozen=True)
class Dataset:
    """One side of a comparison.

    Args:
        name: as it was asked for.
        directory: the output directory, or as much of it as has been fetched.
        report: its report.
        fetch: called with files before they are read; makes sure that they are there and are those of the report.
    """

    name: str
    directory: Path
    report: Report
    fetch: Callable[[Sequence[OutputFile]], None]


def in_directory(directory: Path) -> Dataset:
    """A dataset that lies on this machine.

    Raises:
        BuildError: it is no built dataset, its report has another format, or files are missing or of another size.
    """
    content = report.load(directory)
    wrong = [file.path for file in content.data_files if not _has_size(directory / file.path, file.bytes)]
    if wrong:
        raise _unsound(directory, wrong)

    def fetch(files: Sequence[OutputFile]) -> None:
        require_intact(files, directory)

    return Dataset(str(directory), directory, content, fetch)


def require_intact(files: Sequence[OutputFile], directory: Path) -> None:
    """Checks files by their checksums.

    Raises:
        BuildError: one is not what the report says.
    """
    wrong = [file.path for file in files if not file.is_intact(directory)]
    if wrong:
        raise _unsound(directory, wrong)


def _has_size(path: Path, size: int) -> bool:
    return path.is_file() and path.stat().st_size == size


def _unsound(directory: Path, paths: Sequence[str]) -> BuildError:
    return BuildError(
        f"{directory} is not what its report says: {first_of(paths)} cannot be compared.",
        f"Find out what is damaged: python -m builders verify {directory}",
    )
