"""Files on the disk: their digests, whether they are what was written, and how one is written whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import secrets
import shutil
import stat
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from builders.errors import BuildError

FLUSHED_TOGETHER = 8
"""Files that are flushed to the disk at a time: a journal commits once for all of them, which takes a third of the time."""
SUMS = "SHA256SUMS"
"""Name of the digests that `finishing` writes, in the form that `sha256sum --check` reads."""

_TEMPORARY = re.compile(r".+\.[0-9a-f]{8}\.tmp")
"""How a file is named while it is written (`replacing`)."""


def sha256(path: Path) -> str:
    """Hex sha256 of a file's content."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def git_blob_hash(size: int) -> hashlib._Hash:
    """A hash that, fed with a file's content of `size` bytes, gives the id that git gives to the file.

    It is the SHA-1 of `blob <size>`, a zero byte, and the content
    (https://git-scm.com/book/en/v2/Git-Internals-Git-Objects).
    """
    return hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)


def is_intact(path: Path, size: int, digest: str) -> bool:
    """Says whether a regular file is there, has `size` bytes, and has `digest` for its hex sha256."""
    return path.is_file() and path.stat().st_size == size and sha256(path) == digest


def lies_in(path: Path, directory: Path) -> bool:
    """Says whether what stands at a path in a directory is in it, and no symbolic link on the way leads out of it.

    In the cache of huggingface_hub a snapshot is a directory of links to the files of a store beside it, which are taken
    for its own (https://huggingface.co/docs/huggingface_hub/guides/manage-cache).
    """
    place, own = (Path(os.path.realpath(one)) for one in (path, directory))  # resolve() fails on links in a circle
    if own.parent.name == "snapshots" and place.parent == own.parents[1] / "blobs":
        return True
    return place.is_relative_to(own)


def why_no_file(path: Path) -> str:
    """Why nothing can be read at a path; "" for a regular file. A FIFO or a device would be waited for without end."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return "missing"
    except OSError as error:  # a directory that is closed to this user, or links that lead in a circle
        return f"cannot be read: {error.strerror}"
    if stat.S_ISDIR(mode):
        return "a directory, not a file"
    return "" if stat.S_ISREG(mode) else "a device, a FIFO or a socket, not a file"


def stamp(path: Path) -> tuple[int, ...]:
    """What is another one after every write to a file, and when another file takes its place; it costs no reading.

    The time of the last change (ctime) is in it, which nobody can set.

    Raises:
        OSError: there is no such file.
    """
    status = path.stat()
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


@dataclass(frozen=True)
class Snapshot:
    """A file as it was at some moment.

    Args:
        path: where it lies.
        size: bytes.
        sha256: hex digest.
        stamp: taken before the digest.
    """

    path: Path
    size: int
    sha256: str
    stamp: tuple[int, ...]

    def holds(self) -> bool:
        """Says whether the file still has that content; it is read again only where its stamp is another one."""
        try:
            return stamp(self.path) == self.stamp or is_intact(self.path, self.size, self.sha256)
        except OSError:
            return False


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Opens a file for writing that gets its name only when it is whole.

    The bytes go to a new temporary file beside it, which is flushed to the disk and renamed when the block ends without
    an error, and removed when it does not. Its name is drawn at random, so it is nobody else's file. The directory is
    made if need be.

    Args:
        path: the file; a regular file that is there is replaced.

    Yields:
        The open temporary file.

    Raises:
        BuildError: something other than a regular file stands at `path` (a device, a directory, a symbolic link).
        OSError: the file cannot be written.
    """
    require_replaceable(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}.tmp")
    file = open(temporary, "xb")  # outside: what is there already is not removed
    try:
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def remove_temporary(directory: Path) -> None:
    """Removes what a process that was killed in `replacing` has left in a directory, and in those directly in it.

    Args:
        directory: one that is ours, and that nobody else writes to now.
    """
    for path in (*directory.glob("*.tmp"), *directory.glob("*/*.tmp")):
        if _TEMPORARY.fullmatch(path.name) and path.is_file():
            path.unlink()


