"""Worker processes of a clean build: a machine without room for them is named, not the directory."""

from __future__ import annotations

import shutil

import pytest

from builders.clean.workers import Workers
from builders.errors import BuildError
from tests.support.limits import no_more_open_files, run_without_shared_memory

NO_ROOM = "Worker processes cannot be started: {}.\nNext step: Work in this process: --workers 1."


def nothing(*_: object) -> None:
    """What a worker runs here."""


def test_results_come_in_the_order_of_the_tasks():
    for count in (1, 2):
        with Workers(count, nothing, ()) as pool:
            assert list(pool.map(abs, (-number for number in range(9)))) == [*range(9)]


def test_no_room_for_a_pool():
    with no_more_open_files(), pytest.raises(BuildError) as error:
        Workers(2, nothing, ())
    assert str(error.value) == NO_ROOM.format("Too many open files")


def test_no_room_for_its_processes():
    with Workers(2, nothing, ()) as pool, no_more_open_files(), pytest.raises(BuildError) as error:
        list(pool.map(abs, [1]))
    assert str(error.value) == NO_ROOM.format("Too many open files")


@pytest.mark.slow
def test_full_shared_memory_is_not_blamed_on_the_directory(planted_dataset, tmp_path):
    out = shutil.copytree(planted_dataset, tmp_path / "out")
    done = run_without_shared_memory("clean", out, "--workers", 2)
    assert done.returncode == 1
    assert done.stderr == f"Error: {NO_ROOM.format('No space left on device')}\n"
