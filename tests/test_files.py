"""A file is written whole or not at all, and nothing but a regular file is ever replaced."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from builders.errors import BuildError
from builders.files import replacing, write_atomically

IN_THE_WAY: dict[str, Callable[[Path], None]] = {
    "a directory": Path.mkdir,
    "no regular file": lambda path: os.mkfifo(path),
    "a symbolic link": lambda path: path.symlink_to("target"),
}


def test_a_file_is_replaced_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file"
    write_atomically(path, b"old")

    with replacing(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_bytes() == b"old"

    assert path.read_bytes() == b"new" and os.listdir(path.parent) == ["file"]


def test_an_error_leaves_the_old_file(tmp_path: Path) -> None:
    write_atomically(tmp_path / "file", b"old")

    with pytest.raises(ZeroDivisionError), replacing(tmp_path / "file") as file:
        file.write(b"new")
        raise ZeroDivisionError

    assert (tmp_path / "file").read_bytes() == b"old" and os.listdir(tmp_path) == ["file"]


@pytest.mark.parametrize("name", ["file", "file.tmp"])
@pytest.mark.parametrize("kind", IN_THE_WAY)
def test_nothing_but_a_regular_file_is_replaced(kind: str, name: str, tmp_path: Path) -> None:
    (tmp_path / "target").write_text("theirs")
    IN_THE_WAY[kind](tmp_path / name)
    before = os.lstat(tmp_path / name)

    with pytest.raises(BuildError, match=f"{name} is {kind}, so it is not replaced"):
        write_atomically(tmp_path / "file", b"ours")

    after = os.lstat(tmp_path / name)
    assert (after.st_mode, after.st_ino) == (before.st_mode, before.st_ino)
    assert (tmp_path / "target").read_text() == "theirs"


def test_a_device_stays_a_device() -> None:
    with pytest.raises(BuildError, match="so it is not replaced"):
        write_atomically(Path("/dev/stdout"), b"ours")
    with pytest.raises(BuildError, match="/dev/null is no regular file"):
        write_atomically(Path("/dev/null"), b"ours")


def test_what_a_killed_process_left_is_cleared_away(tmp_path: Path) -> None:
    (tmp_path / "file.tmp").write_bytes(b"half of something long")

    write_atomically(tmp_path / "file", b"whole")

    assert (tmp_path / "file").read_bytes() == b"whole" and os.listdir(tmp_path) == ["file"]
