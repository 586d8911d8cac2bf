"""Members of zip, gzip and tar archives as streams; a cut or damaged archive is a `FormatError`, never half a corpus.

Archives come from servers that nobody here knows, so nothing in them is believed. Nothing is unpacked to the disk: a
member is found by its whole name, so that `..`, absolute names, links and devices lead nowhere. What is opened is read
to its end, where the checksum stands. And it is counted while it is read, so that no small file becomes a large one.
"""

from __future__ import annotations

import errno
import struct
import tarfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from isal import igzip, isal_zlib

from builders.errors import FormatError
from builders.formats.blocks import Stream

DAMAGED = "damaged or cut short ({}: {})"
READ = 1 << 20
"""Bytes read at a time where nobody needs them."""
SMALL = 64 << 20
"""Unpacked bytes that are fine whatever they were packed to."""
RATIO = 100
"""Unpacked bytes for each packed one, beyond `SMALL`. Text has 3 to 10, a file made to fill memories 1,000."""
LARGEST_IN_MEMORY = 16 << 20
"""Unpacked bytes of a member that is read in one piece. The longest works have a fifth of it."""
DIRECTORY = 16 << 20
"""Bytes of a zip archive's directory: room for 100,000 members, where the largest archive has some 17,000."""
HEADERS = 64 << 20
"""Bytes of a tar archive that are searched for a member."""
NAMES, NAME = 8, 60
"""How many members a message lists, and the characters of each name that it shows."""

_ZIP_ERRORS = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError),
    *(NotImplementedError, RuntimeError, ValueError, OverflowError),  # of entries that no honest archive has
)
_ISAL_ERROR: type[Exception] = isal_zlib.error  # type: ignore[assignment]  # its stub takes the class for an object
_GZIP_ERRORS = (igzip.BadGzipFile, _ISAL_ERROR, zlib.error, EOFError)
_TAR_ERRORS = (tarfile.TarError, ValueError, OverflowError, RecursionError)


class ZipArchive:
    """An opened zip archive.

    Args:
        archive: the archive.
        path: where it lies.
    """

    def __init__(self, archive: zipfile.ZipFile, path: Path):
        self._archive, self._file, self._size = archive, path.name, path.stat().st_size
        self._counts = Counter(archive.namelist())
        self._read = 0  # bytes of all members so far

    def namelist(self) -> list[str]:
        """The names of the members, in the archive's order, each once."""
        return list(self._counts)

    def read(self, member: str) -> bytes:
        """A whole member.

        Raises:
            FormatError: it has more than 16 MiB, or as `open`.
        """
        info = self._info(member)
        if info.file_size > LARGEST_IN_MEMORY:
            reason = f"unpacks to {info.file_size:,} bytes: more than {LARGEST_IN_MEMORY >> 20} MiB are refused"
            raise FormatError(f"{self._file}/{_shown(member)}", "", reason)
        self._read += info.file_size
        require_plausible(self._read, self._size, self._file)
        with _damage(self._file, "zip", _ZIP_ERRORS):
            return self._archive.read(info)

    @contextmanager
    def open(self, member: str) -> Iterator[Stream]:
        """A member as a stream of its bytes. When the block ends, its rest is read too, for the checksum.

        Raises:
            FormatError: there is no such member (names those there are), or there are two; it is encrypted, packed in
                an unusual way, damaged, or over 100 times as large as what it was packed to.
        """
        info = self._info(member)
        with _damage(self._file, "zip", _ZIP_ERRORS):
            opened = self._archive.open(info)
        with opened:
            stream = _Checked(opened, self._file, "zip", _ZIP_ERRORS, info.compress_size)
            yield stream
            _exhaust(stream)

    def _info(self, member: str) -> zipfile.ZipInfo:
        if self._counts[member] != 1:
            raise _not_one(self._file, member, self._counts[member], self._counts)
        info = self._archive.getinfo(member)
        if info.flag_bits & 1:
            raise FormatError(f"{self._file}/{_shown(member)}", "", "encrypted")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            reason = f"packed by method {info.compress_type}: only deflate (8) is read"
            raise FormatError(f"{self._file}/{_shown(member)}", "", reason)
        require_plausible(info.file_size, info.compress_size, f"{self._file}/{_shown(member)}")
        return info


@contextmanager
def zip_archive(path: Path) -> Iterator[ZipArchive]:
    """An opened zip archive.

    Raises:
        FormatError: not a whole zip archive, or with a directory of more than 16 MiB.
    """
    _check_directory(path)
    with _damage(path.name, "zip", _ZIP_ERRORS):
        archive = zipfile.ZipFile(path)
    with archive:
        yield ZipArchive(archive, path)


