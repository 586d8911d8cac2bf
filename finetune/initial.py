"""Adapters that start from the base's own weights (PiSSA, OLoRA), and end as plain LoRA.

They take their first matrices ``A0`` and ``B0`` out of each weight ``W`` and leave a remainder ``W - s B0 A0`` in its
place, on which the adapter is trained. Whoever loads the adapter later has ``W`` and not the remainder. So the run keeps
``A0`` and ``B0`` in its output folder, goes on with the same remainder after a stop, and saves ``B A - B0 A0`` at the
end: a LoRA of twice the rank for the untouched base (PEFT's ``path_initial_model_for_weight_conversion``).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from peft import PeftModel, set_peft_model_state_dict
from peft.tuners.lora import LoraLayer
from safetensors import SafetensorError
from safetensors.torch import load_file

from finetune import adapter, checkpoints, config, models
from finetune.errors import CheckpointError

FOLDER = checkpoints.START
"""Of the output folder: the adapter as it was before the first step. PEFT takes the name for a second adapter."""


def load(settings: config.TrainConfig) -> PeftModel:
    """Load the base with an adapter, from the beginning or, for a run that was stopped, as it was then.

    The first process calls this before the others do.

    Raises:
        ModelError: The base cannot be loaded, or has no layers of the adapter's names.
        CheckpointError: The first weights of a stopped run are damaged.
    """
    lora, seed = settings.lora, settings.training.seed
    if not lora.changes_base:
        return models.load_with_lora(settings.model, lora, seed=seed)
    start = Path(settings.output) / FOLDER
    if not start.exists():
        with checkpoints.whole_folder(start, CheckpointError) as whole:
            models.load_with_lora(settings.model, lora, seed=seed).save_pretrained(str(whole))
    # The remainder of PEFT's model and one made from the file differ in the last bit: every process takes the latter.
    model = models.load_with_lora(settings.model, lora.model_copy(update={"init": "default"}), seed=seed)
    try:
        set_peft_model_state_dict(model, load_file(start / adapter.WEIGHTS))
    except (OSError, SafetensorError, RuntimeError) as error:
        raise CheckpointError(
            f"{start} is damaged: {str(error).partition(chr(10))[0]}\nNext step: remove {settings.output} and train anew."
        ) from error
    _take_out(model)
    return model


def _take_out(model: PeftModel) -> None:
    """Put the remainder in the place of each adapted weight."""
    for layer in model.modules():
        if isinstance(layer, LoraLayer):
            weight, scale = layer.get_base_layer().weight, layer.scaling["default"]
            taken = scale * layer.lora_B["default"].weight.data @ layer.lora_A["default"].weight.data
            weight.data = (weight.data.to(torch.float32) - taken).to(weight.dtype)


def save_as_plain_lora(model: PeftModel, output: Path, exact: Mapping[str, torch.Tensor] | None = None) -> None:
    """Write the adapter of ``model`` to ``output`` as the LoRA that does the same to the untouched base.

    Args:
        model: The model after its last step; it is of no use afterwards.
        output: The output folder of the run.
        exact: Its trained weights in float32, where the model holds others.
    """
    for name, value in (exact or {}).items():
        model.get_parameter(name).data = value
    model.save_pretrained(str(output), path_initial_model_for_weight_conversion=str(output / FOLDER))
