"""Runs cases in processes that may hang, die or eat the memory: the case is named, and the next one goes on."""

from __future__ import annotations

import multiprocessing
import os
import resource
import tempfile
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection, wait
from pathlib import Path

from tests.fuzz.cases import Outcome, run_case

SECONDS = 10.0
"""What reading a case may take; a sample is read in some milliseconds."""
START = 120.0
"""Seconds that a worker may take to load the libraries, or to make and pack the files of a case."""
MEMORY = 1 << 30
"""Bytes that a case may take."""
ADDRESSES = 6 << 30
"""Bytes of addresses that a worker may have, so that no case takes this machine's memory; libraries reserve some."""


class Worker:
    """A process that works through cases of one corpus, from one number to another."""

    def __init__(self, name: str, numbers: range, seconds: float = SECONDS):
        self._name, self._left, self._seconds = name, numbers, seconds
        self._start()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, child = context.Pipe(duplex=False)
        self._process = context.Process(target=_work, args=(self._name, self._left, child), daemon=True)
        self._process.start()
        child.close()
        self._heard = time.monotonic() + START

    @property
    def done(self) -> bool:
        return not self._left

    def take(self) -> Outcome | None:
        """The outcome that the process has sent; where it has died instead, that is the outcome."""
        try:
            outcome: Outcome | None = self.connection.recv()
        except EOFError:
            self._process.join()
            return self._replaced(f"the process died ({self._process.exitcode})")
        if outcome is None:  # the files are made, the reading begins
            self._heard = time.monotonic()
            return None
        self._heard = time.monotonic() + START
        self._left = self._left[1:]
        if self.done:
            self._end()
        return outcome

    def hung(self) -> Outcome | None:
        """The outcome of a case that takes too long; its process is ended."""
        if time.monotonic() - self._heard < self._seconds:
            return None
        return self._replaced(f"a hang of over {self._seconds:.0f} s")

    def _replaced(self, what: str) -> Outcome:
        self._end()
        outcome = Outcome(self._left[0], what, self._seconds)
        self._left = self._left[1:]
        if not self.done:
            self._start()
        return outcome

    def _end(self) -> None:
        self._process.kill()
        self._process.join()
        self.connection.close()


def outcomes(name: str, numbers: range, workers: int, seconds: float = SECONDS) -> Iterator[Outcome]:
    """Yields the outcome of every case, in no particular order.

    Args:
        name: of the corpus.
        numbers: of the cases.
        workers: processes.
        seconds: that a case may take.
    """
    running = [Worker(name, part, seconds) for first in range(workers) if (part := numbers[first::workers])]
    while running := [worker for worker in running if not worker.done]:
        ready = wait([worker.connection for worker in running], timeout=0.5)
        for worker in running:
            outcome = worker.take() if worker.connection in ready else worker.hung()
            if outcome is not None:
                yield outcome


def _work(name: str, numbers: range, connection: Connection) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # what a library prints as it panics
    with tempfile.TemporaryDirectory() as directory:
        for number in numbers:
            connection.send(run_case(name, number, Path(directory), lambda: connection.send(None)))
