"""Raw files from where upstream publishes them, kept in a cache."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from builders.corpus import RemoteFile
from builders.download.checksums import listed
from builders.download.files import SourceFile, inspect, missing
from builders.download.partial import Partial
from builders.download.progress import Bar
from builders.download.transfer import LARGEST, LARGEST_TEXT, TransferError, transfer
from builders.errors import BuildError
from builders.files import stamp

if TYPE_CHECKING:
    from rich.progress import Progress


def from_network(
    files: Sequence[RemoteFile], directory: Path, *, best_effort: bool, progress: Progress | None
) -> list[SourceFile]:
    """Downloads what the cache does not hold yet, and verifies all.

    Args:
        files: of one corpus, dates filled in.
        directory: of the corpus in the cache. A file that somebody puts there (a manual download) is as good as a downloaded one.
        best_effort: a file in the cache that is not the expected one is taken, and a download that is not is kept.
        progress: shows bytes, speed and time left.

    Raises:
        BuildError: the cache cannot be written.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        return [_obtain(file, directory, best_effort, progress) for file in files]
    except OSError as error:
        raise BuildError(
            f"Downloads cannot be kept in {directory}: {error.strerror}.",
            "Name a directory that can be written with the environment variable LJD_CACHE.",
        ) from error


def _obtain(file: RemoteFile, directory: Path, best_effort: bool, progress: Progress | None) -> SourceFile:
    path = directory / file.name
    with Bar(progress, file.name) as bar:
        sha1, unlisted = _published_sha1(file, directory, bar)
        with _locked(path, bar):
            cached = inspect(file, path, sha1=sha1, progress=progress)
            if cached.status in ("verified", "unpinned") or (cached.status == "changed" and best_effort):
                return _with_reason(cached, unlisted)
            if unlisted and not best_effort:
                return missing(file, f"not downloaded: {unlisted}")
            return _with_reason(_download(file, path, sha1, best_effort, bar, progress), unlisted)


def _with_reason(file: SourceFile, unlisted: str) -> SourceFile:
    return replace(file, reason=unlisted) if file.status == "unpinned" else file


@contextmanager
def _locked(path: Path, bar: Bar) -> Iterator[None]:
    """Keeps two processes from downloading the same file at the same time; the second finds it finished."""
    lock = FileLock(path.with_name(f"{path.name}.lock"))
    try:
        lock.acquire(blocking=False)
    except Timeout:
        bar.say("another process is downloading it")
        lock.acquire()
        bar.say("")
    try:
        yield
    finally:
        lock.release()


def _download(
    file: RemoteFile, path: Path, sha1: str | None, best_effort: bool, bar: Bar, progress: Progress | None
) -> SourceFile:
    partial = Partial(path)
    largest = LARGEST if best_effort or file.size is None else file.size
    try:
        in_one_piece = transfer(file.url, partial, bar, largest)
        found = inspect(file, partial.path, sha1=sha1, progress=progress)
        if found.status == "changed" and not in_one_piece:
            # A server may call two versions by the same tag: this time in one piece.
            partial.discard()
            transfer(file.url, partial, bar, largest)
            found = inspect(file, partial.path, sha1=sha1, progress=progress)
        if found.status == "changed" and not best_effort:
            partial.discard()
            return replace(found, path=None)
        partial.finish(path)
        return replace(found, path=path, stamp=stamp(path))
    except TransferError as error:
        return missing(file, f"not downloaded: {error.reason}")
    except OSError as error:
        return missing(file, f"not downloaded: {error.strerror}")


def _published_sha1(file: RemoteFile, directory: Path, bar: Bar) -> tuple[str | None, str]:
    """The digest in upstream's checksum file; or, where there should be one, why there is none."""
    if not file.sha1_list:
        return None, ""
    path = directory / file.sha1_list.rsplit("/", 1)[1]
    # An older copy may be of a time when the dump was not finished, and not name the file yet.
    if not (path.is_file() and _listed_in(path, file.name)):
        partial = Partial(path)
        try:
            with _locked(path, bar):
                transfer(file.sha1_list, partial, bar, LARGEST_TEXT)
                partial.finish(path)
        except TransferError as error:
            return None, f"its checksum file {file.sha1_list} cannot be had: {error.reason}"
    digest = _listed_in(path, file.name)
    return digest, "" if digest else f"its checksum file {file.sha1_list} does not name it"


def _listed_in(path: Path, name: str) -> str | None:
    return listed(path.read_text("utf-8", errors="replace"), name)
