"""An adapter folder, and the base model it was trained on.

A folder written by PEFT holds ``adapter_config.json`` (with the name of the base model), ``adapter_model.safetensors``
(the trained weights) and, written by our trainer, the tokenizer and the run's config. PyTorch is imported only to load
one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import yaml

from finetune import checkpoints, fingerprints, prompts
from finetune.errors import AdapterError, ModelError

if TYPE_CHECKING:
    from peft import PeftModel
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

CONFIG = "adapter_config.json"
WEIGHTS = "adapter_model.safetensors"
DTYPES = ("float32", "bfloat16")
SHOWN = 3


@dataclass(frozen=True)
class Tuned:
    """A base model with an adapter on it, ready to generate."""

    model: PeftModel
    tokenizer: PreTrainedTokenizerBase
    prompt: prompts.Prompt
    """The prompt that the adapter was trained with."""

    def sides(self) -> Iterator[tuple[str, PreTrainedModel]]:
        """Yield the base model and then the tuned one, each with its name; the weights are the same in memory.

        The adapter is off until the next one is asked for.
        """
        bare: Any = self.model.get_base_model()
        with self.model.disable_adapter():
            yield "base", bare
        yield "tuned", bare


def base_name(folder: Path) -> str:
    """Tell which base model the adapter in ``folder`` was trained on: a directory, or a name on the Hub.

    Raises:
        AdapterError: ``folder`` holds no adapter, or a damaged one.
    """
    folder = Path(folder)
    missing = [name for name in (CONFIG, WEIGHTS) if not (folder / name).is_file()]
    if missing:
        raise AdapterError(
            f"{folder} is not an adapter folder: {' and '.join(missing)} missing\n"
            "Next step: give the output folder of python -m finetune.train, after the training has ended."
        )
    try:
        name = json.loads((folder / CONFIG).read_text(encoding="utf-8"))["base_model_name_or_path"]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise _damaged(folder, f"{CONFIG} cannot be read: {error!r}") from error
    if not isinstance(name, str):
        raise _damaged(folder, f"{CONFIG} names no base model")
    return name


def prompt_kind(folder: Path) -> prompts.Kind:
    """Tell which prompt the adapter in ``folder`` was trained with; Alpaca's where no config lies beside it.

    Raises:
        AdapterError: The config is damaged.
    """
    try:
        settings = yaml.safe_load((Path(folder) / checkpoints.CONFIG).read_text(encoding="utf-8"))
        kind: prompts.Kind = settings["data"]["prompt"]
    except FileNotFoundError:
        return "alpaca"
    except (OSError, ValueError, TypeError, KeyError, yaml.YAMLError) as error:
        raise _damaged(folder, f"{checkpoints.CONFIG} cannot be read: {error!r}") from error
    if kind not in get_args(prompts.Kind):
        raise _damaged(folder, f"{checkpoints.CONFIG} names the prompt {kind!r}")
    return kind


def load(folder: Path, base: str | None = None, *, dtype: str | None = None) -> Tuned:
    """Load the base model with the adapter of ``folder`` on it. The weights lie on the GPU if there is one.

    Args:
        folder: The adapter's folder.
        base: Where the base model is, if it is not where the adapter remembers it.
        dtype: Type of the weights; nothing keeps the one that the base was saved in.

    Raises:
        AdapterError: The adapter or its base model cannot be used.
    """
    import torch
    from peft import PeftModel
    from safetensors import SafetensorError

    remembered, kind = base_name(folder), prompt_kind(folder)
    base = base or remembered
    model, tokenizer = _load_base(folder, base, dtype)
    try:
        adapted = PeftModel.from_pretrained(model, str(folder))
    except RuntimeError as error:  # torch's list of every tensor whose shape differs
        raise AdapterError(
            f"the adapter {folder} does not fit the base model {base}: it was trained on a model of another shape\n"
            "Next step: say with --base where that model is."
        ) from error
    except (SafetensorError, OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise _damaged(folder, str(error) or repr(error)) from error
    _check_tensors(folder, adapted)
    embeddings: Any = model.get_input_embeddings()
    check_vocabulary(folder, base, embeddings.weight.shape[0], tokenizer)
    check_base(folder, base)
    adapted = adapted.to("cuda" if torch.cuda.is_available() else "cpu").eval()
    try:
        return Tuned(adapted, tokenizer, prompts.Prompt(kind, tokenizer))
    except ModelError as error:
        raise AdapterError(str(error)) from error


def _load_base(folder: Path, base: str, dtype: str | None) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """The bare base model, and the tokenizer of the adapter or else of the base."""
    import torch

    from finetune import models

    try:
        saved = str(models.load_config(base).dtype or torch.float32).removeprefix("torch.")
        model = models.load_base(base, dtype=dtype or saved)
        with_tokenizer = folder if (Path(folder) / "tokenizer_config.json").is_file() else base
        return model, models.load_tokenizer(with_tokenizer)
    except ModelError as error:
        raise unusable_base(folder, error) from error


def unusable_base(folder: Path, error: ModelError) -> AdapterError:
    """Say that the base of the adapter in ``folder`` cannot be used, why, and how to name another place."""
    reason = str(error).partition("\n")[0]
    return AdapterError(
        f"the base of the adapter {folder} cannot be used: {reason}\nNext step: say with --base where the base model is."
    )


def _check_tensors(folder: Path, adapted: PeftModel) -> None:
    """Raise unless the file holds the very tensors that the adapter has: PEFT leaves missing ones as they start."""
    from peft import get_peft_model_state_dict
    from safetensors import safe_open

    untyped: Any = safe_open
    with untyped(Path(folder) / WEIGHTS, framework="pt") as file:
        found = set(file.keys())
    expected = set(get_peft_model_state_dict(adapted, save_embedding_layers=False))
    for what, names in (("lacks", expected - found), ("has besides", found - expected)):
        if names:
            shown = ", ".join(sorted(names)[:SHOWN]) + (", ..." if len(names) > SHOWN else "")
            raise _damaged(folder, f"{WEIGHTS} {what} {len(names)} of {len(expected)} tensors: {shown}")


def check_base(folder: Path, base: str) -> None:
    """Check that the adapter was trained on this very base, as far as its ``run.json`` tells: others fit as well.

    Args:
        folder: The adapter's folder.
        base: The base model, loaded before.

    Raises:
        AdapterError: It was trained on another one.
    """
    try:
        trained_on = json.loads((Path(folder) / checkpoints.RUN).read_text(encoding="utf-8"))["base_fingerprint"]
    except (OSError, ValueError, TypeError, KeyError):  # of a stopped run, of PEFT alone, or from before there was one
        return
    if trained_on and (found := fingerprints.fingerprint(base)) and found != trained_on:
        raise AdapterError(
            f"the adapter {folder} does not fit the base model {base}: it has the shape, but not the weights of the model "
            "that the adapter was trained on\nNext step: say with --base where that model is."
        )


def check_vocabulary(folder: Path, base: str, rows: int, tokenizer: PreTrainedTokenizerBase) -> None:
    """Check that the base has the tokens that the adapter's tokenizer gives: its shape may fit by chance.

    Args:
        folder: The adapter's folder.
        base: The base model.
        rows: Tokens that it has embeddings for.
        tokenizer: The adapter's.

    Raises:
        AdapterError: The tokenizer has more tokens.
    """
    if (tokens := len(tokenizer)) > rows:
        raise AdapterError(
            f"the adapter {folder} does not fit the base model {base}: its tokenizer has {tokens:,} tokens, the base {rows:,}\n"
            "Next step: say with --base where the model is that it was trained on."
        )


def _damaged(folder: Path, reason: str) -> AdapterError:
    return AdapterError(
        f"the adapter {folder} is damaged: {reason}\n"
        "Next step: copy it anew, or give the same training command again to write it from its last checkpoint."
    )
