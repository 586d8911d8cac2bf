"""Members of zip, gzip and tar archives as streams; a cut or damaged archive is a `FormatError`, never half a corpus."""

from __future__ import annotations

import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO

from isal import igzip, isal_zlib

from builders.errors import FormatError

DAMAGED = "damaged or cut short ({})"


@contextmanager
def zip_archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """An opened zip archive.

    Raises:
        FormatError: not a whole zip archive, or a member whose checksum is wrong, whenever that is noticed.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise FormatError(path.name, "", DAMAGED.format(f"zip: {error}")) from None


@contextmanager
def zip_member(path: Path, member: str) -> Iterator[BinaryIO]:
    """One member of a zip archive as a stream of its bytes.

    Raises:
        FormatError: no such member (names those there are), or as `zip_archive`.
    """
    with zip_archive(path) as archive:
        names = archive.namelist()
        if member not in names:
            listed = ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")
            raise FormatError(path.name, "", f'has no member "{member}"; it has: {listed or "none"}')
        with archive.open(member) as stream:
            yield stream


@contextmanager
def gzip_file(path: Path) -> Iterator[BinaryIO]:
    """The bytes a gzip file holds, as a stream.

    ISA-L unpacks four times as fast as the standard library (benchmarks/jesc.py prints both).

    Raises:
        FormatError: empty, not gzip, cut short, or its checksum is wrong.
    """
    if path.stat().st_size == 0:
        raise FormatError(path.name, "", DAMAGED.format("gzip: the file is empty"))
    try:
        with igzip.open(path) as stream:
            yield stream
    except (igzip.BadGzipFile, isal_zlib.error, EOFError) as error:
        raise FormatError(path.name, "", DAMAGED.format(f"gzip: {error}")) from None


@contextmanager
def tar_member(stream: BinaryIO, file: str, member: str) -> Iterator[BinaryIO]:
    """One member of a tar archive that is itself read as a stream, forward only.

    Args:
        stream: the uncompressed archive; may be slow to seek backward, which is not done.
        file: the archive's name, for errors.
        member: the member's path.

    Raises:
        FormatError: no such member, or the archive is cut short.
    """
    seen = []
    try:
        with tarfile.open(fileobj=stream, mode="r:") as archive:  # "r|" copies every byte once more
            for entry in archive:
                if entry.name.removeprefix("./") == member and entry.isfile():
                    yield archive.extractfile(entry)
                    return
                seen.append(entry.name)
    except tarfile.TarError as error:
        raise FormatError(file, "", DAMAGED.format(f"tar: {error}")) from None
    raise FormatError(file, "", f'has no member "{member}"; it has: {", ".join(seen[:8]) or "none"}')


@contextmanager
def tar_members(
    stream: BinaryIO, file: str, wanted: Callable[[str], bool]
) -> Iterator[Iterator[tuple[str, IO[bytes]]]]:
    """Some members of a tar archive that is itself read as a stream, one after the other as they lie in it.

    The archive is read to its end, so that whatever unpacks it compares its checksum.

    Args:
        stream: the uncompressed archive; may be slow to seek backward, which is not done.
        file: the archive's name, for errors.
        wanted: says by a member's path whether it is wanted.

    Yields:
        Paths and contents; each content is to be read before the next member is asked for.

    Raises:
        FormatError: no member is wanted (names those there are), or the archive is cut short.
    """
    try:
        with tarfile.open(fileobj=stream, mode="r:") as archive:
            yield _wanted_members(archive, file, wanted)
        while stream.read(1 << 20):
            pass
    except tarfile.TarError as error:
        raise FormatError(file, "", DAMAGED.format(f"tar: {error}")) from None


def _wanted_members(
    archive: tarfile.TarFile, file: str, wanted: Callable[[str], bool]
) -> Iterator[tuple[str, IO[bytes]]]:
    seen, found = [], False
    for entry in archive:
        name = entry.name.removeprefix("./")
        content = archive.extractfile(entry) if entry.isfile() and wanted(name) else None
        if content is not None:
            found = True
            yield name, content
        seen.append(name)
    if not found:
        raise FormatError(file, "", f"has none of the members wanted; it has: {', '.join(seen[:8]) or 'none'}")
