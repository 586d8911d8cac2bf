"""A machine that has no room: real limits, for this process or for a command."""

from __future__ import annotations

import os
import resource
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def no_more_open_files() -> Iterator[None]:
    """Lets this process open no further file while the block runs."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    next_one = os.dup(0)
    os.close(next_one)
    resource.setrlimit(resource.RLIMIT_NOFILE, (next_one, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def run_without_shared_memory(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Runs `python -m builders` where /dev/shm is full; skips the test where nothing can be mounted."""
    if subprocess.run(["unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", "/dev/shm"], capture_output=True).returncode:
        pytest.skip("this machine does not let a file system be mounted")
    fill = "mount -t tmpfs -o size=4k tmpfs /dev/shm && { cat /dev/zero > /dev/shm/full 2> /dev/null; exec "
    command = shlex.join([sys.executable, "-m", "builders", *map(str, arguments)])
    return subprocess.run(["unshare", "-m", "bash", "-c", f"{fill}{command}; }}"], capture_output=True, text=True)