@contextmanager
def zip_member(path: Path, member: str) -> Iterator[Stream]:
    """One member of a zip archive as a stream of its bytes.

    Raises:
        FormatError: as `zip_archive` and `ZipArchive.open`.
    """
    with zip_archive(path) as archive, archive.open(member) as stream:
        yield stream


@contextmanager
def gzip_file(path: Path, *, to_end: bool = True) -> Iterator[Stream]:
    """The bytes a gzip file holds, as a stream. When the block ends, their rest is read too, for the checksum.

    ISA-L unpacks four times as fast as the standard library (benchmarks/jesc.py prints both).

    Args:
        path: of the file.
        to_end: False for a reader that needs no more than it reads; somebody else must read the file to its end.

    Raises:
        FormatError: empty, not gzip, cut short, its checksum is wrong, or it unpacks to over 100 times its size.
    """
    size = path.stat().st_size
    if size == 0:
        raise FormatError(path.name, "", DAMAGED.format("gzip", "the file is empty"))
    with igzip.IGzipFile(path, "rb") as opened:  # type: ignore[no-untyped-call]
        stream = _Checked(opened, path.name, "gzip", _GZIP_ERRORS, size)
        yield stream
        if to_end:
            _exhaust(stream)


@contextmanager
def tar_member(stream: Stream, file: str, member: str, *, to_end: bool = True) -> Iterator[Stream]:
    """One member of a tar archive that is itself read as a stream, forward only.

    Args:
        stream: the uncompressed archive.
        file: the archive's name, for errors.
        member: the member's path.
        to_end: as for `gzip_file`; what comes behind the member is looked at only where it is True.

    Raises:
        FormatError: there is no such member within 64 MiB, or there are two; it is no plain file; or the archive is
            damaged or cut short.
    """
    entry = _first(stream, file, member)
    if not to_end:
        yield _Piece(stream, entry.size, file)
        return
    with _content(stream, file, entry) as piece:
        yield piece
    if _find(stream, file, member.__eq__, []) is not None:
        raise _not_one(file, member, 2, ())


def tar_member_size(stream: Stream, file: str, member: str) -> int:
    """Bytes of one member of a tar archive, as its header says; the arguments and errors are those of `tar_member`."""
    return _first(stream, file, member).size


def tar_members(stream: Stream, file: str, wanted: Callable[[str], bool]) -> Iterator[tuple[str, Stream]]:
    """Some members of a tar archive that is itself read as a stream, one after the other as they lie in it.

    Args:
        stream: the uncompressed archive.
        file: the archive's name, for errors.
        wanted: says by a member's path whether it is wanted.

    Yields:
        Paths and contents; what is left of a content is passed over when the next member is asked for.

    Raises:
        FormatError: no member is wanted (names those there are); a wanted one is no plain file; more than 64 MiB lie
            before one; or the archive is damaged or cut short.
    """
    names: list[str] = []
    found = False
    while (entry := _find(stream, file, wanted, names)) is not None:
        found = True
        with _content(stream, file, entry) as piece:
            yield entry.name, piece
    if not found:
        raise FormatError(file, "", f"has none of the members wanted; it has: {_listed(names)}")


def require_plausible(unpacked: int, packed: int, file: str) -> None:
    """Refuses what no text unpacks to: over 64 MiB, and over 100 times its size.

    Args:
        unpacked: bytes so far.
        packed: bytes that they, or they and others, were packed to.
        file: name for the error.

    Raises:
        FormatError: it is not plausible.
    """
    if unpacked > SMALL and unpacked > RATIO * packed:
        raise FormatError(file, "", f"unpacks to more than {RATIO} times its size: no text does, so it is refused")


def _first(stream: Stream, file: str, member: str) -> tarfile.TarInfo:
    """The header of a member, which must be a plain file; the stream stands at its first byte afterwards."""
    names: list[str] = []
    entry = _find(stream, file, member.__eq__, names)
    if entry is None:
        raise _not_one(file, member, 0, names)
    _require_plain(file, entry)
    return entry


def _require_plain(file: str, entry: tarfile.TarInfo) -> None:
    if entry.type not in (tarfile.REGTYPE, tarfile.AREGTYPE) or entry.issparse():
        raise FormatError(file, "", f'member "{_shown(entry.name)}" is a link, a device or the like, not a plain file')


