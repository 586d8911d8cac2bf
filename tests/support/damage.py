"""Ways in which a Parquet file of a built dataset can be damaged."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq


def without_utf8(path: Path) -> bytes:
    """The content of a Parquet file whose last column has a name that is no UTF-8."""
    content = path.read_bytes()
    begin = len(content) - 8 - int.from_bytes(content[-8:-4], "little")  # of the footer, which ends with its own length
    name = pq.read_schema(path).names[-1].encode()
    return content[:begin] + content[begin:].replace(name, b"\xff" * len(name))


def _in_its_place(make: Callable[[Path], object]) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        path.unlink()
        make(path)

    return damage


DAMAGES: dict[str, Callable[[Path], object]] = {
    "missing": Path.unlink,
    "a FIFO": _in_its_place(os.mkfifo),
    "cut short": lambda path: path.write_bytes(path.read_bytes()[:-100]),
    "no Parquet": lambda path: path.write_bytes(b"no Parquet"),
    "pages of something else": lambda path: path.write_bytes(b"PAR1" + b"\xff" * 400 + path.read_bytes()[404:]),
    "other columns": lambda path: pq.write_table(pa.table({"id": [1]}), path),
    "a name that is no UTF-8": lambda path: path.write_bytes(without_utf8(path)),
}
"""What may have become of a file, by name; each is called with the file."""