def write_atomically(path: Path, content: bytes) -> None:
    """Writes a small file as `replacing` does."""
    with replacing(path) as file:
        file.write(content)


def unwritable(path: Path | str, error: OSError, next_step: str = "Give an --out that can be written.") -> BuildError:
    """What stops a command that cannot write a file or a directory.

    Args:
        path: as the command line named it; or what else the thing is called.
        error: what the system says; the name in it may be a temporary one.
        next_step: what the reader can do.
    """
    return BuildError(f"{path} cannot be written: {error.strerror or error}.", next_step)


def limit_reached(error: OSError) -> BuildError | None:
    """What stops a build where this machine has no descriptor or no memory left, whichever file it wanted them for.

    Returns:
        None for an error of another kind.
    """
    if error.errno in (errno.EMFILE, errno.ENFILE):
        return BuildError(
            f"Too many files are open: {error.strerror}.",
            "Raise the limit (ulimit -n 4096), or build with --workers 1; finished shards are kept.",
        )
    if error.errno == errno.ENOMEM:
        return BuildError(
            f"No memory is left: {error.strerror}.",
            "Run the same command again with fewer --workers; finished shards are kept.",
        )
    return None


def require_replaceable(path: Path) -> None:
    """Refuses to write over anything but a regular file.

    Raises:
        BuildError: a device, a directory, a FIFO, a socket or a symbolic link stands at `path`. A link is refused
            although it may lead to a regular file: `/dev/stdout` is one, and renaming would put a file in its place.
    """
    if path.is_symlink() or (path.exists() and not path.is_file()):
        kind = "a symbolic link" if path.is_symlink() else "a directory" if path.is_dir() else "no regular file"
        raise BuildError(f"{path} is {kind}, so it is not replaced.", "Give the name of a file.")


def require_own(path: Path, is_ours: Callable[[BinaryIO], bool]) -> None:
    """Refuses to write over what somebody else wrote, for files whose names a command has chosen.

    Args:
        path: the file that is to be written.
        is_ours: says of the open file that is there, unless it is empty, whether the command wrote it.

    Raises:
        BuildError: it did not, the file cannot be read, or it is no regular file.
    """
    require_replaceable(path)
    try:
        if not path.exists() or not path.stat().st_size:
            return
        with open(path, "rb") as file:
            if is_ours(file):
                return
    except OSError as error:
        raise unwritable(path, error, "Name another directory.") from error
    raise BuildError(
        f"{path} is there already, and this command did not write it.",
        "Name another directory, or take the file away.",
    )


def commit(temporary: Path, directory: Path) -> None:
    """Flushes every file of a finished directory to the disk, then gives it its name; one that is there is replaced."""
    with ThreadPoolExecutor(FLUSHED_TOGETHER) as threads:
        list(threads.map(_flush, [*temporary.iterdir(), temporary]))
    shutil.rmtree(directory, ignore_errors=True)
    os.rename(temporary, directory)


@contextmanager
def finishing(directory: Path) -> Iterator[Path]:
    """A directory of work that is made whole or not at all: a later run may go on from there.

    Args:
        directory: appears at the end, with the digests of its files in it; after an error nothing is left.

    Yields:
        An empty directory beside it, to be filled.
    """
    temporary = directory.with_name(f"{directory.name}.{os.getpid()}.tmp")
    try:
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(parents=True)
        yield temporary
        files = sorted(temporary.iterdir())
        (temporary / SUMS).write_text("".join(f"{sha256(path)}  {path.name}\n" for path in files))
        commit(temporary, directory)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def is_finished(directory: Path) -> bool:
    """Says whether `finishing` made a directory, and every file in it is still what it was then."""
    try:
        lines = (directory / SUMS).read_text().splitlines()
        digests = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
        files = [path for path in directory.iterdir() if path.name != SUMS]
        same_names = {path.name for path in files} == digests.keys()
        return same_names and all(path.is_file() and sha256(path) == digests[path.name] for path in files)
    except (OSError, ValueError):  # nothing is there, or the digests themselves are damaged
        return False


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
