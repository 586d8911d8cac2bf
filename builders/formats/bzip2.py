"""bzip2 as a stream of decompressed blocks, of a whole file or of the streams between two of its bytes.

`rapidgzip` decodes a third faster than the standard library (benchmarks/wikipedia.py prints both). Both check the checksum
of every block. The standard library stands in where there is no build of `rapidgzip`.

One file is decoded on one core. `rapidgzip` has a way to use all of them, but closing it in the middle of a file, as an
error does, may wait for ever (0.16.1 and 0.16.2): it joins a thread that waits for the interpreter's lock, and holds that
lock. A multistream dump is read on all cores because its index cuts it into spans.

None of them can be relied on to notice a file that ends where one of its streams ends, or amid the ten bytes that begin
a stream: whoever reads a document out of the blocks has to check that it is whole.
"""

from __future__ import annotations

import bz2
import io
from collections.abc import Iterator
from pathlib import Path

from builders.errors import FormatError
from builders.formats.archives import require_plausible

try:
    from rapidgzip import IndexedBzip2File
except ImportError:
    IndexedBzip2File = None

MAGIC = b"BZh"
BLOCK = 1 << 20
"""Decompressed bytes handed over at a time."""
DAMAGED = "damaged or cut short (bzip2: {})"


def blocks(path: Path, span: tuple[int, int] | None = None) -> Iterator[bytes]:
    """Yields decompressed bytes, a megabyte at a time.

    Args:
        path: of the bzip2 file.
        span: first byte, and byte after the last, of streams that follow one another. None for the whole file.

    Raises:
        FormatError: no bzip2, cut inside a block, or a wrong checksum, and says after how many bytes of text; or it
            unpacks to over 100 times its size.
    """
    first, end = span or (0, path.stat().st_size)
    packed, done = end - first, 0
    try:
        with _Span(path, first, end) as streams, _decoder(streams) as stream:  # which does not close what it reads
            while block := stream.read(BLOCK):
                done += len(block)
                require_plausible(done, packed, path.name)
                yield block
    except (RuntimeError, ValueError, EOFError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:  # the disk's, not the decoder's
            raise
        place = f"after {done:,} bytes of text"
        raise FormatError(path.name, place, DAMAGED.format(_reason(error))) from None


def _decoder(streams: _Span) -> io.BufferedIOBase:
    stream: io.BufferedIOBase = IndexedBzip2File(streams, parallelization=1) if IndexedBzip2File else bz2.open(streams)
    return stream


class _Span(io.RawIOBase):
    """The bytes of a file between two of them, as a file of its own: no copy of them is made."""

    def __init__(self, path: Path, start: int, end: int):
        self._file, self._start, self._end = path.open("rb"), start, end
        self._file.seek(start)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        left = max(0, self._end - self._file.tell())
        return self._file.read(left if size < 0 else min(size, left))

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        origin = {io.SEEK_SET: self._start, io.SEEK_CUR: self._file.tell(), io.SEEK_END: self._end}[whence]
        return self._file.seek(origin + offset) - self._start

    def tell(self) -> int:
        return self._file.tell() - self._start

    def close(self) -> None:
        self._file.close()
        super().close()


def _reason(error: Exception) -> str:
    """The decoder's words; `rapidgzip` has none for a block that is not all there."""
    return "a block is not complete" if str(error) == "std::exception" else str(error)
