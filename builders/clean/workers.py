"""The same function on several of this machine's cores, its results in order; in this process where there is one worker."""

from __future__ import annotations

import multiprocessing
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from types import TracebackType
from typing import Any, TypeVar

import pyarrow as pa

from builders.build.workers import end, end_with_the_main_process, starting_processes
from builders.errors import BuildError

Task = TypeVar("Task")
Result = TypeVar("Result")


class Workers:
    """A context manager.

    Args:
        count: processes; 1 works in this one.
        start: called once in each of them, with `arguments`, before anything else.
        arguments: sent to each process once.

    Raises:
        BuildError: the processes cannot be started.
    """

    def __init__(self, count: int, start: Callable[..., None], arguments: tuple[Any, ...]):
        self._pool: ProcessPoolExecutor | None = None
        self._prepare = (start, arguments)
        if count > 1:
            context = multiprocessing.get_context("spawn")
            with starting_processes():
                self._pool = ProcessPoolExecutor(
                    count, mp_context=context, initializer=_start_worker, initargs=self._prepare
                )

    def __enter__(self) -> Workers:
        if not self._pool:
            start, arguments = self._prepare
            start(*arguments)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool:
            end(self._pool)

    def map(self, function: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
        """The function's results, in the tasks' order.

        Raises:
            BuildError: a process cannot be started or was ended from outside; or what the function raises.
        """
        if not self._pool:
            yield from map(function, tasks)
            return
        try:
            waiting = deque(self._submit(function, task) for task in tasks)
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool:
            raise BuildError(
                "A worker process was ended from outside, most often because memory ran out.",
                "Run the same command again with fewer --workers; finished pieces are kept.",
            ) from None

    def _submit(self, function: Callable[[Task], Result], task: Task) -> Future[Result]:
        assert self._pool
        with starting_processes():  # a process is started with a task, as long as there are more tasks
            return self._pool.submit(function, task)


def _start_worker(start: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    threading.Thread(target=end_with_the_main_process, daemon=True).start()
    pa.set_cpu_count(1)
    start(*arguments)