@contextmanager
def _content(stream: Stream, file: str, entry: tarfile.TarInfo) -> Iterator[_Piece]:
    """The content of a member whose header was just read; the stream stands at the next header afterwards."""
    _require_plain(file, entry)
    piece = _Piece(stream, entry.size, file)
    yield piece
    _exhaust(piece)
    stream.read(-entry.size % tarfile.BLOCKSIZE)


class _Checked:
    """A stream whose errors are `FormatError`, and which does not go on for ever.

    Args:
        stream: gives the unpacked bytes.
        file: the archive's name.
        kind: of archive.
        errors: what the stream raises where the archive is damaged.
        packed: bytes that it is unpacked from.
    """

    def __init__(self, stream: Stream, file: str, kind: str, errors: tuple[type[Exception], ...], packed: int):
        self._stream, self._file, self._kind, self._errors, self._packed = stream, file, kind, errors, packed
        self._done = 0

    def read(self, size: int = -1, /) -> bytes:
        if size < 0:
            return _rest(self)
        with _damage(self._file, self._kind, self._errors):
            data = self._stream.read(size)
        self._done += len(data)
        require_plausible(self._done, self._packed, self._file)
        return data


class _Piece:
    """The next bytes of a stream as a stream of their own; that they are not all there is an error."""

    def __init__(self, stream: Stream, size: int, file: str):
        self._stream, self._left, self._file = stream, size, file

    def read(self, size: int = -1, /) -> bytes:
        if size < 0:
            return _rest(self)
        data = self._stream.read(min(size, self._left))
        self._left -= len(data)
        if not data and size and self._left:
            raise FormatError(self._file, "", DAMAGED.format("tar", "unexpected end of data"))
        return data


def _find(stream: Stream, file: str, wanted: Callable[[str], bool], names: list[str]) -> tarfile.TarInfo | None:
    """Reads a tar archive up to the first byte of a wanted member, and puts the names that it meets into `names`."""
    try:
        # in steps of one block, so that nothing behind a header is read with it
        headers = cast("IO[bytes]", _Piece(stream, HEADERS, file))
        with tarfile.open(fileobj=headers, mode="r|", bufsize=tarfile.BLOCKSIZE) as archive:
            for entry in archive:
                entry.name = entry.name.removeprefix("./")
                if wanted(entry.name):
                    return entry
                names.append(entry.name)
    except _TAR_ERRORS as error:
        raise FormatError(file, "", DAMAGED.format("tar", error)) from None
    return None


def _check_directory(path: Path) -> None:
    """Refuses a zip archive whose directory, which is read as a whole, is a large one (APPNOTE.TXT, section 4.3.16)."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - (1 << 16) - 22))
        tail = file.read()
    end = tail.rfind(b"PK\5\6")
    if end >= 0 and len(tail) >= end + 16 and (found := struct.unpack_from("<L", tail, end + 12)[0]) > DIRECTORY:
        raise FormatError(
            path.name, "", f"its directory has {found:,} bytes: more than {DIRECTORY >> 20} MiB are refused"
        )


@contextmanager
def _damage(file: str, kind: str, errors: tuple[type[Exception], ...]) -> Iterator[None]:
    """Words what an archive's reader raises; errors of the disk pass."""
    try:
        yield
    except Exception as error:
        # EINVAL: a place before the file's first byte
        if isinstance(error, errors) or (isinstance(error, OSError) and error.errno == errno.EINVAL):
            raise FormatError(file, "", DAMAGED.format(kind, error)) from None
        raise


def _rest(stream: Stream) -> bytes:
    return b"".join(iter(lambda: stream.read(READ), b""))


def _exhaust(stream: Stream) -> None:
    while stream.read(READ):
        pass


def _not_one(file: str, member: str, count: int, names: Iterable[str]) -> FormatError:
    if count:
        return FormatError(file, "", f'has more than one member "{_shown(member)}"')
    return FormatError(file, "", f'has no member "{_shown(member)}"; it has: {_listed(names)}')


def _listed(names: Iterable[str]) -> str:
    """Names as a message can hold them: the first few."""
    shown = [_shown(name) for name in names]
    return (", ".join(shown[:NAMES]) or "none") + (", ..." if len(shown) > NAMES else "")


def _shown(name: str) -> str:
    """A member's name as a message can hold it."""
    printable = "".join(character if character.isprintable() else "?" for character in name)
    return printable if len(printable) <= NAME else f"{printable[:NAME]}..."
