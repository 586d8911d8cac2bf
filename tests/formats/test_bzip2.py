"""bzip2 blocks: the same bytes from both decoders, whole files and spans, and damage that is noticed."""

from __future__ import annotations

import bz2
import os
import random
import subprocess
import sys
from functools import cache

import pytest

from builders.errors import FormatError
from builders.formats import archives, bzip2

TEXT = random.Random(3).randbytes(300_000) * 4


@cache
def streams() -> list[bytes]:
    """Packed when a test needs them: the first takes a third of a second."""
    return [bz2.compress(text) for text in (TEXT, b"second", b"third")]


@pytest.fixture(params=["rapidgzip", "standard library"])
def decoder(request, monkeypatch):
    if request.param == "standard library":
        monkeypatch.setattr(bzip2, "IndexedBzip2File", None)
    return request.param


def written(folder, content):
    path = folder / "x.bz2"
    path.write_bytes(content)
    return path


def test_all_streams_of_a_file_are_read(tmp_path, decoder):
    path = written(tmp_path, b"".join(streams()))
    assert b"".join(bzip2.blocks(path)) == TEXT + b"secondthird"


def test_a_span_is_read_by_itself(tmp_path, decoder):
    path = written(tmp_path, b"".join(streams()))
    first = len(streams()[0])
    assert b"".join(bzip2.blocks(path, (first, path.stat().st_size))) == b"secondthird"
    assert b"".join(bzip2.blocks(path, (first, first + len(streams()[1])))) == b"second"


def test_no_file_is_left_open(tmp_path, decoder):
    path = written(tmp_path, b"".join(streams()))
    before = len(os.listdir("/proc/self/fd"))
    for span in (None, (0, path.stat().st_size)):
        assert list(bzip2.blocks(path, span))
    assert len(os.listdir("/proc/self/fd")) == before


@pytest.mark.parametrize("span", [False, True], ids=["whole", "span"])
@pytest.mark.parametrize("damage", ["cut", "flipped"])
def test_damage_is_an_error(tmp_path, decoder, span, damage):
    content = bytearray(streams()[0])
    if damage == "cut":
        content = content[: len(content) // 2]
    else:
        content[len(content) // 2] ^= 1
    path = written(tmp_path, bytes(content))
    with pytest.raises(FormatError) as error:
        b"".join(bzip2.blocks(path, (0, len(content)) if span else None))
    assert str(error.value).startswith("x.bz2, after ")
    assert "damaged or cut short (bzip2: " in str(error.value)


READ_OFTEN = """
import sys
from pathlib import Path
from builders.errors import FormatError
from builders.formats import bzip2
for _ in range(10):
    try:
        list(bzip2.blocks(Path(sys.argv[1])))
    except FormatError as error:
        print(error)
"""


def test_damage_before_many_bytes_is_no_hang(tmp_path):
    """In a process of its own: a decoder with threads looks for blocks behind the damage, and may never be closed."""
    chance = random.Random(4)
    path = written(tmp_path, streams()[1][:-7] + bz2.compress(chance.randbytes(1500)) + chance.randbytes(28 << 20))
    command = [sys.executable, "-c", READ_OFTEN, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    assert done.stdout.count(": damaged or cut short (bzip2: ") == 10


@pytest.mark.parametrize("times", [1, 2])
def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path, decoder, times, monkeypatch):
    monkeypatch.setattr(archives, "SMALL", 2 << 20)
    bomb = bz2.compress(bytes(4 << 20)) * times
    path = written(tmp_path, streams()[0] + bomb)
    span = (len(path.read_bytes()) - len(bomb), path.stat().st_size)
    given = 0
    with pytest.raises(FormatError, match=r"^x\.bz2: unpacks to more than 100 times its size: no text does"):
        for block in bzip2.blocks(path, span):
            given += len(block)
    assert given <= 2 << 20


def test_a_missing_file_is_the_systems_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        next(bzip2.blocks(tmp_path / "none.bz2", (0, 1)))
