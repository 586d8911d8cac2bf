"""A checkpoint counts once it is whole; what is left of a killed save is told apart from it."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import numpy
import pytest
import torch

from finetune import checkpoints, config
from finetune.errors import CheckpointError


def make(output: Path, step: int, world_size: int = 2, complete: bool = True) -> Path:
    folder = output / f"checkpoint-{step}"
    (folder / f"global_step{step}").mkdir(parents=True)
    (folder / "adapter_model.safetensors").write_bytes(b"weights" * step)
    torch.save({"state": torch.arange(step), "random": numpy.arange(3)}, folder / f"global_step{step}" / "rank_0.pt")
    if complete:
        checkpoints.mark_complete(folder, world_size)
    return folder


def test_the_newest_whole_one_is_gone_on_from(tmp_path):
    for step in (5, 20, 100):
        make(tmp_path, step)
    broken = make(tmp_path, 120, complete=False)
    assert checkpoints.last_complete(tmp_path, 2) == (tmp_path / "checkpoint-100", {broken: "was left incomplete"})


def test_a_new_folder_has_none(tmp_path):
    assert checkpoints.last_complete(tmp_path / "new", 1) == (None, {})


@pytest.mark.parametrize(
    "damage",
    ["no mark", "half a mark", "a mark of another form", "a file is gone", "a file is short", "a bit is flipped"],
)
def test_damage_is_seen(tmp_path, damage):
    make(tmp_path, 5)
    broken = make(tmp_path, 10)
    mark, state = broken / checkpoints.MARK, broken / "global_step10" / "rank_0.pt"
    match damage:
        case "no mark":
            mark.unlink()
        case "half a mark":
            mark.write_text(mark.read_text()[:20])
        case "a mark of another form":
            mark.write_text('["files"]')
        case "a file is gone":
            state.unlink()
        case "a file is short":
            state.write_bytes(b"sta")
        case "a bit is flipped":
            content = bytearray(state.read_bytes())
            content[-20] ^= 1
            state.write_bytes(content)
    newest, passed_over = checkpoints.last_complete(tmp_path, 2)
    assert (newest, list(passed_over)) == (tmp_path / "checkpoint-5", [broken])
    changed = damage in ("a file is short", "a bit is flipped")
    assert passed_over[broken] == ("is damaged (global_step10/rank_0.pt)" if changed else "was left incomplete")


OUT_OF_THE_FOLDER = {
    "a linked folder": lambda checkpoint, other: (checkpoint / "global_step11").symlink_to(other),
    "a linked file": lambda checkpoint, other: (checkpoint / "optimizer.pt").symlink_to(other / "rank_0.pt"),
    "a link to nothing": lambda checkpoint, other: (checkpoint / "optimizer.pt").symlink_to("gone"),
    "a pipe": lambda checkpoint, other: os.mkfifo(checkpoint / "optimizer.pt"),
}


@pytest.mark.parametrize("way", OUT_OF_THE_FOLDER)
def test_what_is_no_plain_file_is_not_gone_on_from(tmp_path, way):
    """DeepSpeed enters a linked folder, whose files nobody has compared; the folder behind it is not removed."""
    whole, planted = make(tmp_path, 5), make(tmp_path, 10, complete=False)
    other = make(tmp_path / "other", 1) / "global_step1"
    OUT_OF_THE_FOLDER[way](planted, other)
    (planted / checkpoints.MARK).write_text('{"world_size": 2, "files": {}}')
    newest, passed_over = checkpoints.last_complete(tmp_path, 2)
    (left_out,) = (path.name for path in planted.iterdir() if path.name in ("global_step11", "optimizer.pt"))
    assert (newest, passed_over) == (whole, {planted: f"holds what is no plain file ({left_out})"})
    checkpoints.remove(passed_over)
    assert not planted.exists() and [file.name for file in other.iterdir()] == ["rank_0.pt"]


def test_a_mark_that_does_not_say_how_many_processes_wrote(tmp_path):
    whole, planted = make(tmp_path, 5), make(tmp_path, 10)
    (planted / checkpoints.MARK).write_text('{"files": {}}')
    assert checkpoints.last_complete(tmp_path, 2) == (whole, {planted: "was left incomplete"})


def test_a_mark_is_followed_nowhere(tmp_path):
    planted, outside = make(tmp_path, 10), tmp_path / "outside"
    outside.write_bytes(b"")
    digest = hashlib.sha256(b"").hexdigest()
    (planted / checkpoints.MARK).write_text(json.dumps({"world_size": 2, "files": {str(outside): digest}}))
    assert checkpoints.damage(planted) == "was left incomplete"


@pytest.mark.parametrize("name", ["global_step10", " global_step10\n"])
def test_the_folder_that_deepspeed_looks_for_is_the_checkpoint_s(tmp_path, name):
    checkpoint = make(tmp_path, 10, complete=False)
    (checkpoint / "latest").write_text(name)
    checkpoints.mark_complete(checkpoint, 2)
    assert checkpoints.damage(checkpoint) is None


@pytest.mark.parametrize(
    "name", ["{other}", "../other/checkpoint-1/global_step1", "global_step1*", "global_step2", "global_step11", "", "."]
)
@pytest.mark.parametrize("file", ["latest", "latest_universal"])
def test_a_folder_elsewhere_is_not_loaded(tmp_path, name, file):
    make(tmp_path / "other", 1)
    checkpoint = make(tmp_path, 10, complete=False)
    (checkpoint / "global_step11").write_text("no folder")
    (checkpoint / file).write_text(name.format(other=tmp_path / "other" / "checkpoint-1" / "global_step1"))
    checkpoints.mark_complete(checkpoint, 2)
    assert checkpoints.damage(checkpoint) == f"names a folder that is not its own ({file})"


def test_folders_of_other_names_are_left_alone(tmp_path):
    (tmp_path / "checkpoint-best").mkdir()
    (tmp_path / "checkpoint-7").write_text("a file")
    assert checkpoints.last_complete(tmp_path, 1) == (None, {})


def test_another_number_of_processes(tmp_path):
    make(tmp_path, 5, world_size=2)
    with pytest.raises(CheckpointError) as error:
        checkpoints.last_complete(tmp_path, 1)
    assert str(error.value) == (
        f"{tmp_path / 'checkpoint-5'} was written by 2 processes, and this run has 1.\n"
        "Next step: start it with 2 processes to go on, or give another output folder to start anew."
    )


def test_incomplete_ones_are_removed_whole(tmp_path):
    broken = make(tmp_path, 5, complete=False)
    checkpoints.remove([broken])
    assert not broken.exists()


def test_a_full_disk_is_explained_with_the_way_on(tmp_path):
    make(tmp_path, 5)
    explained = checkpoints.explain_failure(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), tmp_path)
    message = str(explained)
    assert message.startswith(f"{tmp_path} cannot be written to: No space left on device (")
    assert message.endswith(
        " MB free there).\nNext step: make room, then give the same command again; it goes on from checkpoint-5."
    )
    assert "it starts from the beginning." in str(
        checkpoints.explain_failure(OSError(errno.EDQUOT, ""), tmp_path / "..")
    )


def test_only_the_newest_whole_checkpoint_is_read_again_after_a_failure(tmp_path, monkeypatch):
    for step in (5, 10, 15):
        make(tmp_path, step)
    make(tmp_path, 20, complete=False)
    looked_at, damage = [], checkpoints.damage
    monkeypatch.setattr(checkpoints, "damage", lambda folder: looked_at.append(folder.name) or damage(folder))
    assert "goes on from checkpoint-15." in str(checkpoints.explain_failure(OSError(errno.ENOSPC, ""), tmp_path))
    assert looked_at == ["checkpoint-20", "checkpoint-15"]


def test_another_error_is_not_explained_away(tmp_path):
    assert checkpoints.explain_failure(ValueError("something else"), tmp_path) is None
    assert checkpoints.explain_failure(OSError(errno.ENOENT, "gone"), tmp_path) is None


SAVES = {
    "torch": "import torch; torch.save(torch.zeros(100_000), PATH)",
    "safetensors": "import numpy; from safetensors.numpy import save_file; save_file({'a': numpy.zeros(50_000)}, PATH)",
    "python": "open(PATH, 'wb').write(bytes(400_000))",
}


@pytest.mark.parametrize("library", SAVES)
def test_what_libraries_raise_when_a_file_cannot_grow_is_recognised(tmp_path, library):
    """The kernel refuses more than 50 kB, as a full disk or a quota would in the middle of a file."""
    code = (
        f"from pathlib import Path; from finetune import checkpoints; PATH = {str(tmp_path / 'file')!r}\n"
        f"try:\n    {SAVES[library]}\nexcept Exception as error:\n"
        f"    print(checkpoints.explain_failure(error, Path({str(tmp_path)!r})))"
    )
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))  # noqa: E731
    done = subprocess.run([sys.executable, "-c", code], preexec_fn=limit, capture_output=True, text=True, check=False)
    assert done.stdout.startswith(f"{tmp_path} cannot be written to: "), done.stderr


@pytest.mark.parametrize("left", [[], [".lock"], [".lock", "config.yaml.0123abcd.partial"], [".lock", "start"]])
def test_what_a_run_leaves_that_was_stopped_early_is_no_hindrance(tmp_path, left):
    for name in left:
        (tmp_path / name).touch()
    checkpoints.check_output(settings(tmp_path))


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (["README.md"], "README.md"),
        ([".lock", "README.md", "loss.png"], "README.md, loss.png"),
        (["a", "b", "c", "d", "e"], "a, b, c and 2 more"),
    ],
)
def test_a_folder_that_no_run_wrote_is_refused(tmp_path, names, shown):
    for name in names:
        (tmp_path / name).write_text("theirs")
    with pytest.raises(CheckpointError) as error:
        checkpoints.check_output(settings(tmp_path))
    assert str(error.value) == (
        f"{tmp_path} is not empty, and no run has written there: it holds {shown}.\n"
        "Next step: give another output folder."
    )


def settings(output: Path) -> config.TrainConfig:
    sections = {"model": {"base": "base"}, "data": {"dataset": "data.jsonl"}, "output": str(output)}
    return config.TrainConfig.model_validate(sections)


def test_a_file_of_a_temporary_name_is_somebody_else_s(tmp_path):
    (tmp_path / "run.json.partial").write_text("theirs")
    checkpoints.write_whole(tmp_path / "run.json", "ours")
    assert (tmp_path / "run.json.partial").read_text() == "theirs" and (tmp_path / "run.json").read_text() == "ours"
    assert len(list(tmp_path.iterdir())) == 2


def test_one_run_at_a_time_writes_to_a_folder(tmp_path):
    output = tmp_path / "deep" / "out"
    with checkpoints.exclusive(output):
        (output / "something").write_text("")
        with pytest.raises(CheckpointError) as error, checkpoints.exclusive(output):
            pytest.fail("two runs in one folder")
        assert str(error.value) == (
            f"another run writes to {output}\nNext step: wait until it has ended, or give another output folder."
        )
    with checkpoints.exclusive(output):
        pass


def test_a_run_that_never_began_leaves_no_folder(tmp_path):
    with pytest.raises(ValueError), checkpoints.exclusive(tmp_path / "out"):
        raise ValueError
    assert list(tmp_path.iterdir()) == []


def test_a_killed_run_holds_no_lock(tmp_path):
    code = (
        "import os, signal; from pathlib import Path; from finetune import checkpoints\n"
        f"with checkpoints.exclusive(Path({str(tmp_path)!r})): os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    with checkpoints.exclusive(tmp_path):
        pass


def test_files_get_the_mode_that_the_umask_asks_for(tmp_path):
    (tmp_path / "folder").mkdir(mode=0o700)
    (tmp_path / "folder" / "weights").write_bytes(b"")
    (tmp_path / "folder" / "weights").chmod(0o600)
    before = os.umask(0o027)
    try:
        checkpoints.share(tmp_path)
    finally:
        os.umask(before)
    modes = [(tmp_path / name).stat().st_mode & 0o777 for name in ("folder", "folder/weights")]
    assert modes == [0o750, 0o640]


def test_a_mark_replaces_pefts_empty_card(tmp_path):
    folder = make(tmp_path, 5, complete=False)
    (folder / "README.md").write_text("[More Information Needed]")
    checkpoints.mark_complete(folder, 1)
    assert not (folder / "README.md").exists()
    assert checkpoints.damage(folder) is None


class Foreign:
    """Unpickling it runs a command that leaves a file."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self):
        return os.system, (f"touch {self.trace}",)


@pytest.mark.parametrize("old_format", [False, True])
def test_a_pickle_that_would_run_foreign_code_is_not_loaded(tmp_path, old_format):
    """Its mark is as good as any, since whoever plants a pickle can write that too."""
    output, trace = tmp_path / "out", tmp_path / "it-was-run"
    whole, planted = make(output, 5), make(output, 10, complete=False)
    torch.save(Foreign(trace), planted / "rng_state.pth", _use_new_zipfile_serialization=not old_format)
    torch.load(planted / "rng_state.pth", weights_only=False)
    trace.unlink()  # so the code would leave it
    checkpoints.mark_complete(planted, 2)
    newest, passed_over = checkpoints.last_complete(output, 2)
    assert newest == whole
    named = "rng_state.pth: ValueError" if old_format else f"{os.system.__module__}.system"
    assert passed_over == {planted: f"holds code that no training writes ({named})"}
    assert not trace.exists()
