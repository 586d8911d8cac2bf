"""A standard output that cannot be written: a full device, a reader that has gone."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from builders.commands.options import SAMPLES
from builders.tree.verify import verify

LOST = (
    "Error: The standard output cannot be written: No space left on device.\n"
    "Next step: Free some space where it goes, or send it elsewhere. Nothing but text was lost.\n"
)


def full(*arguments: object) -> subprocess.CompletedProcess[str]:
    with open("/dev/full", "w") as device:
        command = [sys.executable, "-m", "builders", *map(str, arguments)]
        return subprocess.run(command, stdout=device, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("arguments", [("list",), ("--help",), ("show", "jsquad", "--sample")])
def test_a_full_device_is_named(arguments):
    done = full(*arguments)
    assert (done.returncode, done.stderr) == (1, LOST)


@pytest.mark.slow
def test_a_build_is_finished_and_its_directory_is_not_blamed(tmp_path):
    out = tmp_path / "out"
    built = full("build", "jsquad", "easy-ja", "--sources", SAMPLES, "--out", out, "--workers", 2)
    assert (built.returncode, built.stderr) == (1, LOST)
    assert not verify(out) and not (out / ".building").exists()
    for command in (("verify", out), ("stats", out)):
        done = full(*command)
        assert (done.returncode, done.stderr) == (1, LOST), command


@pytest.mark.slow
def test_records_that_find_no_room_are_an_error_at_once(sample_dataset):
    done = full("export", sample_dataset, "jsquad", "--format", "alpaca", "--out", "-")
    assert done.returncode == 1
    assert done.stderr == (
        "Error: The standard output cannot be written: No space left on device.\n"
        "Next step: Give an --out that can be written.\n"
    )


def test_what_else_goes_wrong_is_told_instead(tmp_path):
    done = full("verify", tmp_path)
    assert done.returncode == 1 and done.stderr.startswith(f"Error: {tmp_path} holds no report.json")
    assert full("list", "--no-such-option").returncode == 2


def test_a_reader_that_has_gone_needs_no_message():
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([sys.executable, "-m", "builders", "list"], stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")
