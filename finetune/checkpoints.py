"""The output folder of a training: what it holds, which checkpoints are whole, and why one could not be written.

A checkpoint is a folder that several processes write into, so a killed run can leave a part of one behind. Once all of
them are done, ``complete.json`` is put into it, with the SHA-256 of every file; a folder without it, or with a file
that has changed since, is not a checkpoint.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from filelock import FileLock, Timeout

from finetune import config, pickles
from finetune.errors import CheckpointError, ConfigError, FinetuneError
from finetune.visible import visible

RUN = "run.json"
"""What a finished run says of itself; its keys are explained in ``finetune.train``."""
CONFIG = "config.yaml"
"""The whole config of the run."""
LOCK = ".lock"
"""Held by a run for as long as it may write to the folder."""
START = "start"
"""The first weights of an adapter that changes the base (``finetune.initial``); the folder is there before the config."""
CURVE = "loss.png"
"""Training and validation loss by step."""
CHANGEABLE = {
    "log_every",
    "evaluate_every",
    "save_every",
    "keep_checkpoints",
    "processes",
    "workers",
    "report_to",
    "output",
}
"""Keys that may change before a stopped run goes on: nothing of what is learnt depends on them."""
MARK = "complete.json"
EMPTY_CARD = "README.md"
"""PEFT writes a card into every checkpoint that says nothing."""
FOLDER = re.compile(r"checkpoint-(\d+)")
LATEST = "latest"
"""Of a checkpoint: the file in which DeepSpeed looks which of its folders to load; another one begins with this name."""
STEP = re.compile(r"global_step\d+")
"""What DeepSpeed calls a folder in a checkpoint."""
_PARTIAL = re.compile(r".+\.[0-9a-f]{8}\.partial")
"""What a process that was killed in ``write_whole`` leaves."""
DISK_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
DISK_MESSAGES = {"No space left": errno.ENOSPC, "quota exceeded": errno.EDQUOT, "File too large": errno.EFBIG}
"""What safetensors and tokenizers, written in Rust, say of the same errors."""
TORCH_MESSAGES = ("PytorchStreamWriter", "inline_container.cc")
"""torch.save says only that a file did not grow as it should have."""


def check_output(settings: config.TrainConfig) -> None:
    """Check that the output folder can be written to, and is new or holds a stopped run of the same config.

    Raises:
        CheckpointError: The folder cannot be written to, or holds a finished run or something that no run wrote.
        ConfigError: The folder holds a run of another config.
    """
    output = Path(settings.output)
    there = next(folder for folder in (output, *output.absolute().parents) if folder.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        raise CheckpointError(f"{there} is not a folder that you may write to.\nNext step: give another output folder.")
    if (output / RUN).exists():
        raise CheckpointError(
            f"{output} holds a finished run.\nNext step: give another output folder, or remove this one to train anew."
        )
    if not (output / CONFIG).exists():
        _check_foreign(output)
        return
    try:
        before = config.TrainConfig.model_validate(yaml.safe_load((output / CONFIG).read_text(encoding="utf-8")))
    except config.UNREADABLE as error:  # pydantic's is a ValueError too
        raise CheckpointError(
            f"{output / CONFIG} is damaged, or was written by another version of this project: {error}\n"
            "Next step: give another output folder, or remove this one to train anew."
        ) from error
    was, now = (dict(_flat(run.model_dump())) for run in (before, settings))
    keys = [key for key in now | was if key.rpartition(".")[2] not in CHANGEABLE]
    changed = [key for key in keys if was.get(key) != now.get(key)]
    if changed:
        lines = "\n".join(f"  {key} was {was.get(key)} and is {now.get(key)} now" for key in changed)
        raise ConfigError(
            f"{output} holds a run of another config:\n{lines}\n"
            "Next step: set these back to go on with it, or give another output folder."
        )


def _check_foreign(output: Path) -> None:
    """Refuse a folder without a config that holds more than a run leaves that was stopped before it wrote one."""
    found = sorted(path.name for path in output.iterdir()) if output.is_dir() else []
    foreign = [name for name in found if name != LOCK and name.split(".")[0] != START and not _PARTIAL.fullmatch(name)]
    if foreign:
        raise CheckpointError(
            f"{output} is not empty, and no run has written there: it holds {', '.join(foreign[:3])}"
            + (f" and {len(foreign) - 3} more" if len(foreign) > 3 else "")
            + ".\nNext step: give another output folder."
        )


@contextlib.contextmanager
def exclusive(output: Path) -> Iterator[None]:
    """Keep other runs out of ``output`` until the end of the block. A killed process leaves no lock behind.

    Raises:
        CheckpointError: Another run writes to the folder.
    """
    output.mkdir(parents=True, exist_ok=True)
    lock = FileLock(output / LOCK, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise CheckpointError(
            f"another run writes to {output}\nNext step: wait until it has ended, or give another output folder."
        ) from None
    try:
        yield
    finally:
        if [file.name for file in output.iterdir()] == [LOCK]:  # a run that never began leaves nothing
            shutil.rmtree(output)
        lock.release()


def share(folder: Path) -> None:
    """Give files the mode that the user's umask asks for; some libraries write them for the user alone.

    The folder may lie on a disk that all machines of a run, or all people of a group, share.
    """
    mask = os.umask(0)
    os.umask(mask)
    for path in (folder, *folder.rglob("*")):
        wanted = (0o777 if path.is_dir() else 0o666) & ~mask
        if path.stat().st_mode & 0o777 != wanted:
            path.chmod(wanted)


def write_whole(path: Path, text: str) -> None:
    """Write ``path`` in one go: it is there whole, or not at all. Its name before that is nobody else's.

    Raises:
        CheckpointError: Something else than a file stands there.
    """
    require_plain(path)
    partial = path.with_name(f"{path.name}.{secrets.token_hex(4)}.partial")
    stream = partial.open("x", encoding="utf-8")  # outside: what is there already is not removed
    try:
        with stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        partial.rename(path)
    finally:
        partial.unlink(missing_ok=True)


def require_plain(path: Path) -> None:
    """Refuse to replace anything but a file: ``/dev/stdout`` is a link, and would be a file from then on.

    Raises:
        CheckpointError: A link, a folder, a device or a pipe stands there.
    """
    if path.is_symlink() or (path.exists() and not path.is_file()):
        kind = "a link" if path.is_symlink() else "a folder" if path.is_dir() else "a device or a pipe"
        raise CheckpointError(f"{path} is {kind}, so it is not replaced\nNext step: give another name or folder.")


@contextlib.contextmanager
def whole_folder(out: Path, error: type[FinetuneError]) -> Iterator[Path]:
    """Give a folder to fill, which becomes ``out`` at the end of the block: ``out`` is there whole, or not at all.

    A file may be written in the folder's place.

    Args:
        out: The folder; must not exist, or be empty.
        error: What to raise.

    Yields:
        The folder to write to, beside ``out``.

    Raises:
        FinetuneError: Of the kind ``error``: ``out`` holds something, or it cannot be written.
    """
    from safetensors import SafetensorError

    if out.is_symlink() or (out.exists() and not (out.is_dir() and not any(out.iterdir()))):
        raise error(f"{out} exists already\nNext step: remove it, or give another --out.")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=f"{out.name}.", dir=out.parent) as partial:
            whole = Path(partial) / out.name
            yield whole
            share(whole)
            whole.rename(out)
    except (OSError, SafetensorError) as reason:
        raise error(
            f"{out} cannot be written: {reason}\nNext step: make room there for the whole model, then give the command again."
        ) from reason


def mark_complete(checkpoint: Path, world_size: int) -> None:
    """Say that ``checkpoint`` is whole. To be called once, when every process has written its part.

    Args:
        checkpoint: The folder.
        world_size: Number of processes that wrote into it.
    """
    (checkpoint / EMPTY_CARD).unlink(missing_ok=True)
    share(checkpoint)
    files = {name: _digest(file) for name, file in _files(checkpoint).items()}
    write_whole(checkpoint / MARK, json.dumps({"world_size": world_size, "files": files}, indent=1, sort_keys=True))


def _read_mark(checkpoint: Path) -> tuple[int, dict[str, str]]:
    """What ``mark_complete`` wrote: the number of processes, and the digest of each file by name."""
    mark = json.loads((checkpoint / MARK).read_text(encoding="utf-8"))
    return int(mark["world_size"]), mark["files"]


def damage(checkpoint: Path) -> str | None:
    """Tell what is wrong with ``checkpoint``; nothing if every byte is there as it was when it was marked.

    Whoever plants a file can write a mark too, so what leads out of the folder or runs foreign code is looked for besides.
    """
    everything = sorted(checkpoint.rglob("*"))
    # DeepSpeed follows links that are not looked into here.
    if odd := [path.name for path in everything if path.is_symlink() or not (path.is_file() or path.is_dir())]:
        return f"holds what is no plain file ({', '.join(odd)})"
    there = _files(checkpoint)
    try:
        _, files = _read_mark(checkpoint)
        changed = [name for name, digest in files.items() if _digest(there[name]) != digest]
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return "was left incomplete"
    if changed:
        return f"is damaged ({', '.join(changed)})"
    if elsewhere := [name for name, file in there.items() if name.startswith(LATEST) and not _names_a_step(file)]:
        return f"names a folder that is not its own ({', '.join(elsewhere)})"
    loaded = (file for file in there.values() if file.suffix in pickles.SUFFIXES)
    strange = {name for file in loaded for name in pickles.strange_code(file)}
    return f"holds code that no training writes ({', '.join(sorted(strange))})" if strange else None


def last_complete(output: Path, world_size: int) -> tuple[Path | None, dict[Path, str]]:
    """Find the newest whole checkpoint of a run.

    Args:
        output: The output folder.
        world_size: Number of processes of this run.

    Returns:
        The checkpoint, if any; and the newer ones that were passed over, each with what is wrong with it.

    Raises:
        CheckpointError: It was written by another number of processes. Each process holds its own part of the
            optimiser's state (ZeRO-2).
    """
    broken = {}
    for checkpoint in reversed(_checkpoints(output)):
        if problem := damage(checkpoint):
            broken[checkpoint] = visible(problem)
            continue
        written_by, _ = _read_mark(checkpoint)
        if written_by != world_size:
            raise CheckpointError(
                f"{checkpoint} was written by {written_by} processes, and this run has {world_size}.\n"
                f"Next step: start it with {written_by} processes to go on, or give another output folder to start anew."
            )
        return checkpoint, broken
    return None, broken


def remove(checkpoints: Iterable[Path]) -> None:
    """Delete incomplete checkpoints, lest a later save mixes its files with theirs."""
    for checkpoint in checkpoints:
        shutil.rmtree(checkpoint)


def explain_failure(error: BaseException, output: Path) -> CheckpointError | None:
    """Explain ``error`` if it means that ``output`` cannot be written to.

    Returns:
        The error to show; nothing if ``error`` means something else.
    """
    reason = _disk_reason(error)
    if reason is None:
        return None
    free = shutil.disk_usage(output).free
    whole = next((checkpoint for checkpoint in reversed(_checkpoints(output)) if damage(checkpoint) is None), None)
    resume = f"goes on from {whole.name}" if whole else "starts from the beginning"
    return CheckpointError(
        f"{output} cannot be written to: {reason} ({free / 1e6:,.1f} MB free there).\n"
        f"Next step: make room, then give the same command again; it {resume}."
    )


def _flat(section: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """``("training.epochs", 1.0)`` and so on."""
    for key, value in section.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


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


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _files(checkpoint: Path) -> dict[str, Path]:
    """The files of a checkpoint by their names in it, without its mark."""
    files = (file for file in sorted(checkpoint.rglob("*")) if file.is_file() and not file.name.startswith(MARK))
    return {str(file.relative_to(checkpoint)): file for file in files}


def _names_a_step(latest: Path) -> bool:
    """Whether the file names a folder beside it, as DeepSpeed calls them."""
    name = latest.read_text(encoding="utf-8", errors="replace").strip()
    return bool(STEP.fullmatch(name)) and (latest.parent / name).is_dir()
