"""Every command answers ``--help`` and wrong arguments at once, and reports what a person can mend in one message."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from finetune import command
from finetune.errors import FinetuneError

COMMANDS = (
    "train",
    "compare",
    "evaluate",
    "chat",
    "merge",
    "model_card",
    "publish",
    "tiny",
    "lengths",
    "convert",
    "harness",
    "demo",
)
HEAVY = {"torch", "transformers", "bitsandbytes", "peft", "deepspeed", "datasets", "matplotlib", "pandas"}


def imported(importtime: str) -> set[str]:
    """Modules in what ``python -X importtime`` printed."""
    return set(re.findall(r"\| +([\w.]+)$", importtime, re.MULTILINE))


@pytest.mark.parametrize("name", COMMANDS)
def test_help_imports_nothing_heavy(name):
    line = [sys.executable, "-X", "importtime", "-m", f"finetune.{name}", "--help"]
    done = subprocess.run(line, capture_output=True, text=True, check=True)
    assert done.stdout.startswith(f"usage: python -m finetune.{name} ")
    assert "argparse" in imported(done.stderr)
    assert not HEAVY & imported(done.stderr)


def test_a_training_imports_bitsandbytes_for_four_bits_only(trained):
    packages = imported((trained.parent / "imports.txt").read_text(encoding="utf-8"))
    assert {"torch", "peft", "deepspeed"} <= packages
    assert "bitsandbytes.nn" not in packages  # the bare name is also there when an import was refused


def test_what_cannot_be_done_is_one_message(capsys):
    def fail(_):
        raise FinetuneError("no model\nNext step: give one.")

    parser = command.parser("train", "Train.", "--config x.yaml")
    assert command.run(parser, fail, []) == 1
    assert capsys.readouterr().err == "error: no model\nNext step: give one.\n"
    assert command.run(parser, lambda _: None, []) == 0


def test_wrong_arguments_end_with_status_2_before_the_work(capsys):
    parser = command.parser("train", "Train.", "--config x.yaml")
    with pytest.raises(SystemExit) as exit:
        command.run(parser, lambda _: pytest.fail("not to be done"), [], check=lambda _: "too small")
    assert exit.value.code == 2
    assert capsys.readouterr().err.endswith("error: too small\n")


def test_an_error_of_another_kind_is_not_hidden():
    def fail(_):
        raise KeyError("a mistake in the code")

    with pytest.raises(KeyError):
        command.run(command.parser("train", "Train.", ""), fail, [])
