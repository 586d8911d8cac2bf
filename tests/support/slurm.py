"""A real Slurm cluster of two one-GPU "nodes" on this machine: its own munge key, ports and state, gone afterwards.

The GPUs are a device file in name only: Slurm counts them and tells each task how many it has, which is all that the
launch script asks of it.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.support.ports import free_ports

PROGRAMS = ("slurmctld", "slurmd", "munged", "sbatch", "srun", "scontrol")
NODES = ("node1", "node2")


def missing() -> list[str]:
    """The programs of Slurm that are not installed here."""
    return [program for program in PROGRAMS if not shutil.which(program)]


@contextlib.contextmanager
def cluster(folder: Path) -> Iterator[dict[str, str]]:
    """A running cluster; gives the environment variables that Slurm's commands need. ``folder`` has a short path."""
    (folder / "key").write_bytes(os.urandom(64))
    (folder / "key").chmod(0o400)
    (folder / "state").mkdir()
    (folder / "slurm.conf").write_text(_configuration(folder))
    (folder / "gres.conf").write_text(f"NodeName={','.join(NODES)} Name=gpu File=/dev/zero\n")
    files = [f"--{name}-file={folder / name}" for name in ("key", "pid", "seed", "log")]
    commands = [["munged", "--foreground", "--force", f"--socket={folder / 'socket'}", *files]]
    configured = ["-D", "-f", str(folder / "slurm.conf")]
    commands += [["slurmctld", *configured], *(["slurmd", "-N", node, *configured] for node in NODES)]
    environment = {"SLURM_CONF": str(folder / "slurm.conf")}
    with contextlib.ExitStack() as stack, (folder / "daemons.log").open("w") as log:
        for command in commands:
            daemon = subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | environment)
            stack.callback(daemon.wait)
            stack.callback(daemon.terminate)
            time.sleep(0.5)  # each needs the one before it
            if daemon.poll() is not None:
                raise RuntimeError(f"{command[0]} has ended: {(folder / 'daemons.log').read_text()}")
        _wait_for(lambda: _ask(environment, "sinfo", "--Node", "--format=%T") == ["idle"] * len(NODES))
        stack.callback(_wait_for, lambda: not _ask(environment, "squeue", "--format=%i"))
        stack.callback(_ask, environment, "scancel", "--me")
        yield environment


def _configuration(folder: Path) -> str:
    host = socket.gethostname()
    controller, *ports = free_ports(1 + len(NODES))
    nodes = "\n".join(
        f"NodeName={node} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} CPUs=1 Gres=gpu:1"
        for node, port in zip(NODES, ports, strict=True)
    )
    return f"""\
ClusterName=loopback
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller}
SlurmUser={getpass.getuser()}
SlurmdUser={getpass.getuser()}
AuthInfo=socket={folder / "socket"}
StateSaveLocation={folder / "state"}
SlurmdSpoolDir={folder}/%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/%n.pid
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SelectType=select/cons_tres
SlurmdParameters=config_overrides
MpiDefault=none
GresTypes=gpu
{nodes}
PartitionName=main Nodes=ALL Default=YES State=UP
"""


def _ask(environment: dict[str, str], program: str, *arguments: str) -> list[str]:
    command = [program, *(["--noheader"] if program != "scancel" else []), *arguments]
    return subprocess.run(command, env=os.environ | environment, capture_output=True, text=True).stdout.split()


def _wait_for(condition: Callable[[], bool]) -> None:
    for _ in range(60):
        if condition():
            return
        time.sleep(0.5)
    raise RuntimeError("the cluster does not become ready, or does not become empty")
