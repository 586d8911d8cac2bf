"""A file is written whole or not at all, and nothing but a regular file is ever replaced."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from builders.errors import BuildError
from builders.files import lies_in, remove_temporary, replacing, require_own, write_atomically
from tests.support.permissions import unprivileged

ROOT = Path(__file__).resolve().parents[1]

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


@pytest.mark.parametrize("kind", IN_THE_WAY)
def test_nothing_but_a_regular_file_is_replaced(kind: str, tmp_path: Path) -> None:
    (tmp_path / "target").write_text("theirs")
    IN_THE_WAY[kind](tmp_path / "file")
    before = os.lstat(tmp_path / "file")

    with pytest.raises(BuildError, match=f"file is {kind}, so it is not replaced"):
        write_atomically(tmp_path / "file", b"ours")

    after = os.lstat(tmp_path / "file")
    assert (after.st_mode, after.st_ino) == (before.st_mode, before.st_ino)
    assert (tmp_path / "target").read_text() == "theirs"


@pytest.mark.parametrize("kind", IN_THE_WAY)
def test_what_is_no_regular_file_is_not_asked_whose_it_is(kind: str, tmp_path: Path) -> None:
    IN_THE_WAY[kind](tmp_path / "file")
    with pytest.raises(BuildError, match=f"file is {kind}, so it is not replaced"):
        require_own(tmp_path / "file", lambda file: True)


def test_a_file_that_a_command_writes_may_be_its_own(tmp_path: Path) -> None:
    for path, content in ((tmp_path / "none", None), (tmp_path / "empty", b""), (tmp_path / "ours", b"ours")):
        if content is not None:
            path.write_bytes(content)
        require_own(path, lambda file: file.read() == b"ours")
    with pytest.raises(BuildError, match="ours is there already, and this command did not write it"):
        require_own(tmp_path / "ours", lambda file: file.read() == b"theirs")


def test_a_file_that_may_not_be_read_is_somebody_else_s() -> None:
    with unprivileged() as directory:
        (directory / "file").write_bytes(b"theirs")
        (directory / "file").chmod(0)
        with pytest.raises(BuildError, match="file cannot be written: Permission denied"):
            require_own(directory / "file", lambda file: True)


def test_a_device_stays_a_device() -> None:
    with pytest.raises(BuildError, match="so it is not replaced"):
        write_atomically(Path("/dev/stdout"), b"ours")
    with pytest.raises(BuildError, match="/dev/null is no regular file"):
        write_atomically(Path("/dev/null"), b"ours")


def test_links_in_a_circle_lie_where_they_stand(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    assert lies_in(tmp_path / "a", tmp_path)


def test_a_file_of_a_temporary_name_is_somebody_else_s(tmp_path: Path) -> None:
    (tmp_path / "file.tmp").write_bytes(b"theirs")

    write_atomically(tmp_path / "file", b"ours")

    assert (tmp_path / "file").read_bytes() == b"ours" and (tmp_path / "file.tmp").read_bytes() == b"theirs"


KILLED = """
import os, signal, sys
from pathlib import Path
from builders.files import replacing
with replacing(Path(sys.argv[1])) as file:
    file.write(b"half of something long")
    file.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_process_left_is_cleared_away_and_nothing_else(tmp_path: Path) -> None:
    for path in (tmp_path / "file", tmp_path / "folder" / "file"):
        assert subprocess.run([sys.executable, "-c", KILLED, str(path)], cwd=ROOT).returncode == -signal.SIGKILL
    theirs = ["file.tmp", "file.12345.tmp", "folder/1234567g.tmp"]
    for name in theirs:
        (tmp_path / name).touch()
    (tmp_path / "directory.12345678.tmp").mkdir()
    assert len(list(tmp_path.rglob("file.????????.tmp"))) == 2

    remove_temporary(tmp_path)

    assert {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")} == {
        "folder", "directory.12345678.tmp", *theirs
    }  # fmt: skip
