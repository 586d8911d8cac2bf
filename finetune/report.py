"""What a run says of itself: a summary before it starts, and ``run.json`` once it has ended."""

from __future__ import annotations

import importlib.metadata
import json
import math
import platform
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from finetune import batching, checkpoints, config, fingerprints
from finetune.errors import AdapterError

if TYPE_CHECKING:
    from peft import PeftModel

    from finetune import data, memory, trainer

FORMAT = 2
"""Version of what ``run.json`` holds."""
PACKAGES = ("torch", "transformers", "peft", "deepspeed", "accelerate", "datasets")


def read(folder: Path) -> dict[str, Any]:
    """Read ``run.json`` of the output folder ``folder``.

    Raises:
        AdapterError: No run has ended there, or the file cannot be used.
    """
    try:
        run = json.loads((folder / checkpoints.RUN).read_text(encoding="utf-8"))
        form = run["format"]
    except (ValueError, TypeError, KeyError):
        form = None
    except FileNotFoundError:
        raise AdapterError(
            f"{folder} holds no {checkpoints.RUN}: no training has ended there\n"
            "Next step: give the output folder of python -m finetune.train, after the training has ended."
        ) from None
    if form != FORMAT:
        raise AdapterError(
            f"{folder / checkpoints.RUN} is damaged, or was written by another version of this project\n"
            "Next step: use the version that trained the adapter, or train it anew."
        )
    found: dict[str, Any] = run
    return found


def write(folder: Path, run: dict[str, Any]) -> None:
    """Write ``run`` to ``folder`` as ``run.json``, in one go."""
    checkpoints.write_whole(
        folder / checkpoints.RUN, json.dumps(run, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    )


def build(
    settings: config.TrainConfig,
    counts: data.Counts,
    batch: batching.Batch,
    loop: trainer.RecipeTrainer,
    losses: dict[str, Any],
    seconds: float,
) -> dict[str, Any]:
    """Build the content of ``run.json``; its keys are explained in ``finetune.train``.

    A number that JSON does not have becomes nothing: it must not cost a run that has ended its report.

    Args:
        settings: The whole config.
        counts: What became of the dataset.
        batch: How a step's records were shared out.
        loop: The trainer after its last step.
        losses: The entries ``loss``, ``eval_loss``, ``validation`` and ``best_checkpoint``.
        seconds: Wall time of the training loop.
    """
    import torch

    trainable, total = loop.adapted.get_nb_trainable_parameters()
    plugin = loop.accelerator.state.deepspeed_plugin if loop.is_deepspeed_enabled else None
    made = {
        "format": FORMAT,
        "status": "complete",
        "base_model": settings.model.base,
        "base_fingerprint": fingerprints.fingerprint(settings.model.base),
        "config": settings.model_dump(mode="json"),
        "data": asdict(counts),
        "batch": {**asdict(batch), "records": batch.records},
        "parameters": {"trainable": trainable, "all": total},
        "steps": loop.state.global_step,
        **losses,
        "seconds": round(seconds, 1),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "device": torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu",
        "deepspeed": plugin.deepspeed_config if plugin else None,
        "versions": versions(PACKAGES),
    }
    found: dict[str, Any] = finite(made)
    return found


def versions(packages: Sequence[str]) -> dict[str, str]:
    """Name the versions of Python and of ``packages`` that run here."""
    return {"python": platform.python_version()} | {name: importlib.metadata.version(name) for name in packages}


def summary(
    settings: config.TrainConfig,
    counts: data.Counts | None,
    batch: batching.Batch,
    model: PeftModel,
    steps: int,
    needed: memory.Estimate,
) -> str:
    """Say what is about to happen, in lines for the terminal."""
    trainable, total = model.get_nb_trainable_parameters()
    training = settings.training
    name = f", config {settings.data.config}" if settings.data.config else ""
    rows = {
        "base": f"{settings.model.base}, {settings.model.dtype}" + (", 4 bits" * (settings.model.quantize == "nf4")),
        "adapter": f"{trainable:,} of {total:,} parameters: r {settings.lora.r}, alpha {settings.lora.alpha:g}",
        "data": f"{settings.data.dataset}{name}: "
        + (f"{counts.train:,} records to train, {counts.validation:,} to validate" if counts else "a stream"),
        **({"cut": _cut(counts, settings.data.max_tokens)} if counts else {}),
        "batch": f"{batch.records} {training.unit} = {batch.per_device} x {batch.accumulation} accumulated "
        f"x {batch.processes} processes, {training.batching}",
        "steps": f"{steps:,}{'' if training.max_steps else f' in {training.epochs:g} epochs'}, learning rate {training.learning_rate:g}",
        "memory": f"about {needed}",
    }
    return "\n".join(f"{name:<8} {value}" for name, value in rows.items())


def _cut(counts: data.Counts, max_tokens: int) -> str:
    left_out = f", {counts.without_response:,} have no room for a response and are left out"
    longer = f"{counts.cut:,} of {counts.records:,} records are longer than {max_tokens} tokens"
    return longer + left_out * bool(counts.without_response)


def finite(value: Any) -> Any:
    """Put nothing in place of the numbers in ``value`` that are infinite or none, since JSON has no such numbers."""
    if isinstance(value, dict):
        return {key: finite(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [finite(entry) for entry in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
