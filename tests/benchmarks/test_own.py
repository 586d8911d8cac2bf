"""What a benchmark takes away or writes over lies in a directory that a benchmark made."""

from __future__ import annotations

import sys

import pytest

from benchmarks import made, scale
from benchmarks.own import own_directory


def test_a_new_an_empty_and_an_own_directory(tmp_path):
    for directory in (tmp_path / "not" / "there", tmp_path / "not" / "there", tmp_path):
        if directory == tmp_path:
            (tmp_path / "not" / "there" / "made-by-benchmarks").rename(tmp_path / "made-by-benchmarks")
        assert own_directory(directory) == directory


@pytest.mark.parametrize("benchmark", ["scale", "made"])
def test_a_directory_of_somebody_else_is_left_alone(benchmark, tmp_path, monkeypatch):
    (tmp_path / "built").mkdir()
    (tmp_path / "built" / "thesis.txt").write_text("years of work")
    monkeypatch.setattr(scale, "STEPS", {})
    monkeypatch.setattr(sys, "argv", ["scale", "--work", str(tmp_path)])
    with pytest.raises(SystemExit, match=f"{tmp_path} is not empty, and no benchmark made it"):
        scale.main() if benchmark == "scale" else made.make(tmp_path, tmp_path, 1)
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")] == ["built", "built/thesis.txt"]
