"""No page takes work that grows faster than it is long."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_hostile_pages_end(tmp_path: Path):
    """A case that does not end is killed by the operating system; its name is then the last line."""
    command = [sys.executable, "-m", "tests.formats.hostile_pages", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert (done.stdout.splitlines() or [""])[-1] == "done", done.stderr
