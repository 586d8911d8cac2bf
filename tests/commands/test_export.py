"""`export`, as it is typed."""

from __future__ import annotations

import argparse
import gzip
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from builders.commands import export
from builders.errors import BuildError
from builders.tree import reader, report
from tests.support.reports import only

ROOT = Path(__file__).parents[2]
EXPORT = f"{sys.executable} -m builders export"


def _run(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    export.add_arguments(parser)
    return export.main(parser.parse_args(arguments))


def test_the_file_and_what_to_tell_the_trainers(sample_dataset, tmp_path, capsys):
    out = tmp_path / "すべて.jsonl"

    assert _run(str(sample_dataset), "vanilla", "--format", "messages", "--out", str(out)) == 0

    records = reader.configs(report.load(sample_dataset))["vanilla"].records
    assert len(out.read_text("utf-8").split("\n")) == records + 1
    printed = capsys.readouterr().out
    assert f"{records:,} records" in printed
    compile(re.search(r"TRL, as a program\n(.*?)\n\n", printed, re.DOTALL)[1], "program", "exec")
    entry = json.loads(re.search(r"dataset_info.json\n(.*?)\n\n", printed, re.DOTALL)[1])
    assert entry["llm-japanese-dataset-vanilla"]["file_name"] == str(out)
    for trainer, key in (("axolotl", "path"), ("torchtune", "data_files")):
        block = yaml.safe_load(printed.split(f"{trainer}, in the configuration\n")[1].split("\n\n")[0])
        (found,) = [block["dataset"]] if trainer == "torchtune" else block["datasets"]
        assert found[key] == str(out)


def _in_a_shell(command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True)


@pytest.mark.slow
def test_a_dash_is_the_standard_output_and_what_is_said_goes_elsewhere(sample_dataset, tmp_path):
    done = _in_a_shell(f"{EXPORT} {sample_dataset} jsquad --format alpaca --out -")

    records = reader.configs(report.load(sample_dataset))["jsquad"].records
    assert done.returncode == 0 and len(done.stdout.splitlines()) == records
    assert all(json.loads(line)["source"] == "jsquad" for line in done.stdout.splitlines())
    assert done.stderr.splitlines()[-1] == f"standard output: {records} records."
    assert not (ROOT / "-").exists()


@pytest.mark.slow
def test_a_reader_that_has_enough_may_go(sample_dataset):
    """The sample is more than the 64 KiB that a pipe takes before it makes anybody wait."""
    done = _in_a_shell(f"{EXPORT} {sample_dataset} all --format alpaca --out - | head -c 10; echo ${{PIPESTATUS[0]}}")

    assert done.stdout[10:].strip() == "141" and "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_device_is_not_replaced(sample_dataset):
    done = _in_a_shell(f"{EXPORT} {sample_dataset} jsquad --format alpaca --out /dev/stdout")

    assert done.returncode == 1
    assert "Error: /dev/stdout is a symbolic link, so it is not replaced." in done.stderr
    assert os.path.islink("/dev/stdout")


def test_two_files_for_a_split(sample_dataset, tmp_path, capsys):
    out = tmp_path / "train.jsonl.gz"

    _run(str(sample_dataset), "translation", "--format", "messages", "--validation", "10", "--out", str(out))

    printed = capsys.readouterr().out
    for path in (out, tmp_path / "train.validation.jsonl.gz"):
        lines = gzip.decompress(path.read_bytes()).decode().splitlines()
        assert f"{path}: {len(lines):,} records" in printed


def test_a_second_file_that_nobody_named_is_not_replaced(sample_dataset, tmp_path):
    out, validation = tmp_path / "train.jsonl", tmp_path / "train.validation.jsonl"
    for there in (out, validation):
        there.write_text("theirs")

    with pytest.raises(BuildError) as error:
        _run(str(sample_dataset), "jsquad", "--format", "alpaca", "--validation", "1", "--out", str(out))

    assert error.value.problem == f"{validation}, where the records for validation go, is there already."
    assert out.read_text() == validation.read_text() == "theirs"


def test_a_split_needs_files(sample_dataset):
    with pytest.raises(BuildError, match="--validation makes two files"):
        _run(str(sample_dataset), "jsquad", "--format", "alpaca", "--validation", "1", "--out", "-")


def test_no_program_for_trl_where_it_does_not_take_the_form(sample_dataset, tmp_path, capsys):
    _run(str(sample_dataset), "jsquad", "--format", "sharegpt", "--out", str(tmp_path / "out.jsonl"))

    assert "TRL" not in capsys.readouterr().out


def test_what_is_not_in_the_dataset_is_named(sample_dataset, tmp_path, capsys):
    built = tmp_path / "built"
    built.mkdir()
    (built / "jsquad").symlink_to(sample_dataset / "jsquad")
    report.dump(only(report.load(sample_dataset), "jsquad"), built)

    _run(str(built), "vanilla", "--format", "alpaca", "--out", str(tmp_path / "out.jsonl"))

    printed = " ".join(capsys.readouterr().out.split())
    assert "Not in this build, so not in the file: alpaca-ja" in printed


def test_a_config_that_does_not_exist(sample_dataset, tmp_path):
    with pytest.raises(BuildError, match='There is no config "vanila"') as caught:
        _run(str(sample_dataset), "vanila", "--format", "alpaca", "--out", str(tmp_path / "out.jsonl"))

    assert caught.value.next_step.startswith('Did you mean "vanilla"?')
    assert not (tmp_path / "out.jsonl").exists()
