"""Programs that talk to the loopback Hub: started by themselves, because clients read their settings when imported."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.support.loopback_hub.server import LoopbackHub

ROOT = Path(__file__).resolve().parents[3]
TOKEN = "hf_loopback"
_FOREIGN = ("HF_", "HUGGING", "TRANSFORMERS_", "DATASETS_")


def client_environment(
    hub: LoopbackHub, home: Path, token: str | None = TOKEN, *, chunks: bool = False
) -> dict[str, str]:
    """Environment variables of a client of this Hub and no other.

    Args:
        home: folder for the client's caches; a new one makes a cold cache.
        token: what the client shows for writing; None for a client without one.
        chunks: upload through Xet, as newer clients do, and not by git-lfs.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    environment |= {
        "HF_ENDPOINT": hub.endpoint,
        "HF_HOME": str(home),
        "HF_HUB_DISABLE_XET": "0" if chunks else "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "HF_UPDATE_DOWNLOAD_COUNTS": "0",  # datasets 2.x asks a host of its own, and waits for it
        "NO_PROXY": "127.0.0.1",
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return environment | ({"HF_TOKEN": token} if token else {})


def python_client(
    hub: LoopbackHub,
    home: Path,
    program: str,
    *arguments: str,
    python: Path | str = sys.executable,
    token: str | None = TOKEN,
) -> str:
    """Runs a Python program as a client and waits for it.

    Args:
        program: source text.
        arguments: its `sys.argv[1:]`.
        python: interpreter, for another environment than this one.

    Returns:
        What it wrote to standard output.

    Raises:
        AssertionError: it failed; with everything it wrote.
    """
    done = run_client(hub, home, ["-c", program, *arguments], python=python, token=token)
    assert done.returncode == 0, f"client failed with {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def run_client(
    hub: LoopbackHub,
    home: Path,
    command: Sequence[str],
    *,
    python: Path | str = sys.executable,
    token: str | None = TOKEN,
    chunks: bool = False,
) -> subprocess.CompletedProcess[str]:
    """Runs `python COMMAND` as a client, outside the project's folder, and hands back what became of it."""
    home.mkdir(parents=True, exist_ok=True)
    environment = client_environment(hub, home, token, chunks=chunks)
    whole = [str(python), *command]
    return subprocess.run(whole, env=environment, cwd=home, capture_output=True, text=True, timeout=600)
