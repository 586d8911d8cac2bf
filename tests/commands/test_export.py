"""`export`, as it is typed."""

from __future__ import annotations

import argparse
import json
import re

import pytest
import yaml

from builders.commands import export
from builders.errors import BuildError
from builders.tree import reader, report
from tests.support.reports import only


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
    block = yaml.safe_load(printed.split("axolotl, in the configuration\n")[1])
    assert block["datasets"][0]["path"] == str(out)


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
    assert "Not in this build, so not in the file: knowledge-aio" in printed


def test_a_config_that_does_not_exist(sample_dataset, tmp_path):
    with pytest.raises(BuildError, match='There is no config "vanila"') as caught:
        _run(str(sample_dataset), "vanila", "--format", "alpaca", "--out", str(tmp_path / "out.jsonl"))

    assert caught.value.next_step.startswith('Did you mean "vanilla"?')
    assert not (tmp_path / "out.jsonl").exists()
