"""What a command line names to be written replaces nothing but what the same command wrote."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from finetune import checkpoints, compare, evaluate, outputs
from finetune.errors import CheckpointError, FinetuneError, ModelError
from tests.finetune.adapters import ROOT

COMMANDS = {"--json": evaluate, "--markdown": compare}
IN_THE_WAY = {
    "a folder": Path.mkdir,
    "a link": lambda path: path.symlink_to("theirs"),
    "a device or a pipe": os.mkfifo,
}


@pytest.fixture(params=COMMANDS)
def option(request):
    return request.param


def refused(option: str, path: Path, capsys) -> str:
    """What a command says to ``path``, before it looks at anything else."""
    assert COMMANDS[option].main(["no adapter", option, str(path)]) == 1
    return capsys.readouterr().err


THEIRS = {"a text": "# Mine", "run.json": '{\n  "format": 2,\n  "status": "complete"', "other bytes": "\xff" * 100}


@pytest.mark.parametrize("theirs", THEIRS.values(), ids=THEIRS)
def test_a_file_of_others_is_left_alone(option, theirs, tmp_path, capsys):
    (tmp_path / "file").write_text(theirs)
    assert refused(option, tmp_path / "file", capsys) == (
        f"error: {tmp_path / 'file'} holds something else\nNext step: give {option} the name of a new file.\n"
    )
    assert (tmp_path / "file").read_text() == theirs


@pytest.mark.parametrize("kind", ["a folder", "a link"])
def test_what_is_no_file_is_left_alone(option, kind, tmp_path, capsys):
    (tmp_path / "theirs").touch()
    IN_THE_WAY[kind](tmp_path / "file")
    assert refused(option, tmp_path / "file", capsys) == (
        f"error: {tmp_path / 'file'} is {kind}, so it is not replaced\nNext step: give another name or folder.\n"
    )


def test_a_folder_that_is_not_there(option, tmp_path, capsys):
    assert refused(option, tmp_path / "gone" / "file", capsys) == (
        f"error: {tmp_path / 'gone'} is not a folder that you may write to\n"
        f"Next step: make it, or give another {option}.\n"
    )


@pytest.mark.parametrize("kind", IN_THE_WAY)
def test_nothing_but_a_file_is_replaced(kind, tmp_path):
    (tmp_path / "theirs").write_text("theirs")
    IN_THE_WAY[kind](tmp_path / "file")
    before = os.lstat(tmp_path / "file")
    with pytest.raises(CheckpointError, match=f"file is {kind}, so it is not replaced"):
        checkpoints.write_whole(tmp_path / "file", "ours")
    after = os.lstat(tmp_path / "file")
    assert (after.st_mode, after.st_ino) == (before.st_mode, before.st_ino)
    assert (tmp_path / "theirs").read_text() == "theirs" and len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("place", ["nowhere", "theirs"])
def test_a_model_takes_no_link_s_place(place, tmp_path):
    """Neither that of one to nothing, nor that of one to an empty folder."""
    (tmp_path / "theirs").mkdir()
    (tmp_path / "out").symlink_to(place)
    with pytest.raises(ModelError, match="out exists already"), checkpoints.whole_folder(tmp_path / "out", ModelError):
        pytest.fail("the work had begun")
    assert (tmp_path / "out").is_symlink()


def test_text_goes_into_the_standard_output(tmp_path):
    """Through a link of this test's own: the machine's ``/dev/stdout`` would be lost if it were replaced."""
    link = tmp_path / "stdout"
    link.symlink_to("/dev/stdout")
    code = f"""from pathlib import Path; from finetune import outputs
outputs.check(Path({str(link)!r}), '--json', '{{'); outputs.write(Path({str(link)!r}), 'figures')"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "figures"), done.stderr
    assert link.is_symlink() and list(tmp_path.iterdir()) == [link]


def test_a_full_disk_leaves_the_file_as_it_was(tmp_path, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    (tmp_path / "file").write_text("before")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FinetuneError) as error:
        outputs.write(tmp_path / "file", "after")
    assert str(error.value) == (
        f"{tmp_path / 'file'} cannot be written: No space left on device\n"
        "Next step: make room there, or name another file."
    )
    assert (tmp_path / "file").read_text() == "before" and os.listdir(tmp_path) == ["file"]
