"""A pickle of a checkpoint calls what a training writes there, by its exact name, or it is not loaded."""

from __future__ import annotations

import os
import pickle
import zipfile
from pathlib import Path

import pytest
import torch

from finetune import checkpoints, pickles

PROTOCOL_2, PROTOCOL_4 = b"\x80\x02", b"\x80\x04"
KNOWN = b"cdeepspeed.utils.tensor_fragment\n"
"""The beginning of a name that a training writes."""


def called(command: str) -> bytes:
    """The opcodes that call what lies on the stack with ``command``, and end the pickle."""
    text = command.encode()
    return b"X" + len(text).to_bytes(4, "little") + text + b"\x85R."


def plant(file: Path, content: bytes) -> Path:
    """Write a file of ``torch.save`` whose pickle is ``content``."""
    torch.save({}, file)
    with zipfile.ZipFile(file) as archive:
        members = {member.filename: archive.read(member) for member in archive.infolist()}
    with zipfile.ZipFile(file, "w") as archive:
        for name, before in members.items():
            archive.writestr(name, content if name.endswith("/data.pkl") else before)
    return file


class Foreign:
    """Unpickling it runs a command."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self):
        return os.system, (self.command,)


HIDDEN = {
    "behind a known name": (
        lambda command: PROTOCOL_4 + KNOWN + b"torch.os.system\n" + called(command),
        {"deepspeed.utils.tensor_fragment.torch.os.system", "x.pt: protocol 4"},
    ),
    "after a protocol that looks harmless": (
        lambda command: PROTOCOL_2 + PROTOCOL_4 + KNOWN + b"torch.os.system\n" + called(command),
        {"deepspeed.utils.tensor_fragment.torch.os.system", "x.pt: protocol 4"},
    ),
    "in an opcode of protocol 0": (
        lambda command: b"(S'" + command.encode() + b"'\nios\nsystem\n.",
        {"x.pt: UnpicklingError"},
    ),
    "in an opcode of protocol 4": (
        lambda command: pickle.dumps(Foreign(command), 4),
        {"x.pt: UnpicklingError"},
    ),
}


@pytest.mark.parametrize("place", HIDDEN)
def test_code_that_loading_would_run_is_told_and_not_run(tmp_path, place):
    made, told = HIDDEN[place]
    ran = tmp_path / "ran"
    file = plant(tmp_path / "x.pt", made(f"touch {ran}"))
    torch.load(file, weights_only=False)
    ran.unlink()  # it does run, when it is loaded as DeepSpeed does
    assert pickles.strange_code(file) == told
    assert not ran.exists()


def test_a_name_does_not_control_the_terminal(tmp_path):
    planted = tmp_path / "checkpoint-1"
    planted.mkdir()
    plant(planted / "x.pt", PROTOCOL_2 + b"cos\nsystem\x1b[2J\n.")
    checkpoints.mark_complete(planted, 1)
    problem = r"holds code that no training writes (os.system\x1b[2J)"
    assert checkpoints.last_complete(tmp_path, 1) == (None, {planted: problem})


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (
            PROTOCOL_2 + KNOWN + b"safe_get_full_fp32_param\n.",
            "deepspeed.utils.tensor_fragment.safe_get_full_fp32_param",
        ),
        (PROTOCOL_4 + b"cnumpy\nndarray.tofile\n.", "numpy.ndarray.tofile"),
        (PROTOCOL_4 + b"cnumpy\n_core.multiarray._reconstruct\n.", "x.pt: protocol 4"),
    ],
    ids=["another name of a known module", "a path behind a known name", "a path to a known name"],
)
def test_only_exact_names_are_known(tmp_path, content, told):
    assert told in pickles.strange_code(plant(tmp_path / "x.pt", content))
