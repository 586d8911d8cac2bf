"""Where shards are built: on the machines of a Ray cluster, or by a Ray that is started here and ends with the build.

Machines share a file system on which this checkout, the raw files and the output directory have the same paths. Only
results of some kilobytes pass through Ray, so its object store is small.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Any

from builders.build import shards
from builders.build.engines import Built, Progress, Work, largest_first
from builders.build.shards import Shard, ShardResult
from builders.build.workers import inherited, memory_settings
from builders.errors import BuildError

OBJECT_STORE = 200 << 20
"""Bytes of shared memory; without a number Ray takes a third of the machine's."""
LONGEST_PATH = 30
"""Characters of a directory below which Ray's sockets have their names, some 75 characters more: Linux takes 107."""
ENVIRONMENT = {"PYTHONPATH": str(Path(__file__).resolve().parents[2]), "OMP_NUM_THREADS": "1"}
"""Of the workers: where this package is, and one thread each."""
TOKEN = {"RAY_AUTH_TOKEN": secrets.token_hex(32)}
"""What processes of a Ray that is started here show each other; without it Ray leaves one in the home directory."""
ANSWER = 10.0
"""Seconds in which a cluster takes a connection; Ray itself waits for minutes."""


def run(work: Work, workers: int, progress: Progress, address: str | None = None) -> Built:
    """Builds shards as `builders.build.engines.run` does, with the same bytes.

    Args:
        work: shards and the directory each is built into.
        workers: cores of the Ray that is started here; a running cluster has its own number.
        progress: called with a shard and its number of records when it is finished.
        address: of a running cluster (`HOST:6379`, or `auto` for this machine's); None starts one.

    Raises:
        BuildError: Ray is not installed, the cluster does not answer, a worker was ended from outside, or as
            `shards.build`.
    """
    if not work:
        return
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # read when Ray is imported
    try:
        import ray
    except ImportError:
        raise BuildError(
            "Ray is not installed.", "python -m pip install -r requirements-ray.txt, or build with --engine local."
        ) from None
    with _connected(ray, workers, address):
        remote = ray.remote(num_cpus=1, max_retries=0)(_build)
        waiting = {remote.remote(shard, directory.absolute()): shard for shard, directory in largest_first(work)}
        while waiting:
            [done], _ = ray.wait(list(waiting), num_returns=1)
            result = _result(ray, done)
            shard = waiting.pop(done)
            progress(shard, sum(result.records.values()))
            yield shard, result


def _build(shard: Shard, directory: Path) -> ShardResult:
    return shards.build(shard, directory, lambda records: None)


def _result(ray: Any, done: Any) -> ShardResult:
    try:
        result: ShardResult = ray.get(done)
    except ray.exceptions.RayTaskError as error:
        raise error.cause from error
    except ray.exceptions.RayError as error:
        raise BuildError(
            f"Ray lost a worker, most often because memory ran out: {type(error).__name__}.",
            "Run the same command again with fewer --workers; finished shards are kept.",
        ) from error
    return result


@contextmanager
def _connected(ray: Any, workers: int, address: str | None) -> Iterator[None]:
    """A connection to a cluster; one that was started here is ended, and its files are removed."""
    common = {"log_to_driver": False, "logging_level": "ERROR"}
    environment = ENVIRONMENT | memory_settings()
    short = None if len(gettempdir()) <= LONGEST_PATH else "/tmp"
    with TemporaryDirectory(prefix="ray-", dir=short, ignore_cleanup_errors=True) as scratch:
        try:
            if address:
                _require_answer(address)
                ray.init(address=address, runtime_env={"env_vars": environment}, **common)
            else:
                own = {"num_cpus": workers, "object_store_memory": OBJECT_STORE, "include_dashboard": False}
                with inherited(environment | TOKEN):  # with a `runtime_env` the first tasks take twice as long
                    ray.init(address="local", _temp_dir=scratch, **own, **common)
        except (ConnectionError, OSError, RuntimeError, ValueError) as error:
            raise BuildError(
                f"Ray cannot be {'reached at ' + address if address else 'started'}: {error}",
                "Look whether the cluster runs (`ray status`) and asks for a token (RAY_AUTH_MODE=token), or build with "
                "--engine local.",
            ) from error
        try:
            yield
        finally:
            ray.shutdown()


def _require_answer(address: str) -> None:
    """Connects to a host and port, and closes the connection.

    Raises:
        OSError: nobody answers.
    """
    host, _, port = address.rpartition(":")
    if port.isdecimal():  # not `auto`
        socket.create_connection((host.strip("[]"), int(port)), ANSWER).close()
