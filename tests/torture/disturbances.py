"""One disturbance of a running command: what is done to it, when, and what must be true afterwards."""

from __future__ import annotations

import glob
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
BUILDING = (
    ".building/*/*.tmp/*.parquet",  # a shard is being written
    ".building/*/*.tmp/result.json",  # ... and about to get its name
    ".building/*/*/result.json",
    ".building/*.new",  # a config is being put in place
    ".building/*.old",
    "rejected/*.tmp",
    "*/train-*.parquet",
    "chat/*/*",
    "README.md*",  # the documents are being written
    "report.json.*.tmp",
    "slice.json*",
)
"""Files whose appearance in the output directory of a build is a moment worth hitting."""
CLEANING = (
    ".building/clean-*/found-*.tmp",  # a piece is being looked at
    ".building/clean-*/found-*[0-9]",
    ".building/clean-*/written-*.tmp/*",  # its marks and curated records are being written
    ".building/clean-*/written-*[0-9]",
    ".building/clean-*/new/*",  # both editions are being put in place
    ".building/clean-*/old-*",
    "clean/*",
    "marks/*",
    "README.md*",
    "report.json.*.tmp",
)
"""The same for the curated edition."""
LONGEST = 1_800.0
"""Seconds after which a command hangs, on a machine that is busy with others too."""


@dataclass(frozen=True)
class Disturbance:
    """What is done to a command.

    Args:
        kind: `kill` (SIGKILL to all its processes), `interrupt` (SIGINT to all of them, as Ctrl-C), `terminate` (SIGTERM
            to the main process), `worker` (SIGKILL to one of the workers), or `clock` (as `kill`; afterwards the times
            of all files lie in the future, as if the clock had been set back).
        moment: a pattern of what is to appear, or the seconds to wait.
    """

    kind: str
    moment: str | float


KINDS = ("kill", "interrupt", "terminate", "worker", "clock")


def draw(random: random.Random, seconds: float, moments: Sequence[str], kind: str = "kill") -> Disturbance:
    """A disturbance at a random moment of a command that takes so many seconds; half of them are one of `moments`."""
    return Disturbance(kind, random.choice(moments) if random.random() < 0.5 else random.uniform(0, seconds))


def disturb(command: Sequence[str], out: Path, disturbance: Disturbance) -> bool:
    """Runs `python -m builders COMMAND` and disturbs it.

    Returns:
        Whether it was still running then.

    Raises:
        AssertionError: it ended in a way that it must not, hangs, or a process of it is left.
    """
    before = {path: _inode(path) for path in _there(out, disturbance)}
    running = strike(
        start(command),
        disturbance,
        lambda: any(before.get(path) != _inode(path) for path in _there(out, disturbance)),
    )
    if disturbance.kind == "clock":
        _to_the_future(out)
    return running


def start(command: Sequence[str], environment: Mapping[str, str] = os.environ) -> subprocess.Popen[str]:
    """Starts `python -m builders COMMAND` in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "builders", *command],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**environment, "OMP_NUM_THREADS": "1"},
    )


def strike(process: subprocess.Popen[str], disturbance: Disturbance, appeared: Callable[[], bool]) -> bool:
    """Disturbs a process that `start` gave, at the moment or when it `appeared`, and waits for its end.

    Returns:
        Whether it was still running then.

    Raises:
        AssertionError: as `disturb`.
    """
    try:
        _wait(process, disturbance, appeared)
        running = process.poll() is None
        _send(process, disturbance.kind)
        _, said = process.communicate(timeout=LONGEST)
        _require_sound_end(disturbance, process.returncode, said)
        _require_none_left(process.pid)
    finally:
        _kill_group(process.pid)
    return running


def finish(command: Sequence[str], environment: Mapping[str, str] = os.environ) -> None:
    """Runs a command to its end, undisturbed.

    Raises:
        AssertionError: it fails.
    """
    process = start(command, environment)
    try:
        _, said = process.communicate(timeout=LONGEST)
        assert process.returncode == 0, said
    finally:
        _kill_group(process.pid)


def _there(out: Path, disturbance: Disturbance) -> list[Path]:
    if not isinstance(disturbance.moment, str):
        return []
    found = glob.glob(disturbance.moment, root_dir=out, include_hidden=True)  # Path.glob fails where one vanishes
    return [out / name for name in found]


def _inode(path: Path) -> int:
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return -1


def _wait(process: subprocess.Popen[str], disturbance: Disturbance, appeared: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONGEST
    if isinstance(disturbance.moment, float):
        deadline = time.monotonic() + disturbance.moment
        appeared = lambda: False  # noqa: E731
    while process.poll() is None and time.monotonic() < deadline and not appeared():
        time.sleep(0.002)


def _send(process: subprocess.Popen[str], kind: str) -> None:
    if process.poll() is not None:
        return
    if kind in ("kill", "clock"):
        _kill_group(process.pid)
    elif kind == "interrupt":
        os.killpg(process.pid, signal.SIGINT)
    elif kind == "terminate":
        process.terminate()
    else:
        for worker in _workers(process.pid)[:1]:
            worker.kill()


def _workers(pid: int) -> list[psutil.Process]:
    """The processes that build shards for a main process; the one that watches over semaphores is none of them."""
    try:
        children = psutil.Process(pid).children()
        return [child for child in children if "spawn_main" in " ".join(child.cmdline())]
    except psutil.NoSuchProcess:
        return []


def _require_sound_end(disturbance: Disturbance, code: int, said: str) -> None:
    """A build that was killed says nothing; one that could still speak says what happened, and shows no traceback."""
    allowed = {
        "kill": (0, -signal.SIGKILL),
        "clock": (0, -signal.SIGKILL),
        "interrupt": (0, 130, -signal.SIGINT),  # the last: while Python was starting
        "terminate": (0, -signal.SIGTERM),
        "worker": (0, 1),
    }
    assert code in allowed[disturbance.kind], (disturbance, code, said)
    if disturbance.kind == "worker" and code == 1:
        assert "A worker process was ended from outside" in said, said
    if code == 130:
        assert said.strip() == "Stopped. What is finished is kept; the same command goes on from there.", said


def _require_none_left(group: int) -> None:
    deadline = time.monotonic() + LONGEST
    while left := [process.pid for process in psutil.process_iter() if _group(process.pid) == group]:
        assert time.monotonic() < deadline, f"processes of a command that ended go on: {left}"
        time.sleep(0.01)


def _group(pid: int) -> int:
    try:
        return os.getpgid(pid) if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE else -1
    except (ProcessLookupError, psutil.NoSuchProcess):
        return -1


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def _to_the_future(directory: Path) -> None:
    later = time.time() + 365 * 86_400
    for path in directory.rglob("*"):
        os.utime(path, (later, later))
