"""Which dump: `{date}` in the names and addresses of a corpus's files, and the date that it stands for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from builders.corpus import Corpus, RemoteFile
from builders.download.checksums import listed
from builders.download.transfer import TransferError, read_text
from builders.errors import BuildError

PLACE = "{date}"
LATEST = "latest"
"""Stands for a date in the names of the directory where Wikimedia links to its newest dump."""
UNKNOWN = "YYYYMMDD"
"""Stands for the date in messages where no dump is known."""


def is_dated(corpus: Corpus) -> bool:
    """True where some file of the corpus is a dump of some date."""
    return any(PLACE in file.name for file in corpus.files)


def fill(file: RemoteFile, date: str) -> RemoteFile:
    """The file of one dump."""
    return replace(
        file,
        name=file.name.replace(PLACE, date),
        url=file.url.replace(PLACE, date),
        sha1_list=file.sha1_list and file.sha1_list.replace(PLACE, date),
        alternatives=tuple(name.replace(PLACE, date) for name in file.alternatives),
    )


def check(date: str) -> str:
    """Returns a date as it is.

    Raises:
        BuildError: it is not written as the dumps' names have it.
    """
    if not re.fullmatch(rf"\d{{8}}|{LATEST}", date):
        raise BuildError(f'"{date}" is no date of a dump.', f"Write it as in the dump's name: 20230401, or {LATEST}.")
    return date


def newest_in(directory: Path, files: Sequence[RemoteFile], *, latest: bool = False) -> str | None:
    """The date of the newest dump in a directory; of a complete one, if there is any.

    Args:
        directory: of one corpus.
        files: of that corpus, `{date}` in their names.
        latest: whether a dump named `latest` counts, as newer than all dates.

    Returns:
        None where there is no file of any dump.
    """
    present = [path.name for path in directory.iterdir()] if directory.is_dir() else []
    date = rf"(?P<date>\d{{8}}|{LATEST})" if latest else r"(?P<date>\d{8})"
    found = [
        {
            match["date"]
            for version in file.versions()
            for name in present
            if (match := _pattern(version.name, date).fullmatch(name))
        }
        for file in files
        if PLACE in file.name and not file.optional
    ]
    return max(set.intersection(*found) or set.union(*found), default=None) if found else None


def _pattern(name: str, date: str) -> re.Pattern[str]:
    """The names of a file at any date; the date is the same wherever the name has it."""
    return re.compile(re.escape(name).replace(re.escape(PLACE), date, 1).replace(re.escape(PLACE), "(?P=date)"))


def newest_on_server(corpus: Corpus, directory: Path) -> str:
    """The date of the newest dump that is finished upstream: whose checksum file names every file that is needed.

    The directory of a dump appears when the dump is begun, and the checksum file grows with each finished file
    (https://meta.wikimedia.org/wiki/Data_dumps); so the newest directory alone would often be an unfinished dump.

    Args:
        corpus: with dated files.
        directory: where its files go; for the message only.

    Raises:
        BuildError: no listing, or no finished dump in it.
    """
    needed = [file for file in corpus.files if PLACE in file.url and not file.optional]
    listing = needed[0].url.split(PLACE)[0]
    try:
        dates: list[str] = sorted(set(re.findall(r"\b(\d{8})/", read_text(listing))), reverse=True)
        for date in dates:
            if all(_is_finished(fill(file, date)) for file in needed):
                return str(date)
        problem = f"{listing} lists no finished dump"
    except TransferError as error:
        problem = f"{listing}: {error.reason}"
    raise BuildError(
        f"{corpus.name}: the newest dump is not known: {problem}.",
        f"Name a dump with --dump-date {UNKNOWN}, put one into {directory}, or run the same command again later.",
    )


def _is_finished(file: RemoteFile) -> bool:
    if not file.sha1_list:
        return True
    try:
        return listed(read_text(file.sha1_list), file.name) is not None
    except TransferError as error:
        if error.tries == 1:  # the server answers that there is no such file: the dump has just begun
            return False
        raise
