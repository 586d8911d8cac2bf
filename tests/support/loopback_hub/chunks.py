"""The Hub's chunk storage (Xet): files as lists of content-defined chunks, each chunk kept once.

The client is the real one, `hf_xet`: it cuts the files, asks which chunks are known, and writes those that are not. It
speaks to a folder as it speaks to a server (`local://`), so nothing here pretends to be a chunk store; this module
looks into the folder that it leaves.

    xet/xorbs/xorbs/default.<hash>    blocks of new chunks, compressed: what a client sends of the files themselves
    xet/xorbs/shards/<hash>.mdb       which chunks a file consists of; sent too
    xet/shard-cache/                  what the client remembers of its own uploads
"""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_ENTRY = 48
"""Bytes of everything in a shard (https://huggingface.co/docs/xet/shard)."""
_VERIFIED, _DESCRIBED = 1 << 31, 1 << 30
_READ = """
import sys
from hf_xet import XetFileInfo, XetSession
with XetSession().new_file_download_group(endpoint=sys.argv[1]) as files:
    files.start_download_file(XetFileInfo(sys.argv[2]), sys.argv[3])
"""


@dataclass(frozen=True)
class ChunkedFile:
    """A file that is kept as chunks: its hash there, its sha256, its bytes."""

    hash: str
    sha256: str
    size: int


class Chunks:
    """The chunk storage of one Hub.

    Args:
        folder: where it is; made by the first upload.
    """

    def __init__(self, folder: Path):
        self.folder = folder.resolve()
        self.endpoint = f"local://{self.folder}"

    def find(self, sha256: str) -> ChunkedFile | None:
        """The file with this content, if one was uploaded."""
        return next((file for file in self._files() if file.sha256 == sha256), None)

    def write_to(self, file: ChunkedFile, target: Path) -> None:
        """Puts a file together. No client may upload meanwhile: the folder is for one process at a time."""
        environment = {**os.environ, "HF_HOME": str(self.folder / "home")}
        command = [sys.executable, "-c", _READ, self.endpoint, file.hash, str(target)]
        subprocess.run(command, env=environment, check=True, capture_output=True)

    @property
    def bytes(self) -> int:
        """What clients have sent so far: blocks of chunks, and shards."""
        sent = (*self._paths("xorbs", "default.*"), *self._paths("shards", "*.mdb"))
        return sum(path.stat().st_size for path in sent if path.suffix != ".tagset")

    def forget_clients(self) -> None:
        """Takes away what a client remembers: the next upload is that of another machine."""
        shutil.rmtree(self.folder / "xet" / "shard-cache", ignore_errors=True)

    def _paths(self, kind: str, pattern: str) -> Iterator[Path]:
        return (self.folder / "xet" / "xorbs" / kind).glob(pattern)

    def _files(self) -> Iterator[ChunkedFile]:
        for path in self._paths("shards", "*.mdb"):
            yield from _files_of(path.read_bytes())


def _files_of(shard: bytes) -> Iterator[ChunkedFile]:
    """The files that a shard describes; they stand behind its header, up to an entry whose hash is all ones."""
    place = _ENTRY
    while shard[place : place + 32] != b"\xff" * 32:
        flags, segments = struct.unpack_from("<II", shard, place + 32)
        first = place + _ENTRY
        size = sum(struct.unpack_from("<I", shard, first + number * _ENTRY + 36)[0] for number in range(segments))
        last = first + segments * _ENTRY * (2 if flags & _VERIFIED else 1)
        if flags & _DESCRIBED:
            yield ChunkedFile(_hash(shard, place), _hash(shard, last), size)
            last += _ENTRY
        place = last


def _hash(shard: bytes, place: int) -> str:
    """32 bytes as Xet writes them: four little-endian numbers."""
    return "".join(f"{number:016x}" for number in struct.unpack_from("<4Q", shard, place))
