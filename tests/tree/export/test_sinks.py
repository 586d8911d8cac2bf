"""The ending of a file's name says how it is compressed; the same records give the same bytes."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from builders.tree.export.sinks import open_sink

READ: dict[str, Callable[[Path], bytes]] = {
    "out.jsonl": Path.read_bytes,
    "out.jsonl.gz": lambda path: gzip.decompress(path.read_bytes()),
    "out.jsonl.zst": lambda path: pa.input_stream(str(path), compression="zstd").read(),
}
BLOCKS = [b'{"output": "a"}\n' * 10_000, b"", b'{"output": "b"}\n']


@pytest.mark.parametrize("name", READ)
def test_what_was_written_is_read(name: str, tmp_path: Path) -> None:
    written = []
    for number in range(2):
        path = tmp_path / str(number) / name
        with open_sink(path) as sink:
            for block in BLOCKS:
                sink.write(memoryview(block))
        assert READ[name](path) == b"".join(BLOCKS)
        written.append(path.read_bytes())

    assert written[0] == written[1]
    assert name == "out.jsonl" or len(written[0]) < 5_000


@pytest.mark.parametrize("name", READ)
def test_an_error_leaves_no_file(name: str, tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), open_sink(tmp_path / name) as sink:
        sink.write(memoryview(BLOCKS[0]))
        raise ZeroDivisionError

    assert not list(tmp_path.iterdir())
