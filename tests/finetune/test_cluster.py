"""Every way of starting a run on several machines, with two processes that stand for two machines on loopback.

All of them must train the same adapter, byte for byte, with ZeRO-2 over two processes.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
import yaml
from deepspeed.launcher.runner import fetch_hostfile

from tests.finetune import ranks
from tests.support import slurm
from tests.support.ports import free_ports

ROOT = Path(__file__).parents[2]
CLUSTER = ROOT / "finetune" / "cluster"
WORKERS = ("worker-1", "worker-2")


@pytest.fixture(scope="module")
def config(base_dir, tmp_path_factory) -> Path:
    """A run of two steps of four records on two processes, without dropout."""
    folder = tmp_path_factory.mktemp("cluster")
    records = [
        {"instruction": f"{number}の次は何ですか。", "input": "", "output": f"{number + 1}です。"}
        for number in range(8)
    ]
    data = folder / "data.jsonl"
    data.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")
    shutil.copy(ROOT / "finetune" / "configs" / "zero2.json", folder)
    settings = {
        "model": {"base": str(base_dir), "dtype": "float32"},
        "lora": {"dropout": 0},
        "data": {"dataset": str(data), "validation": 0, "workers": 1},
        "training": {"global_batch": 4, "per_device_batch": 2, "processes": 2, "log_every": 1},
        "output": str(folder / "out"),
    }
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(settings))
    return path


@pytest.fixture(scope="module")
def one_machine(config, tmp_path_factory) -> str:
    """What the same run gives with both processes on one machine."""
    out = tmp_path_factory.mktemp("one-machine") / "out"
    done = ranks.run(arguments(config, out), 2, environment())
    assert done.returncode == 0, done.stderr
    return digest(out)


def arguments(config: Path, out: Path) -> list[str]:
    return ["--config", str(config), "--set", f"output={out}"]


def environment(**changes: str) -> dict[str, str]:
    """This process's environment with the virtual environment's programs first."""
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return os.environ | {"PATH": programs, "OMP_NUM_THREADS": "1"} | changes


def start(command: list[str], **changes: str) -> subprocess.Popen:
    return subprocess.Popen(
        command, cwd=ROOT, env=environment(**changes), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def wait(processes: list[subprocess.Popen]) -> None:
    outputs = [process.communicate(timeout=180)[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * len(processes), "\n".join(outputs)


def digest(out: Path) -> str:
    return hashlib.sha256((out / "adapter_model.safetensors").read_bytes()).hexdigest()


def test_torchrun_on_two_nodes(config, one_machine, tmp_path):
    (port,) = free_ports(1)
    shared = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "NNODES": "2"}
    command = [str(CLUSTER / "torchrun.sh"), *arguments(config, tmp_path / "out")]
    wait([start(command, NODE_RANK=rank, **shared) for rank in ("0", "1")])
    assert digest(tmp_path / "out") == one_machine


@pytest.mark.parametrize("variable", ["MASTER_ADDR", "NODE_RANK"])
def test_torchrun_script_says_what_is_not_set(variable):
    settings = environment(MASTER_ADDR="worker-1", NODE_RANK="0")
    del settings[variable]
    run = subprocess.run([CLUSTER / "torchrun.sh"], env=settings, capture_output=True, text=True)
    assert run.returncode != 0
    assert f"{variable}: is not set: give the " in run.stderr


def test_deepspeed_hostfile_on_two_nodes(config, one_machine, tmp_path):
    """DeepSpeed's launcher with the example hostfile, started by hand on each "machine" in place of ssh."""
    (port,) = free_ports(1)
    common = ["deepspeed", "--hostfile", str(CLUSTER / "hostfile"), "--no_ssh", "--master_addr", "127.0.0.1"]
    common += ["--master_port", str(port)]
    train = ["--module", "finetune.train", *arguments(config, tmp_path / "out")]
    wait([start([*common, "--node_rank", str(rank), *train]) for rank in range(len(WORKERS))])
    assert digest(tmp_path / "out") == one_machine


def test_example_hostfile_gives_the_batch_of_130():
    workers = fetch_hostfile(CLUSTER / "hostfile")
    assert tuple(workers) == WORKERS
    assert 130 % sum(workers.values()) == 0


@pytest.mark.skipif(bool(slurm.missing()), reason=f"Slurm is not installed: no {', '.join(slurm.missing())}")
def test_slurm_on_two_nodes(config, one_machine, tmp_path):
    with tempfile.TemporaryDirectory(prefix="slurm") as folder, slurm.cluster(Path(folder)) as cluster:
        submit = ["sbatch", "--wait", "--output", str(tmp_path / "log"), str(CLUSTER / "slurm.sbatch")]
        process = start([*submit, *arguments(config, tmp_path / "out")], **cluster)
        output = process.communicate(timeout=180)[0]
        assert process.returncode == 0, output + (tmp_path / "log").read_text()
    assert digest(tmp_path / "out") == one_machine


def test_slurm_script_with_stand_ins_for_slurm(tmp_path):
    """Without Slurm: the script is run by bash, and stand-ins for its two commands show what each task would start."""
    stand_ins = {
        "scontrol": 'case "$*" in "show hostnames node[1-2]") printf "node1\\nnode2\\n" ;; '
        '"show node node1") echo "   NodeAddr=10.0.0.1 NodeHostName=node1" ;; *) exit 1 ;; esac',
        "srun": 'for SLURM_NODEID in 0 1; do export SLURM_NODEID; "$@"; done',
        "torchrun": 'printf "<%s>" "$@"; echo',
    }
    for name, body in stand_ins.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{body}\n")
        (tmp_path / name).chmod(0o755)
    run = subprocess.run(
        ["bash", CLUSTER / "slurm.sbatch", "--config", "a b.yaml"],
        cwd=ROOT,
        env=environment(
            PATH=f"{tmp_path}{os.pathsep}{os.environ['PATH']}",
            SLURM_JOB_NODELIST="node[1-2]",
            SLURM_NNODES="2",
            SLURM_GPUS_ON_NODE="5",
            SLURM_JOB_ID="20007",
        ),
        capture_output=True,
        text=True,
        check=True,
    )
    shared = "<--nnodes><2><--node_rank><{}><--nproc_per_node><5><--master_addr><10.0.0.1><--master_port><20007>"
    train = "<-m><finetune.train><--config><a b.yaml>"
    assert run.stdout.splitlines() == [shared.format(rank) + train for rank in (0, 1)]


@pytest.mark.parametrize("script", ["torchrun.sh", "slurm.sbatch"])
def test_scripts_are_valid_bash(script):
    subprocess.run(["bash", "-n", CLUSTER / script], check=True)
