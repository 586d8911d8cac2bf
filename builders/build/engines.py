"""Where shards are built: in this process, or on several of this machine's cores. The bytes are the same either way.

`builders.build.ray_engine` has many machines do it, and `builders.build.slices` lets machines work by themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from builders.build import shards
from builders.build.shards import Shard, ShardResult
from builders.build.workers import Workers

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


def run(work: Work, workers: int, progress: Progress, started: Workers | None = None) -> Built:
    """Builds shards and yields each as it is finished, in no particular order.

    Args:
        work: shards and the directory each is built into.
        workers: processes; 1 builds in this process.
        progress: called in this process with a shard and a number of records just written.
        started: processes that wait for work; they are ended with it. None starts some where there is work for them.

    Raises:
        BuildError: the first failure; shards that were finished stay, so that a second run goes on from them.
    """
    if started is None and (workers == 1 or len(work) < 2):
        for shard, directory in work:
            yield shard, shards.build(shard, directory, partial(progress, shard))
        return
    with started or Workers(min(workers, len(work))) as pool:
        for (shard, _), result in pool.run(_build, largest_first(work), lambda item, count: progress(item[0], count)):
            yield shard, result


def largest_first(work: Work) -> Work:
    """The same work in the order in which several workers end at about the same time."""
    return sorted(work, key=lambda item: -item[0].size)


def _build(item: tuple[Shard, Path], progress: Callable[[int], None]) -> ShardResult:
    result = shards.build(*item, progress)
    pa.default_memory_pool().release_unused()  # else a worker keeps what its largest shard took
    return result
