"""The base model and its tokenizer, checked before anything long starts, and the adapter on top."""

from __future__ import annotations

import os
from pathlib import Path

import torch
from peft import LoraConfig, PeftModel, get_peft_model, prepare_model_for_kbit_training
from safetensors import SafetensorError
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoTokenizer,
    BitsAndBytesConfig,
    LlamaTokenizer,
    PreTrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    set_seed,
)

from finetune import config
from finetune.errors import ModelError


def load_tokenizer(base: str | Path) -> PreTrainedTokenizerBase:
    """The tokenizer of ``base``, which puts BOS in front of every text and knows EOS.

    A directory with only SentencePiece's ``tokenizer.model``, as old LLaMA conversions have, works too;
    ``AutoTokenizer`` would read it without BOS and without the space that LLaMA sees in front of a text. Raises
    ``ModelError``.
    """
    base = _place(base)
    if Path(base).is_dir() and not any(Path(base).glob("tokenizer*")):
        raise ModelError(
            f"{base} holds no tokenizer\nNext step: put tokenizer.json or tokenizer.model of the model in it."
        )
    bare = Path(base, "tokenizer.model").is_file() and not any(Path(base).glob("tokenizer*.json"))
    try:
        tokenizer = (LlamaTokenizer if bare else AutoTokenizer).from_pretrained(base, add_bos_token=True)
    except (OSError, ValueError) as error:
        raise ModelError(
            f"no tokenizer can be loaded from {base}: {_first_line(error)}\n"
            "Next step: give a directory with tokenizer.json or tokenizer.model in it, or a name on the Hub."
        ) from error
    if tokenizer.eos_token_id is None:
        raise ModelError(
            f"the tokenizer of {base} has no EOS token, so a tuned model would never stop\n"
            'Next step: name it in tokenizer_config.json, e.g. "eos_token": "</s>".'
        )
    if tokenizer.bos_token_id is None or tokenizer("a")["input_ids"][:1] != [tokenizer.bos_token_id]:
        raise ModelError(
            f"the tokenizer of {base} puts no BOS token in front of a text, as LLaMA was trained with\n"
            'Next step: name it in tokenizer_config.json, e.g. "bos_token": "<s>".'
        )
    return tokenizer


def load_config(base: str | Path) -> PreTrainedConfig:
    """The shapes of the base model, without its weights. Raises ``ModelError`` if there is no such model."""
    base = _place(base)
    if Path(base).is_dir() and not (Path(base) / "config.json").is_file():
        raise ModelError(
            f"{base} is not a model: config.json is missing\nNext step: give model.base the directory of one."
        )
    try:
        return AutoConfig.from_pretrained(base)
    except (OSError, ValueError) as error:
        raise ModelError(
            f"there is no model {base}: {_first_line(error)}\n"
            "Next step: set model.base to a directory with a model in the Hugging Face layout, or to a name on the Hub."
        ) from error


def load_base(
    base: str | Path,
    *,
    dtype: str = "float32",
    attention: str = "sdpa",
    quantize: str = "none",
) -> PreTrainedModel:
    """The base model's weights in ``dtype``, or in 4 bits for ``quantize="nf4"``. Raises ``ModelError``."""
    load_config(base)
    options = {}
    if quantize == "nf4":
        options = {"quantization_config": four_bits(dtype), "device_map": {"": _device()}}
    try:
        return AutoModelForCausalLM.from_pretrained(
            str(base), dtype=getattr(torch, dtype), attn_implementation=attention, **options
        )
    except (OSError, ValueError, ImportError, SafetensorError) as error:
        raise ModelError(
            f"the model {base} cannot be loaded: {error}\nNext step: correct the section model of the config."
        ) from error


def four_bits(dtype: str) -> BitsAndBytesConfig:
    """QLoRA's form (arXiv:2305.14314): normal-float 4, scales quantised too, computing in ``dtype``."""
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=getattr(torch, dtype),
    )


def add_lora(model: PreTrainedModel, lora: config.Lora, *, seed: int = 42) -> PeftModel:
    """``model`` frozen, with trainable adapters on ``lora.target_modules``; ``seed`` decides where they start from.

    Raises ``ModelError`` if the model has no such modules.
    """
    if getattr(model, "is_loaded_in_4bit", False):
        model = prepare_model_for_kbit_training(model, use_gradient_checkpointing=False)
    set_seed(seed)
    try:
        return get_peft_model(model, lora_config(lora))
    except ValueError as error:
        linear = sorted(
            {name.rpartition(".")[2] for name, module in model.named_modules() if hasattr(module, "in_features")}
        )
        raise ModelError(
            f"no adapter can be put on {', '.join(lora.target_modules)}: {_first_line(error)}\n"
            f"Next step: set lora.target_modules to some of {', '.join(linear)}."
        ) from error


def lora_config(lora: config.Lora) -> LoraConfig:
    """PEFT's form of the section ``lora``."""
    return LoraConfig(
        task_type="CAUSAL_LM",
        r=lora.r,
        lora_alpha=lora.alpha,
        lora_dropout=lora.dropout,
        target_modules=list(lora.target_modules),
        use_rslora=lora.rslora,
        use_dora=lora.dora,
        bias="none",
    )


def trainable_parameters(model: torch.nn.Module) -> int:
    """How many numbers the training changes."""
    return sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)


def _place(base: str | Path) -> str:
    """``base`` as a string, once it is a directory or can be a name on the Hub, which has one slash at most."""
    base = str(base)
    if not Path(base).is_dir() and (Path(base).is_absolute() or base.startswith(".") or base.count("/") > 1):
        raise ModelError(
            f"there is no directory {base}\n"
            "Next step: set model.base to a directory with a model in the Hugging Face layout."
        )
    return base


def _device() -> int | str:
    return int(os.environ.get("LOCAL_RANK", 0)) if torch.cuda.is_available() else "cpu"


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
