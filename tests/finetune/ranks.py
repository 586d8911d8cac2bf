"""The processes of a training without a launcher: forked from one that has imported everything.

A launcher and two processes import PyTorch, transformers and DeepSpeed for most of a minute of processor time, in which a
test trains nothing; forked ones start at once. Their environment is what torchrun gives its workers. Tests that are about
a launcher start it.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from multiprocessing.connection import wait
from pathlib import Path
from tempfile import TemporaryDirectory

import datasets

from finetune import train
from tests.support.ports import free_ports

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["finetune.training", "deepspeed", "transformers.models.llama.modeling_llama"])


def run(arguments: Sequence[str], count: int, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Train in so many processes of this machine; when one fails, the others are ended.

    Args:
        arguments: Those of ``finetune.train``.
        count: Number of processes.
        environment: Theirs, to which the variables of a launcher are added.

    Returns:
        The largest exit status, and what the first process printed.
    """
    (port,) = free_ports(1)
    shared = {"WORLD_SIZE": count, "LOCAL_WORLD_SIZE": count, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    with TemporaryDirectory() as folder:
        processes = []
        for rank in range(count):
            own = {name: str(value) for name, value in (shared | {"RANK": rank, "LOCAL_RANK": rank}).items()}
            log = Path(folder) / str(rank)
            process = CONTEXT.Process(target=_train, args=(list(arguments), dict(environment) | own, log), daemon=True)
            process.start()
            processes.append(process)
        running = list(processes)
        while running:
            ready = wait([process.sentinel for process in running])
            ended = [process for process in running if process.sentinel in ready]
            running = [process for process in running if process not in ended]
            for process in ended:
                process.join()
            if any(process.exitcode for process in ended):
                for process in running:
                    process.kill()
        status = max(abs(process.exitcode or 0) for process in processes)
        out, error = (Path(folder, f"0.{name}").read_text("utf-8") for name in ("out", "err"))
    return subprocess.CompletedProcess(list(arguments), status, out, error)


def _train(arguments: list[str], environment: dict[str, str], log: Path) -> None:
    for descriptor, name in ((1, "out"), (2, "err")):
        with open(log.with_suffix(f".{name}"), "wb") as file:
            os.dup2(file.fileno(), descriptor)
    os.environ.clear()
    os.environ.update(environment)
    datasets.config.SLEEP_TIME_ON_THREADS_SHUTDOWN = 0  # after each pass over a stream, seconds for threads to end
    sys.exit(train.main(arguments))
