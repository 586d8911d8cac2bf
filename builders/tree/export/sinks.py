"""Where lines go: a file that appears when it is whole, compressed as its name says, or the standard output."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

import pyarrow as pa
from isal import igzip

from builders.files import replacing

if TYPE_CHECKING:
    from typing_extensions import Buffer

STANDARD_OUTPUT = Path("-")


class Sink(Protocol):
    """What takes bytes."""

    def write(self, data: memoryview, /) -> object:
        """Takes some more bytes."""


@contextmanager
def open_sink(path: Path) -> Iterator[Sink]:
    """Opens the place where lines go.

    Args:
        path: a file; `.gz` and `.zst` at its end say how it is compressed. `-` for the standard output, as it is.

    Raises:
        BuildError: something other than a regular file stands there.
        OSError: it cannot be written.
    """
    if path == STANDARD_OUTPUT:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    with replacing(path) as file, _COMPRESSED.get(path.suffix, _plain)(file) as sink:
        yield sink


@contextmanager
def _plain(file: BinaryIO) -> Iterator[Sink]:
    yield file


@contextmanager
def _gzip(file: BinaryIO) -> Iterator[Sink]:
    """With no name and no time in it, so that the same records give the same bytes."""
    with igzip.IGzipFile("", "wb", fileobj=file, mtime=0) as sink:  # type: ignore[no-untyped-call]
        yield sink


@contextmanager
def _zstd(file: BinaryIO) -> Iterator[Sink]:
    with pa.CompressedOutputStream(pa.PythonFile(_KeptOpen(file), "w"), "zstd") as sink:
        yield sink


class _KeptOpen(io.RawIOBase):
    """A file that stays open when pyarrow closes what it has written to."""

    def __init__(self, file: BinaryIO):
        self._file = file

    def writable(self) -> bool:
        return True

    def write(self, data: Buffer, /) -> int:
        return self._file.write(data)


_COMPRESSED: dict[str, Callable[[BinaryIO], AbstractContextManager[Sink]]] = {".gz": _gzip, ".zst": _zstd}
