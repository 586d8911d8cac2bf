"""One process needs no launcher, and a launcher that starts another number than asked for is found out."""

from __future__ import annotations

import json
import os

import pytest

from finetune import distributed
from finetune.errors import ConfigError

VARIABLES = ("RANK", "LOCAL_RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")


def test_a_bare_process_is_a_world_of_one(monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    world = distributed.join()
    assert world == distributed.World(1, 0)
    assert world.first
    assert [os.environ[name] for name in VARIABLES[:4]] == ["0", "0", "1", "127.0.0.1"]
    assert 1024 <= int(os.environ["MASTER_PORT"]) < 65536


def test_a_launchers_variables_are_taken_as_they_are(monkeypatch):
    for name, value in {"RANK": "3", "LOCAL_RANK": "1", "WORLD_SIZE": "4", "MASTER_PORT": "29500"}.items():
        monkeypatch.setenv(name, value)
    assert distributed.join() == distributed.World(4, 3)
    assert not distributed.join().first
    assert os.environ["MASTER_PORT"] == "29500"


def test_another_number_of_processes_than_the_config_says():
    distributed.check_size(distributed.World(2, 0), 2)
    distributed.check_size(distributed.World(2, 0), None)
    with pytest.raises(ConfigError) as error:
        distributed.check_size(distributed.World(1, 0), 2)
    assert str(error.value) == (
        "training.processes is 2, but 1 started.\n"
        "Next step: torchrun --nproc_per_node 2 -m finetune.train --config ... "
        "(accelerate launch --cpu starts one process only), or change training.processes."
    )


def test_torchrun_is_told_the_error_and_nobody_else(monkeypatch, tmp_path):
    monkeypatch.delenv("TORCHELASTIC_ERROR_FILE", raising=False)
    distributed.report_failure("all wrong")
    monkeypatch.setenv("TORCHELASTIC_ERROR_FILE", str(tmp_path / "error.json"))
    distributed.report_failure("all wrong\x1b[2J")
    assert json.loads((tmp_path / "error.json").read_text())["message"]["message"] == r"all wrong\x1b[2J"


def test_deepspeed_compiles_nothing_on_a_cpu():
    distributed.on_cpu_without_compiler()
    import deepspeed

    assert deepspeed.ops.__compatible_ops__["deepspeed_shm_comm"] is False
