"""Imports go one way, and a command imports nothing heavy before it needs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from builders.__main__ import COMMANDS

ROOT = Path(__file__).resolve().parents[1]
HEAVY = {
    "datasets",
    "duckdb",
    "httpx2",
    "huggingface_hub",
    "jinja2",
    "lxml",
    "matplotlib",
    "numpy",
    "orjson",
    "polars",
    "pyarrow",
    "pycurl",
    "ray",
    "werkzeug",
}
LOADED = "import sys; from builders.__main__ import main\ntry: main(sys.argv[1:])\nfinally: print(*sys.modules)"


def test_the_contracts_of_pyproject():
    """`[tool.importlinter]` has the rules; README's picture shows them."""
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS)], ids=lambda command: "".join(command) or "top")
def test_help_needs_nothing_heavy(command):
    done = subprocess.run([sys.executable, "-c", LOADED, *command, "--help"], cwd=ROOT, capture_output=True, text=True)
    loaded = {name.partition(".")[0] for name in done.stdout.splitlines()[-1].split()}
    assert "builders" in loaded and not loaded & HEAVY
