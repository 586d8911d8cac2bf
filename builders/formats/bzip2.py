"""bzip2 as a stream of decompressed blocks, of a whole file or of the streams between two of its bytes.

`indexed_bzip2` decodes a third faster than the standard library on one core, and the blocks of one file on all cores
(benchmarks/wikipedia.py prints both). Both check the checksum of every block. The standard library stands in where
there is no build of `indexed_bzip2`.

None of them can be relied on to notice a file that ends where one of its streams ends, or amid the ten bytes that begin
a stream: whoever reads a document out of the blocks has to check that it is whole.
"""

from __future__ import annotations

import bz2
import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from builders.errors import FormatError

try:
    import indexed_bzip2
except ImportError:
    indexed_bzip2 = None

MAGIC = b"BZh"
BLOCK = 4 << 20
"""Decompressed bytes handed over at a time."""
DAMAGED = "damaged or cut short (bzip2: {})"


def blocks(path: Path, span: tuple[int, int] | None = None) -> Iterator[bytes]:
    """Yields decompressed bytes, some megabytes at a time.

    Args:
        path: of the bzip2 file.
        span: first byte, and byte after the last, of streams that follow one another; they are decoded on one core,
            because whoever cuts a file into spans reads several at once. None for the whole file, on all cores.

    Raises:
        FormatError: no bzip2, cut inside a block, or a wrong checksum; says after how many bytes of text.
    """
    done = 0
    try:
        with _open(path, span) as stream:
            while block := stream.read(BLOCK):
                done += len(block)
                yield block
    except (RuntimeError, ValueError, EOFError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:  # the disk's, not the decoder's
            raise
        place = f"after {done:,} bytes of text"
        raise FormatError(path.name, place, DAMAGED.format(_reason(error))) from None


def _open(path: Path, span: tuple[int, int] | None) -> BinaryIO:
    if span is None:
        return indexed_bzip2.open(str(path), parallelization=0) if indexed_bzip2 else bz2.open(path)
    with path.open("rb") as file:
        file.seek(span[0])
        streams = io.BytesIO(file.read(span[1] - span[0]))
    return indexed_bzip2.open(streams, parallelization=1) if indexed_bzip2 else bz2.open(streams)


def _reason(error: Exception) -> str:
    """The decoder's words; `indexed_bzip2` has none for a block that is not all there."""
    return "a block is not complete" if str(error) == "std::exception" else str(error)
