"""A build as a Slurm array and the merge behind it, by the two commands that stand at the top of the script.

With Slurm where it is installed, and with a stand-in for `sbatch` that runs the script for each task as Slurm does.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from builders.commands.options import SAMPLES
from tests.support import slurm
from tests.support.digests import digests
from tests.support.pairs import build_pairs

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "builders" / "cluster" / "slurm.sbatch"
CONFIGS = ["easy-ja", "jsquad"]
STAND_IN = """#!/usr/bin/env bash
set -e
while [[ $1 == --* ]]; do
  case $1 in
    --parsable) ;;
    --array=1-*) export SLURM_ARRAY_TASK_COUNT=${1#--array=1-} ;;
    --dependency=afterok:7) ;;
    --wrap) exec bash -c "$2" ;;
    *) echo "sbatch: $1" >&2; exit 1 ;;
  esac
  shift
done
export SLURM_CPUS_ON_NODE=1
for task in $(seq "$SLURM_ARRAY_TASK_COUNT"); do
  SLURM_ARRAY_TASK_ID=$task bash "$@" >&2 & tasks+=($!)
done
for task in "${tasks[@]}"; do wait "$task"; done
echo 7
"""
needs_slurm = pytest.mark.skipif(
    bool(slurm.missing()), reason=f"Slurm is not installed: no {', '.join(slurm.missing())}"
)


def environment(**changes: str) -> dict[str, str]:
    """This process's environment, with the virtual environment's programs first."""
    return os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"} | changes


@pytest.fixture
def stand_in(tmp_path: Path) -> dict[str, str]:
    """An environment in which `sbatch` runs its jobs at once, the tasks of an array beside each other."""
    program = tmp_path / "bin" / "sbatch"
    program.parent.mkdir()
    program.write_text(STAND_IN)
    program.chmod(0o755)
    programs = environment()["PATH"]
    return environment(PATH=f"{program.parent}{os.pathsep}{programs}")


@pytest.fixture
def cluster() -> Iterator[dict[str, str]]:
    """An environment in which `sbatch` reaches a Slurm of two nodes, and waits for the end of what it submits."""
    with tempfile.TemporaryDirectory(prefix="slurm") as folder, slurm.cluster(Path(folder)) as variables:
        yield environment(SBATCH_WAIT="1", SBATCH_OUTPUT=f"{folder}/job.log", **variables)


@pytest.mark.parametrize("sbatch", ["stand_in", pytest.param("cluster", marks=needs_slurm)])
def test_an_array_and_its_merge_give_the_bytes_of_one_build(sbatch, tmp_path, request):
    build_pairs(SAMPLES, tmp_path / "whole", configs=CONFIGS)
    commands = [line.removeprefix("#   ") for line in SCRIPT.read_text().splitlines() if line.startswith("#   ")]
    for word, other in (
        ("--array=1-8", "--array=1-2"),
        ("build/parts", str(tmp_path / "parts")),
        ("build/full", str(tmp_path / "out")),
        ("--sources ~/corpora", f"{' '.join(CONFIGS)} --sources {SAMPLES}"),
    ):
        assert any(word in command for command in commands)
        commands = [command.replace(word, other) for command in commands]
    bash = ["bash", "-e", "-c", "\n".join(commands)]
    done = subprocess.run(bash, cwd=ROOT, env=request.getfixturevalue(sbatch), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert [path.name for path in sorted((tmp_path / "parts").iterdir())] == ["1", "2"]
    assert digests(tmp_path / "out") == digests(tmp_path / "whole")


@pytest.mark.parametrize(
    ("words", "said"),
    [([], "give the folder of the slices"), (["parts"], "SLURM_ARRAY_TASK_ID: is not set: submit with sbatch --array")],
)
def test_the_script_says_what_is_missing(words, said):
    done = subprocess.run(["bash", SCRIPT, *words], env=environment(), capture_output=True, text=True)
    assert done.returncode != 0 and said in done.stderr
