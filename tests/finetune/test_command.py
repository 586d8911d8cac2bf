"""Every command answers ``--help`` and wrong arguments at once, and reports what a person can mend in one message."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from finetune import command
from finetune.errors import FinetuneError

PACKAGE = Path(command.__file__).parent
COMMANDS = [
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
    for path in sorted(PACKAGE.rglob("*.py"))
    if "\ndef main(" in path.read_text(encoding="utf-8")
]
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


def test_an_error_does_not_control_the_terminal(capsys):
    def fail(_):
        raise FinetuneError("record \x1b[2J\x9b2J\r: empty\nNext step: correct it.")

    assert command.run(command.parser("train", "Train.", ""), fail, []) == 1
    assert capsys.readouterr().err == "error: record \\x1b[2J\\x9b2J\\x0d: empty\nNext step: correct it.\n"


PRINTS = """
import sys
from pathlib import Path
from finetune import command
def work(arguments):
    for number in range(10_000):
        print(number)
    Path("made").touch()
sys.exit(command.run(command.parser("train", "Train.", ""), work))
"""


def printing_into(stdout, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What becomes of a command that prints much and then makes a file in ``folder``."""
    environment = {**os.environ, "PYTHONPATH": str(Path(command.__file__).parents[1])}
    line = [sys.executable, "-c", PRINTS, *arguments]
    return subprocess.run(line, stdout=stdout, stderr=subprocess.PIPE, text=True, cwd=folder, env=environment)


SHOWS = """
import sys
from rich.console import Console
from finetune import command, compare
def work(arguments):
    print("東京です。")
    Console().print(compare.table([compare.Answers("誰", "知りません。", "東京です。")]))
sys.exit(command.run(command.parser("compare", "Ask.", "日本で一番高い山は？"), work))
"""


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
@pytest.mark.parametrize("arguments", [(), ("--help",)], ids=["work", "help"])
def test_a_terminal_that_has_no_japanese(encoding, arguments):
    environment = os.environ | {"PYTHONIOENCODING": encoding, "COLUMNS": "200"}
    line = [sys.executable, "-c", SHOWS, *arguments]
    root = Path(command.__file__).parents[1]
    done = subprocess.run(line, capture_output=True, cwd=root, env=environment)
    assert (done.returncode, done.stderr) == (0, b"")
    shown = ("日本で一番高い山は？",) if arguments else ("東京です。", "誰", "知りません。")
    assert all(text.encode("ascii", "backslashreplace") in done.stdout for text in shown)


@pytest.mark.parametrize("arguments", [(), ("--help",)])
def test_a_full_standard_output_is_named_after_the_work(tmp_path, arguments):
    with open("/dev/full", "w") as device:
        done = printing_into(device, tmp_path, *arguments)
    assert (done.returncode, done.stderr) == (
        1,
        "error: the standard output cannot be written: No space left on device\n"
        "Next step: free some space where it goes, or send it elsewhere. Nothing but text was lost.\n",
    )
    assert (tmp_path / "made").exists() == (not arguments)


def test_a_reader_that_has_gone_needs_no_message(tmp_path):
    reading, writing = os.pipe()
    os.close(reading)
    done = printing_into(writing, tmp_path)
    os.close(writing)
    assert (done.returncode, done.stderr, (tmp_path / "made").exists()) == (141, "", True)


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
