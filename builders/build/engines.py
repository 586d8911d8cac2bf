"""Where shards are built: in this process, or on several of this machine's cores. The bytes are the same either way.

`builders.build.ray_engine` has many machines do it, and `builders.build.slices` lets machines work by themselves.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing.connection import wait as wait_for
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from typing import Protocol

from builders.build import shards
from builders.build.shards import Shard, ShardResult
from builders.errors import BuildError

POLL = 0.1
"""Seconds between two looks at what the workers report."""


Work = Sequence[tuple[Shard, Path]]
"""Shards, and the directory each is built into."""
Progress = Callable[[Shard, int], None]
"""Told a shard and a number of records just written."""


Built = Iterator[tuple[Shard, ShardResult]]
"""Shards as they are finished."""


class Engine(Protocol):
    """A way to build shards: `run`, or `builders.build.ray_engine.run`."""

    def __call__(self, work: Work, workers: int, progress: Progress) -> Built:
        """Builds shards and yields each as it is finished; as `run`."""


def run(work: Work, workers: int, progress: Progress) -> Built:
    """Builds shards and yields each as it is finished, in no particular order.

    Args:
        work: shards and the directory each is built into.
        workers: processes; 1 builds in this process.
        progress: called in this process with a shard and a number of records just written.

    Raises:
        BuildError: the first failure; shards that were finished stay, so that a second run goes on from them.
    """
    if workers == 1 or len(work) < 2:
        for shard, directory in work:
            yield shard, shards.build(shard, directory, partial(progress, shard))
    else:
        yield from _run_in_processes(work, min(workers, len(work)), progress)


def largest_first(work: Work) -> Work:
    """The same work in the order in which several workers end at about the same time."""
    return sorted(work, key=lambda item: -item[0].size)


def _run_in_processes(work: Work, workers: int, progress: Progress) -> Built:
    work = largest_first(work)
    context = multiprocessing.get_context("spawn")
    try:
        reports = context.SimpleQueue()
    except OSError as error:  # no room for a semaphore, or no file descriptor
        raise BuildError(
            f"Worker processes cannot be started: {error.strerror}.", "Build in this process: --workers 1."
        ) from error
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_start_worker, initargs=(reports,))
    try:
        futures = {pool.submit(_build, index, shard, directory): shard for index, (shard, directory) in enumerate(work)}
        waiting = set(futures)
        while waiting:
            done, waiting = wait(waiting, timeout=POLL, return_when=FIRST_COMPLETED)
            while not reports.empty():
                index, records = reports.get()
                progress(work[index][0], records)
            for future in done:
                yield futures[future], future.result()
    except BrokenProcessPool:
        raise BuildError(
            "A worker process was ended from outside, most often because memory ran out.",
            "Run the same command again with fewer --workers; finished shards are kept.",
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)


_reports: list[SimpleQueue[tuple[int, int]]] = []  # a worker's way to tell the main process how far it is


def _start_worker(reports: SimpleQueue[tuple[int, int]]) -> None:
    _reports.append(reports)
    threading.Thread(target=end_with_the_main_process, daemon=True).start()


def end_with_the_main_process() -> None:
    """Ends this worker when the process that started it is gone, however that ended."""
    main = multiprocessing.parent_process()
    if main is not None:
        wait_for([main.sentinel])
        os._exit(1)


def _build(index: int, shard: Shard, directory: Path) -> ShardResult:
    return shards.build(shard, directory, lambda records: _reports[0].put((index, records)))
