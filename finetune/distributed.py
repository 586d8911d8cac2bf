"""The processes of a run: how many there are, and what must be set before PyTorch and DeepSpeed look around.

Importing this module imports neither of them, so that ``join`` can run first.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import socket
import time
from dataclasses import dataclass
from pathlib import Path

from finetune.errors import ConfigError
from finetune.visible import visible

LAUNCHERS = {"TORCHELASTIC_RUN_ID", "CROSS_SIZE"}
"""Variables that torchrun (also inside accelerate) and DeepSpeed's launcher set for their workers."""
PR_SET_PDEATHSIG = 1
"""Of Linux's prctl(2): a signal to this process when its parent dies."""


@dataclass(frozen=True)
class World:
    """This process among all of the run."""

    size: int
    rank: int

    @property
    def first(self) -> bool:
        """Whether this is the process that talks and writes."""
        return self.rank == 0


def join() -> World:
    """Find this process's place from the variables that torchrun, deepspeed and accelerate set.

    A process that was started without a launcher sets them itself and becomes a world of one: DeepSpeed would look for
    MPI else, and the Trainer would spread each batch over all visible GPUs.
    """
    if "WORLD_SIZE" not in os.environ:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        alone = {"RANK": 0, "LOCAL_RANK": 0, "WORLD_SIZE": 1, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
        os.environ.update({name: str(value) for name, value in alone.items()})
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # as torchrun does: threads that wait for each other are slower
    return World(int(os.environ["WORLD_SIZE"]), int(os.environ["RANK"]))


def end_with_launcher() -> None:
    """End this process when the launcher that started it is gone, even if the launcher was killed.

    Workers left alone would go on writing, beside a second run that goes on from their checkpoint.
    """
    if not LAUNCHERS & set(os.environ):
        return  # the parent is a shell, which may end before a run in the background does
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended just before
        os.kill(os.getpid(), signal.SIGKILL)


def check_size(world: World, expected: int | None) -> None:
    """Check that ``expected`` processes run. A launcher that starts only one does not say so.

    Raises:
        ConfigError: Another number of processes has started.
    """
    if expected not in (None, world.size):
        raise ConfigError(
            f"training.processes is {expected}, but {world.size} started.\n"
            f"Next step: torchrun --nproc_per_node {expected} -m finetune.train --config ... "
            "(accelerate launch --cpu starts one process only), or change training.processes."
        )


def report_failure(message: str) -> None:
    """Hand ``message`` to torchrun, which ends with the error it was given, below a traceback of its own."""
    if file := os.environ.get("TORCHELASTIC_ERROR_FILE"):
        error = {"message": {"message": visible(message), "extraInfo": {"timestamp": int(time.time())}}}
        Path(file).write_text(json.dumps(error), encoding="utf-8")


def share_weights() -> None:
    """Tell DeepSpeed of the other processes before a model is loaded: under ZeRO-3 each loads its share of it.

    It asks for itself later, and on a CPU not before.
    """
    import deepspeed

    deepspeed.init_distributed()


def on_cpu_without_compiler() -> None:
    """Keep DeepSpeed from compiling its shared-memory transport on a CPU: gloo carries the few megabytes as well."""
    import deepspeed

    deepspeed.ops.__compatible_ops__["deepspeed_shm_comm"] = False
