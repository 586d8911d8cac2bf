"""Wall seconds, CPU seconds and the peak of memory of a program and its children, step by step."""

from __future__ import annotations

import multiprocessing
import os
import resource
import threading
import time
from dataclasses import dataclass

import psutil

_INTERVAL = 0.2  # seconds between two looks at the memory


@dataclass
class Step:
    """What a step took.

    Args:
        wall: seconds.
        cpu: CPU seconds of all processes.
        peak: MiB of all processes at the worst moment; memory that they share (libraries, files) is counted once.
    """

    wall: float = 0.0
    cpu: float = 0.0
    peak: float = 0.0


class Meter(threading.Thread):
    """Measures between its beginning and its end, as a context manager.

    Args:
        first: name of the first step.
    """

    def __init__(self, first: str):
        super().__init__(daemon=True)
        self.steps: dict[str, Step] = {}
        self._first = first
        self._done = threading.Event()

    def __enter__(self) -> Meter:
        self._begin(self._first)
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._end()
        self._done.set()
        self.join()

    def begin(self, name: str) -> None:
        """Ends a step, and begins the next one or goes on with one."""
        self._end()
        self._begin(name)

    def all(self) -> Step:
        """All steps together."""
        steps = self.steps.values()
        return Step(sum(step.wall for step in steps), sum(step.cpu for step in steps), max(step.peak for step in steps))

    def run(self) -> None:
        """Looks at the memory until the end."""
        while True:
            self._step.peak = max(self._step.peak, sum(map(_memory, processes())))
            if self._done.wait(_INTERVAL):
                return

    def _begin(self, name: str) -> None:
        self._step = self.steps.setdefault(name, Step())
        self._since = time.perf_counter(), _cpu_seconds()

    def _end(self) -> None:
        wall, cpu = self._since
        self._step.wall += time.perf_counter() - wall
        self._step.cpu += _cpu_seconds() - cpu


def processes() -> list[int]:
    """This process and those it has started: asking multiprocessing costs less than a look at all processes there are."""
    return [os.getpid(), *(child.pid for child in multiprocessing.active_children() if child.pid)]


def _memory(process: int) -> float:
    """MiB of a process (PSS: of a page that several processes have, each counts its share); 0 where it has ended."""
    try:
        return float(psutil.Process(process).memory_full_info().pss) / 2**20
    except psutil.Error:
        return 0.0


def _cpu_seconds() -> float:
    """CPU time of this process, of its children, and of those that have ended."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages) + sum(map(_cpu_of, processes()[1:]))


def _cpu_of(process: int) -> float:
    """CPU seconds of a process; 0 where it has ended."""
    try:
        times = psutil.Process(process).cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)
