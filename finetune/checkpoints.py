"""Which checkpoints of a run are whole, and what went wrong when one could not be written.

A checkpoint is a folder that several processes write into, so a killed run can leave a part of one behind. Once all of
them are done, ``complete.json`` is put into it, with the size of every file; a folder without it, or whose files are
not of these sizes, is not a checkpoint.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
from pathlib import Path

from finetune.errors import CheckpointError

MARK = "complete.json"
FOLDER = re.compile(r"checkpoint-(\d+)")
DISK_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
DISK_MESSAGES = {"No space left": errno.ENOSPC, "quota exceeded": errno.EDQUOT, "File too large": errno.EFBIG}
"""What safetensors and tokenizers, written in Rust, say of the same errors."""
TORCH_MESSAGES = ("PytorchStreamWriter", "inline_container.cc")
"""torch.save says only that a file did not grow as it should have."""


def mark_complete(checkpoint: Path, world_size: int) -> None:
    """Say that ``checkpoint`` is whole. To be called once, when every process has written its part."""
    files = {str(file.relative_to(checkpoint)): file.stat().st_size for file in _files(checkpoint)}
    partial = checkpoint / f"{MARK}.partial"
    with partial.open("w", encoding="utf-8") as stream:
        json.dump({"world_size": world_size, "files": files}, stream, indent=1, sort_keys=True)
        stream.flush()
        os.fsync(stream.fileno())
    partial.rename(checkpoint / MARK)


def is_complete(checkpoint: Path) -> bool:
    """Whether every file is there as it was when the checkpoint was marked."""
    try:
        files = json.loads((checkpoint / MARK).read_text(encoding="utf-8"))["files"]
    except (FileNotFoundError, json.JSONDecodeError):
        return False
    return all((checkpoint / name).is_file() and (checkpoint / name).stat().st_size == files[name] for name in files)


def last_complete(output: Path, world_size: int) -> tuple[Path | None, list[Path]]:
    """The newest whole checkpoint of a run, if any, and the incomplete ones that were passed over.

    Raises ``CheckpointError`` if it was written by another number of processes: each holds its own part of the
    optimiser's state (ZeRO-2).
    """
    whole = [checkpoint for checkpoint in _checkpoints(output) if is_complete(checkpoint)]
    broken = [checkpoint for checkpoint in _checkpoints(output) if checkpoint not in whole]
    if not whole:
        return None, broken
    newest = whole[-1]
    written_by = json.loads((newest / MARK).read_text(encoding="utf-8"))["world_size"]
    if written_by != world_size:
        raise CheckpointError(
            f"{newest} was written by {written_by} processes, and this run has {world_size}.\n"
            f"Next step: start it with {written_by} processes to go on, or give another output folder to start anew."
        )
    return newest, broken


def remove(checkpoints: list[Path]) -> None:
    """Delete incomplete checkpoints, lest a later save mixes its files with theirs."""
    for checkpoint in checkpoints:
        shutil.rmtree(checkpoint)


def explain_failure(error: BaseException, output: Path) -> CheckpointError | None:
    """The error to show if ``error`` means that ``output`` cannot be written to; nothing if it means something else."""
    reason = _disk_reason(error)
    if reason is None:
        return None
    free = shutil.disk_usage(output).free
    whole = [checkpoint.name for checkpoint in _checkpoints(output) if is_complete(checkpoint)]
    resume = f"goes on from {whole[-1]}" if whole else "starts from the beginning"
    return CheckpointError(
        f"{output} cannot be written to: {reason} ({free / 1e6:,.1f} MB free there).\n"
        f"Next step: make room, then give the same command again; it {resume}."
    )


def _disk_reason(error: BaseException | None) -> str | None:
    """Why the disk refused, found in ``error`` or what led to it."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in DISK_ERRORS:
            return os.strerror(error.errno)
        for message, number in DISK_MESSAGES.items():
            if message in str(error):
                return os.strerror(number)
        if any(message in str(error) for message in TORCH_MESSAGES):
            return "a file could not be written to its end"
        error = error.__cause__ or error.__context__
    return None


def _checkpoints(output: Path) -> list[Path]:
    """All checkpoint folders, oldest first, whole or not."""
    found = [(FOLDER.fullmatch(folder.name), folder) for folder in output.glob("checkpoint-*") if folder.is_dir()]
    return [folder for _, folder in sorted((int(match[1]), folder) for match, folder in found if match)]


def _files(checkpoint: Path) -> list[Path]:
    return sorted(file for file in checkpoint.rglob("*") if file.is_file() and not file.name.startswith(MARK))
