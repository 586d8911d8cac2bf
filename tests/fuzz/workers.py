"""Runs cases in processes that may hang, die or eat the memory: the case is named, and the next one goes on."""

from __future__ import annotations

import multiprocessing
import os
import resource
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path

import psutil

from tests.fuzz.cases import Outcome, run_case

START = 120.0
"""Seconds that a worker may take to load the libraries, or to make and pack the files of a case."""
MEMORY = 1 << 30
"""Bytes that a case may take."""
ADDRESSES = 6 << 30
"""Bytes of addresses that a worker may have, so that no case takes this machine's memory; libraries reserve some."""


@dataclass(frozen=True)
class Limits:
    """What reading a case may take; a sample is read in some milliseconds.

    Args:
        cpu: seconds that its process computes, which other processes on the machine do not change.
        wall: seconds that pass, for a case that waits for something.
    """

    cpu: float = 10
    wall: float = 600


LIMITS = Limits()


class Worker:
    """A process that works through cases of one corpus, from one number to another."""

    def __init__(self, name: str, numbers: range, directory: Path, limits: Limits):
        self._name, self._left, self._directory, self._limits = name, numbers, directory, limits
        self._start()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, child = context.Pipe(duplex=False)
        arguments = (self._name, self._left, self._directory, child)
        self._process = context.Process(target=_work, args=arguments, daemon=True)
        self._process.start()
        child.close()
        self._begin(None)

    def _begin(self, cpu: float | None) -> None:
        """Notes when a case begins to be read and what its process had computed by then; None while its files are made."""
        self._began, self._cpu = time.monotonic(), cpu

    @property
    def done(self) -> bool:
        return not self._left

    def take(self) -> Outcome | None:
        """The outcome that the process has sent; where it has died instead, that is the outcome."""
        try:
            message: float | Outcome = self.connection.recv()
        except EOFError:
            self._process.join()
            return self._replaced(f"the process died ({self._process.exitcode})")
        if isinstance(message, float):
            self._begin(message)
            return None
        self._begin(None)
        self._left = self._left[1:]
        if self.done:
            self._end()
        return message

    def hung(self) -> Outcome | None:
        """The outcome of a case that takes too long; its process is ended."""
        passed = time.monotonic() - self._began
        if self._cpu is None:
            return self._replaced(f"no files after {START:.0f} s", passed) if passed > START else None
        times = psutil.Process(self._process.pid).cpu_times()
        computed = times.user + times.system - self._cpu
        if computed > self._limits.cpu:
            return self._replaced(too_slow(self._limits), computed)
        return self._replaced(f"a hang of over {self._limits.wall:.0f} s") if passed > self._limits.wall else None

    def _replaced(self, what: str, seconds: float = 0) -> Outcome:
        self._end()
        outcome = Outcome(self._left[0], what, seconds)
        self._left = self._left[1:]
        if not self.done:
            self._start()
        return outcome

    def _end(self) -> None:
        self._process.kill()
        self._process.join()
        self.connection.close()


def too_slow(limits: Limits) -> str:
    """The fault of a case that computes for longer than it may."""
    return f"over {limits.cpu:.0f} s of CPU time"


def outcomes(name: str, numbers: range, workers: int, limits: Limits = LIMITS) -> Iterator[Outcome]:
    """Yields the outcome of every case, in no particular order.

    Args:
        name: of the corpus.
        numbers: of the cases.
        workers: processes.
        limits: of each case.
    """
    with tempfile.TemporaryDirectory() as scratch:  # not the processes': one that is killed would leave its own
        parts = [part for first in range(workers) if (part := numbers[first::workers])]
        running = [Worker(name, part, Path(tempfile.mkdtemp(dir=scratch)), limits) for part in parts]
        while running := [worker for worker in running if not worker.done]:
            ready = wait([worker.connection for worker in running], timeout=0.5)
            for worker in running:
                outcome = worker.take() if worker.connection in ready else worker.hung()
                if outcome is not None:
                    yield outcome


def _work(name: str, numbers: range, directory: Path, connection: Connection) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # what a library prints as it panics
    for number in numbers:
        connection.send(run_case(name, number, directory, lambda: connection.send(time.process_time())))
