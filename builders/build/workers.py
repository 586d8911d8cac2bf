"""Processes of this machine that build shards. They take half a second to start, so a command starts them first of all.

Nothing but the standard library is imported here: what a worker needs is imported in it, while the main process plans.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from multiprocessing import resource_tracker
from multiprocessing.connection import wait as wait_for
from multiprocessing.queues import SimpleQueue
from types import TracebackType
from typing import TypeVar

from builders.errors import BuildError

POLL = 0.1
"""Seconds between two looks at what the workers report."""
STARTED_EARLY = 4
"""Processes that start before there is work for them; others start with the first tasks, if there are as many."""

MEMORY = {"ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_MMAP_THRESHOLD_": str(1 << 20)}
"""Variables of the environment by which workers give memory back: Arrow's own allocator keeps what a shard took at most, and
that of the system does so for what it does not map. Together they take a sixth off the memory of a build, and no time."""

Task = TypeVar("Task")
Result = TypeVar("Result")


class Workers:
    """Worker processes; a context manager that ends them.

    Args:
        count: processes at most.

    Raises:
        BuildError: they cannot be started.
    """

    def __init__(self, count: int):
        context = multiprocessing.get_context("spawn")  # the libraries have threads, which a fork would lose
        with starting_processes():
            self._reports = context.SimpleQueue()
            self._pool = ProcessPoolExecutor(count, context, _start, (self._reports,))
            for _ in range(min(count, STARTED_EARLY)):
                self._pool.submit(_import_what_builds)

    def __enter__(self) -> Workers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        end(self._pool)

    def run(
        self,
        function: Callable[[Task, Callable[[int], None]], Result],
        tasks: Sequence[Task],
        progress: Callable[[Task, int], None],
    ) -> Iterator[tuple[Task, Result]]:
        """Yields each task with what the function returns for it, as soon as it does.

        Args:
            function: given a task, and what to call with a number of records just written.
            tasks: the first ones are begun first.
            progress: called in this process with a task and a number of records.

        Raises:
            BuildError: a worker cannot be started or was ended from outside; or what the function raises.
        """
        try:
            with starting_processes():
                waiting = {self._pool.submit(_run, function, number, task): task for number, task in enumerate(tasks)}
            while waiting:
                done, _ = wait(waiting, timeout=POLL, return_when=FIRST_COMPLETED)
                while not self._reports.empty():
                    number, records = self._reports.get()
                    progress(tasks[number], records)
                for future in done:
                    yield waiting.pop(future), future.result()
        except BrokenProcessPool:
            raise BuildError(
                "A worker process was ended from outside, most often because memory ran out.",
                "Run the same command again with fewer --workers; finished shards are kept.",
            ) from None


def end(pool: ProcessPoolExecutor) -> None:
    """Ends a pool whose results are there, or are not wanted any more, with all its processes.

    They are not asked to end: one that was killed may have held the lock behind which the others would hear of it, and
    they, and this process with them, would wait for ever.

    Args:
        pool: the only one of this process.
    """
    processes = multiprocessing.active_children()
    pool.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.terminate()
    for process in processes:
        process.join()


@contextmanager
def starting_processes() -> Iterator[None]:
    """Says that it is processes which this machine has no room for: they need semaphores (in /dev/shm), descriptors and
    a place among the user's processes.

    They never see Ctrl-C, which is for this process: it ends them. They get `memory_settings`.

    Raises:
        BuildError: in place of an `OSError`.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    try:
        resource_tracker.ensure_running()  # first, because it unblocks SIGINT as it starts
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # processes inherit that
        with inherited(memory_settings()):
            yield
    except OSError as error:
        raise BuildError(
            f"Worker processes cannot be started: {error.strerror}.", "Work in this process: --workers 1."
        ) from error
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def memory_settings() -> dict[str, str]:
    """What of `MEMORY` the user has not set."""
    return {name: value for name, value in MEMORY.items() if name not in os.environ}


@contextmanager
def inherited(variables: Mapping[str, str]) -> Iterator[None]:
    """Variables of the environment for the processes that are started meanwhile, and for none after them."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


_reports: list[SimpleQueue[tuple[int, int]]] = []  # a worker's way to tell the main process how far it is


def _start(reports: SimpleQueue[tuple[int, int]]) -> None:
    _reports.append(reports)
    threading.Thread(target=end_with_the_main_process, daemon=True).start()


def end_with_the_main_process() -> None:
    """Ends this worker when the process that started it is gone, however that ended."""
    main = multiprocessing.parent_process()
    if main is not None:
        wait_for([main.sentinel])
        os._exit(1)


def _import_what_builds() -> None:
    import builders.build.shards
    import builders.catalogue  # noqa: F401


def _run(function: Callable[[Task, Callable[[int], None]], Result], number: int, task: Task) -> Result:
    return function(task, partial(_report, number))


def _report(number: int, records: int) -> None:
    _reports[0].put((number, records))
