"""The same function on several of this machine's cores, its results in order; in this process where there is one worker."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from types import TracebackType
from typing import Any, TypeVar

import pyarrow as pa

from builders.build.workers import end_with_the_main_process
from builders.errors import BuildError

Task = TypeVar("Task")
Result = TypeVar("Result")


class Workers:
    """A context manager.

    Args:
        count: processes; 1 works in this one.
        start: called once in each of them, with `arguments`, before anything else.
        arguments: sent to each process once.
    """

    def __init__(self, count: int, start: Callable[..., None], arguments: tuple[Any, ...]):
        self._pool: ProcessPoolExecutor | None = None
        self._prepare = (start, arguments)
        if count > 1:
            context = multiprocessing.get_context("spawn")
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
            self._pool.shutdown(cancel_futures=True)

    def map(self, function: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
        """The function's results, in the tasks' order.

        Raises:
            BuildError: a process was ended from outside; or what the function raises.
        """
        try:
            yield from self._pool.map(function, tasks) if self._pool else map(function, tasks)
        except BrokenProcessPool:
            raise BuildError(
                "A worker process was ended from outside, most often because memory ran out.",
                "Run the same command again with fewer --workers; finished pieces are kept.",
            ) from None


def _start_worker(start: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    threading.Thread(target=end_with_the_main_process, daemon=True).start()
    pa.set_cpu_count(1)
    start(*arguments)
