"""Worker processes: they tell how far they are, they end with their work, and one that dies is no riddle."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import psutil
import pyarrow as pa
import pytest

from builders.__main__ import main
from builders.build import workers
from builders.build.workers import Workers
from builders.commands.options import SAMPLES
from builders.errors import BuildError
from tests.support.digests import digests
from tests.support.limits import no_more_open_files, run_without_shared_memory

NO_ROOM = "Worker processes cannot be started: {}.\nNext step: Work in this process: --workers 1."


def double(number: int, progress: Callable[[int], None]) -> int:
    """What a worker runs here: it reports twice."""
    progress(1)
    progress(number)
    return 2 * number


def die(number: int, progress: Callable[[int], None]) -> int:
    """A worker that is ended from outside."""
    os.kill(os.getpid(), signal.SIGKILL)
    return number


def blocked(*task: object) -> int:
    """A worker that tells which signal is kept from it."""
    (found,) = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    return int(found)


def allocators(number: int, progress: Callable[[int], None]) -> tuple[str, str | None]:
    """What a worker takes memory from: pyarrow's pool, and from which size on the system maps it."""
    return pa.default_memory_pool().backend_name, os.environ.get("MALLOC_MMAP_THRESHOLD_")


BUILDING = """
from builders.build.workers import Workers
from tests.build.test_workers import blocked
with Workers(2) as pool:
    print(*dict(pool.run(blocked, [1, 2], print)).values())
"""
CLEANING = """
from builders.clean.workers import Workers
from tests.build.test_workers import blocked
with Workers(2, str, ()) as pool:
    print(*pool.map(blocked, [1, 2]))
"""


def test_each_task_has_its_result_and_what_was_reported_of_it():
    told = []
    with Workers(2) as pool:
        found = dict(pool.run(double, [3, 4, 5], lambda task, count: told.append((task, count))))
    assert found == {3: 6, 4: 8, 5: 10}
    assert sorted(told) == [(3, 1), (3, 3), (4, 1), (4, 4), (5, 1), (5, 5)]


@pytest.mark.parametrize("own", [None, "mimalloc"], ids=["as we set it", "as the user set it"])
def test_workers_have_allocators_that_give_memory_back(monkeypatch, own):
    for name in workers.MEMORY:
        monkeypatch.delenv(name, raising=False)
    if own:
        monkeypatch.setenv("ARROW_DEFAULT_MEMORY_POOL", own)
    before = dict(os.environ)
    with Workers(1) as pool:
        assert dict(pool.run(allocators, [1], lambda task, count: None)) == {1: (own or "system", "1048576")}
    assert dict(os.environ) == before


@pytest.mark.slow
def test_a_worker_that_dies_is_named():
    with Workers(2) as pool, pytest.raises(BuildError) as error:
        list(pool.run(die, [1, 2], lambda task, count: None))
    assert error.value.problem.startswith("A worker process was ended from outside")


@pytest.mark.slow
@pytest.mark.parametrize("place", [0, 1])
def test_a_worker_that_is_killed_when_all_is_done_holds_nothing_up(place):
    def work():
        with Workers(2) as pool:
            list(pool.run(double, [1, 2], lambda task, count: None))
            time.sleep(0.5)  # until both wait for work: one of them for the lock that the other holds
            os.kill(multiprocessing.active_children()[place].pid, signal.SIGKILL)

    ended = threading.Thread(target=work, daemon=True)
    ended.start()
    ended.join(60)
    assert not ended.is_alive()


@pytest.mark.slow
@pytest.mark.parametrize("command", [BUILDING, CLEANING], ids=["build", "clean"])
def test_ctrl_c_is_for_the_main_process_alone(command):
    """In a process of its own: the first that multiprocessing starts beside the workers unblocks the signal."""
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(int(signal.SIGINT))] * 2


def test_no_room_for_processes():
    with no_more_open_files(), pytest.raises(BuildError) as error:
        Workers(2)
    assert str(error.value) == NO_ROOM.format("Too many open files")


@pytest.mark.slow
def test_full_shared_memory_is_named(tmp_path):
    done = run_without_shared_memory("build", "easy-ja", "--sample", "--workers", 2, "--out", tmp_path / "out")
    assert (done.returncode, done.stderr) == (1, f"Error: {NO_ROOM.format('No space left on device')}\n")


@pytest.mark.slow
def test_a_machine_of_many_cores_starts_few_processes_for_few_tasks():
    with Workers(64) as pool:
        dict(pool.run(double, range(6), lambda task, count: None))
        children = [child for child in psutil.Process().children() if "spawn_main" in " ".join(child.cmdline())]
    assert 1 <= len(children) <= workers.STARTED_EARLY + 6


@pytest.mark.slow
def test_workers_that_a_command_starts_first_build_the_same_and_end(tmp_path):
    for count in ("1", "2"):
        command = ["build", "easy-ja", "jsquad", "--sources", str(SAMPLES), "--workers", count]
        assert main([*command, "--out", str(tmp_path / count)]) == 0
    assert digests(tmp_path / "1") == digests(tmp_path / "2")
    assert main(["build", "easy-ja", "--sources", str(tmp_path), "--workers", "2", "--out", str(tmp_path / "3")]) == 1
    deadline = time.monotonic() + 300
    while any("spawn_main" in " ".join(child.cmdline()) for child in psutil.Process().children()):
        assert time.monotonic() < deadline, "a worker stays when nothing can be planned"
        time.sleep(0.05)
