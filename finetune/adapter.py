"""An adapter folder, and the base model it was trained on.

A folder written by PEFT holds ``adapter_config.json`` (with the name of the base model), ``adapter_model.safetensors``
(the trained weights) and, written by our trainer, the tokenizer.
"""

from __future__ import annotations

from pathlib import Path

import torch
from peft import PeftConfig, PeftModel
from transformers import PreTrainedTokenizerBase

from finetune import models
from finetune.errors import FinetuneError, ModelError

CONFIG = "adapter_config.json"
WEIGHTS = "adapter_model.safetensors"


class AdapterError(FinetuneError):
    """An adapter folder, or the base model it names, that cannot be used."""


def base_name(folder: Path) -> str:
    """The base model that the adapter in ``folder`` was trained on: a directory, or a name on the Hub."""
    folder = Path(folder)
    missing = [name for name in (CONFIG, WEIGHTS) if not (folder / name).is_file()]
    if missing:
        raise AdapterError(
            f"{folder} is not an adapter folder: {' and '.join(missing)} missing\n"
            "Next step: give the output folder of python -m finetune.train, after the training has ended."
        )
    return PeftConfig.from_pretrained(folder).base_model_name_or_path


def load(folder: Path, base: str | None = None) -> tuple[PeftModel, PreTrainedTokenizerBase]:
    """The base model with the adapter of ``folder`` on it, and its tokenizer, ready to generate.

    ``base`` overrides the base model's place that the adapter remembers. The weights keep the type they were saved in
    and lie on the GPU if there is one. Raises ``AdapterError`` if either cannot be used.
    """
    remembered = base_name(folder)
    base = base or remembered
    try:
        dtype = models.load_config(base).dtype or torch.float32
        model = models.load_base(base, dtype=str(dtype).removeprefix("torch."))
        with_tokenizer = folder if (Path(folder) / "tokenizer_config.json").is_file() else base
        tokenizer = models.load_tokenizer(with_tokenizer)
    except ModelError as error:
        reason = str(error).partition("\n")[0]
        raise AdapterError(
            f"the base of the adapter {folder} cannot be used: {reason}\nNext step: say with --base where the base model is."
        ) from error
    try:
        model = PeftModel.from_pretrained(model, folder)
    except RuntimeError as error:  # torch's list of every tensor whose shape differs
        raise AdapterError(
            f"the adapter {folder} does not fit the base model {base}: it was trained on a model of another shape\n"
            "Next step: say with --base where that model is."
        ) from error
    return model.to("cuda" if torch.cuda.is_available() else "cpu").eval(), tokenizer
