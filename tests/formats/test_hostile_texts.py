"""No text takes work that grows faster than it is long."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import hostile

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.parametrize(
    "texts", ["formats.hostile_pages", "formats.hostile_works", "formats.hostile_tables", "clean.rules.hostile_records"]
)
def test_hostile_texts_take_linear_work(texts, tmp_path: Path):
    """The last line is the case whose work grows too fast, or that was ended by the operating system."""
    command = [sys.executable, "-m", f"tests.{texts}", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    lines = done.stdout.splitlines() or [""]
    assert lines[-1] == "done", done.stderr


@pytest.mark.slow
def test_work_that_grows_with_the_square_is_seen(capsys, monkeypatch):
    monkeypatch.setattr(hostile, "LITTLE", 0.05)

    def work(size: int, power: int) -> None:
        sum(1 for _ in range(40 * size**power // hostile.SIZE ** (power - 1)))

    with pytest.raises(SystemExit, match="for a text of 1/4 of the length"):
        hostile.run([("linear", lambda size: work(size, 1)), ("quadratic", lambda size: work(size, 2))])
    assert capsys.readouterr().out.split() == ["linear", "quadratic"]


def test_a_process_that_goes_on_has_the_limit_that_it_had():
    before = resource.getrlimit(resource.RLIMIT_CPU)
    hostile.run([("nothing", lambda size: None)])
    assert resource.getrlimit(resource.RLIMIT_CPU) == before
