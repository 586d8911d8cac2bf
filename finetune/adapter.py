"""An adapter folder, and the base model it was trained on.

A folder written by PEFT holds ``adapter_config.json`` (with the name of the base model), ``adapter_model.safetensors``
(the trained weights) and, written by our trainer, the tokenizer. PyTorch is imported only to load one.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from finetune.errors import AdapterError, ModelError

if TYPE_CHECKING:
    from peft import PeftModel
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

CONFIG = "adapter_config.json"
WEIGHTS = "adapter_model.safetensors"


def base_name(folder: Path) -> str:
    """Tell which base model the adapter in ``folder`` was trained on: a directory, or a name on the Hub.

    Raises:
        AdapterError: ``folder`` holds no adapter.
    """
    folder = Path(folder)
    missing = [name for name in (CONFIG, WEIGHTS) if not (folder / name).is_file()]
    if missing:
        raise AdapterError(
            f"{folder} is not an adapter folder: {' and '.join(missing)} missing\n"
            "Next step: give the output folder of python -m finetune.train, after the training has ended."
        )
    settings: dict[str, Any] = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    return str(settings["base_model_name_or_path"])


def load(folder: Path, base: str | None = None) -> tuple[PeftModel, PreTrainedTokenizerBase]:
    """Load the base model with the adapter of ``folder`` on it, ready to generate.

    The weights keep the type they were saved in and lie on the GPU if there is one.

    Args:
        folder: The adapter's folder.
        base: Where the base model is, if it is not where the adapter remembers it.

    Returns:
        The model and its tokenizer.

    Raises:
        AdapterError: The adapter or its base model cannot be used.
    """
    import torch
    from peft import PeftModel

    base = base or base_name(folder)
    model, tokenizer = _load_base(folder, base)
    try:
        adapted = PeftModel.from_pretrained(model, str(folder))
    except RuntimeError as error:  # torch's list of every tensor whose shape differs
        raise AdapterError(
            f"the adapter {folder} does not fit the base model {base}: it was trained on a model of another shape\n"
            "Next step: say with --base where that model is."
        ) from error
    return adapted.to("cuda" if torch.cuda.is_available() else "cpu").eval(), tokenizer


def _load_base(folder: Path, base: str) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """The bare base model, and the tokenizer of the adapter or else of the base."""
    import torch

    from finetune import models

    try:
        dtype = models.load_config(base).dtype or torch.float32
        model = models.load_base(base, dtype=str(dtype).removeprefix("torch."))
        with_tokenizer = folder if (Path(folder) / "tokenizer_config.json").is_file() else base
        return model, models.load_tokenizer(with_tokenizer)
    except ModelError as error:
        reason = str(error).partition("\n")[0]
        raise AdapterError(
            f"the base of the adapter {folder} cannot be used: {reason}\nNext step: say with --base where the base model is."
        ) from error
