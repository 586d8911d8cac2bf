"""The output folder of a training: the names of what it holds, and whether a run may write to it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from finetune import config
from finetune.errors import CheckpointError, ConfigError

RUN = "run.json"
"""What a finished run says of itself; its keys are explained in ``finetune.train``."""
CONFIG = "config.yaml"
"""The whole config of the run."""
CHANGEABLE = {"log_every", "evaluate_every", "save_every", "keep_checkpoints", "processes", "workers", "output"}
"""Keys that may change before a stopped run goes on: nothing of what is learnt depends on them."""


def check(settings: config.TrainConfig) -> None:
    """Raise unless the output folder can be written to, and is new or holds a stopped run of the same config."""
    output = Path(settings.output)
    there = next(folder for folder in (output, *output.absolute().parents) if folder.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        raise CheckpointError(f"{there} is not a folder that you may write to.\nNext step: give another output folder.")
    if (output / RUN).exists():
        raise CheckpointError(
            f"{output} holds a finished run.\nNext step: give another output folder, or remove this one to train anew."
        )
    if not (output / CONFIG).exists():
        return
    before = config.TrainConfig.model_validate(yaml.safe_load((output / CONFIG).read_text(encoding="utf-8")))
    was, now = (dict(_flat(run.model_dump())) for run in (before, settings))
    changed = [key for key in now if was[key] != now[key] and key.rpartition(".")[2] not in CHANGEABLE]
    if changed:
        lines = "\n".join(f"  {key} was {was[key]} and is {now[key]} now" for key in changed)
        raise ConfigError(
            f"{output} holds a run of another config:\n{lines}\n"
            "Next step: set these back to go on with it, or give another output folder."
        )


def _flat(section: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """``("training.epochs", 1.0)`` and so on."""
    for key, value in section.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value
