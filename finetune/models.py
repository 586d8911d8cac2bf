"""The base model and its tokenizer, checked before anything long starts, and the adapter on top."""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PeftModel, get_peft_model, prepare_model_for_kbit_training
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

from finetune import config, quiet, varlen
from finetune.errors import ModelError

INITIAL = {"default": True, "gaussian": "gaussian", "orthogonal": "orthogonal", "olora": "olora"} | {
    "pissa": "pissa_niter_16"  # an SVD in 16 rounds, as its authors do it: seconds for 7B, and hardly less exact
}
"""PEFT's ``init_lora_weights`` by ``lora.init``."""
MOST_LAYERS = 10_000
"""No model has more; building the shapes of a billion would take hours."""


def load_tokenizer(base: str | Path) -> PreTrainedTokenizerBase:
    """Load the tokenizer of ``base``, which keeps its own way with BOS.

    LLaMA was trained with BOS in front of every text, but its old conversions do not say so: one with only
    SentencePiece's ``tokenizer.model``, or without ``add_bos_token`` in its config. These get it.

    Args:
        base: A directory, or a name on the Hub.

    Raises:
        ModelError: There is no tokenizer, or none that can be used.
    """
    base = _place(base)
    if Path(base).is_dir() and not any(Path(base).glob("tokenizer*")):
        raise ModelError(
            f"{base} holds no tokenizer\nNext step: put tokenizer.json or tokenizer.model of the model in it."
        )
    bare = Path(base, "tokenizer.model").is_file() and not any(Path(base).glob("tokenizer*.json"))
    tokenizer = _read_tokenizer(base, LlamaTokenizer, add_bos_token=True) if bare else _read_tokenizer(base)
    if isinstance(tokenizer, LlamaTokenizer) and tokenizer.init_kwargs.get("add_bos_token") is None:
        tokenizer = _read_tokenizer(base, add_bos_token=True)
    if tokenizer.eos_token_id is None:
        raise ModelError(
            f"the tokenizer of {base} has no EOS token, so a tuned model would never stop\n"
            'Next step: name it in tokenizer_config.json, e.g. "eos_token": "</s>".'
        )
    if tokenizer("a")["input_ids"][-1:] == [tokenizer.eos_token_id]:
        raise ModelError(
            f"the tokenizer of {base} puts EOS behind every text, so behind every prompt too\n"
            'Next step: set "add_eos_token": false in tokenizer_config.json.'
        )
    return tokenizer


def _read_tokenizer(base: str, kind: Any = AutoTokenizer, **options: bool) -> PreTrainedTokenizerBase:
    try:
        tokenizer: PreTrainedTokenizerBase = kind.from_pretrained(base, **options)
    except Exception as error:  # the readers of tokenizer.json and tokenizer.model raise bare exceptions
        raise ModelError(
            f"no tokenizer can be loaded from {base}: {_first_line(error)}\n"
            "Next step: give a directory with tokenizer.json or tokenizer.model in it, or a name on the Hub."
        ) from error
    if not tokenizer.is_fast:
        raise ModelError(
            f"the tokenizer of {base} is of the slow kind, which cannot say where a token stands in the text\n"
            "Next step: convert it to a tokenizer.json."
        )
    return tokenizer


def check_kernels(model: config.Model) -> None:
    """Check that the kernels that the section ``model`` asks for can run here.

    Raises:
        ModelError: They cannot.
    """
    if model.liger and not torch.cuda.is_available():
        raise ModelError(
            "model.liger: Liger's kernels are Triton programs, which run on a GPU alone, and PyTorch finds none here\n"
            "Next step: set model.liger: false."
        )
    if model.liger and not importlib.util.find_spec("liger_kernel"):
        raise ModelError("model.liger: liger-kernel is not installed\nNext step: pip install -r requirements-gpu.txt.")
    if model.compile and not torch.cuda.is_available() and not shutil.which(os.environ.get("CXX", "g++")):
        raise ModelError(
            "model.compile: there is no C++ compiler here, and torch.compile writes C++ for a CPU\n"
            "Next step: install g++ or name another in CXX, or set model.compile: false."
        )


def load_config(base: str | Path) -> PreTrainedConfig:
    """Read the shapes of the base model, without its weights.

    Args:
        base: A directory, or a name on the Hub.

    Raises:
        ModelError: There is no such model.
    """
    base = _place(base)
    if Path(base).is_dir() and not (Path(base) / "config.json").is_file():
        raise ModelError(
            f"{base} is not a model: config.json is missing\nNext step: give model.base the directory of one."
        )
    try:
        shapes: PreTrainedConfig = AutoConfig.from_pretrained(base)
    except Exception as error:  # a value of another type raises what its model's config makes of it
        if Path(base).is_dir():
            raise ModelError(
                f"config.json of {base} cannot be used: {' '.join(str(error).split())}\nNext step: correct it."
            ) from error
        raise ModelError(
            f"there is no model {base}: {_first_line(error)}\n"
            "Next step: set model.base to a directory with a model in the Hugging Face layout, or to a name on the Hub."
        ) from error
    if (layers := getattr(shapes.get_text_config(), "num_hidden_layers", 0)) > MOST_LAYERS:
        raise ModelError(f"config.json of {base} asks for {layers:,} layers\nNext step: correct it.")
    return shapes


def load_base(
    base: str | Path,
    *,
    dtype: str = "float32",
    attention: str = "sdpa",
    quantize: str = "none",
) -> PreTrainedModel:
    """Load the base model's weights.

    Args:
        base: A directory, or a name on the Hub.
        dtype: Type of the weights, and of what is computed with them.
        attention: transformers' ``attn_implementation``.
        quantize: ``nf4`` holds the linear layers in 4 bits.

    Raises:
        ModelError: There is no such model, or it cannot be loaded.
    """
    shapes = load_config(base)
    varlen.register()
    options: dict[str, Any] = {}
    if quantize == "nf4" or hasattr(shapes, "quantization_config"):
        quiet.show_bitsandbytes()
    if quantize == "nf4":
        options = {"quantization_config": four_bits(dtype), "device_map": {"": _device()}}
    try:
        untyped: Any = AutoModelForCausalLM
        model: PreTrainedModel
        loaded: dict[str, Any]
        model, loaded = untyped.from_pretrained(
            str(base),
            dtype=getattr(torch, dtype),
            attn_implementation=attention,
            output_loading_info=True,
            ignore_mismatched_sizes=True,  # they are named below
            **options,
        )
    except Exception as error:  # each file format and attention raises errors of its own
        raise ModelError(
            f"the model {base} cannot be loaded: {error}\nNext step: correct the section model of the config."
        ) from error
    # transformers fills what the file lacks with random numbers.
    if unfit := sorted({*loaded["missing_keys"], *(mismatched[0] for mismatched in loaded["mismatched_keys"])}):
        raise ModelError(
            f"the weights of {base} do not fit its config.json: {unfit[0]} and {len(unfit) - 1} more tensors are missing "
            "or of another shape\nNext step: give the model's own config.json."
        )
    _keep_gradients(model)
    return model


def load_with_lora(model: config.Model, lora: config.Lora, *, seed: int = 42) -> PeftModel:
    """Load the base that the section ``model`` names, with the adapter of the section ``lora`` on it.

    Args:
        model: The base and how it lies in memory.
        lora: The adapter.
        seed: Where the adapter starts from.

    Raises:
        ModelError: The base cannot be loaded, or has no layers of the adapter's names.
    """
    base = load_base(model.base, dtype=model.dtype, attention=model.attention, quantize=model.quantize)
    return add_lora(base, lora, seed=seed)


def _keep_gradients(model: PreTrainedModel) -> None:
    """Keep bitsandbytes from packing weights in 4 bits for its kernel for processors with AVX-512 BF16.

    It packs them for good as soon as a model is evaluated, and no gradient passes through the kernel; it also refuses
    layers whose sides are not multiples of 32.
    """
    layers: Any = model.modules()
    for module in layers:
        if hasattr(module, "support_avx512bf16_for_cpu"):
            module.support_avx512bf16_for_cpu = False


def four_bits(dtype: str) -> BitsAndBytesConfig:
    """Describe QLoRA's form (arXiv:2305.14314): normal-float 4, scales quantised too, computing in ``dtype``."""
    untyped: Any = BitsAndBytesConfig
    made: BitsAndBytesConfig = untyped(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=getattr(torch, dtype),
    )
    return made


def add_lora(model: PreTrainedModel, lora: config.Lora, *, seed: int = 42) -> PeftModel:
    """Freeze ``model`` and put trainable adapters on its layers ``lora.target_modules``.

    Args:
        model: The base; it is changed.
        lora: The adapter.
        seed: Where the adapter starts from.

    Raises:
        ModelError: The model has no such layers.
    """
    if getattr(model, "is_loaded_in_4bit", False):
        prepare: Any = prepare_model_for_kbit_training
        model = prepare(model, use_gradient_checkpointing=False)
    set_seed(seed)
    try:
        adapted = get_peft_model(model, lora_config(lora))
    except ValueError as error:
        linear = sorted(
            {name.rpartition(".")[2] for name, module in model.named_modules() if hasattr(module, "in_features")}
        )
        raise ModelError(
            f"no adapter can be put on {', '.join(lora.target_modules)}: {_first_line(error)}\n"
            f"Next step: set lora.target_modules to some of {', '.join(linear)}."
        ) from error
    assert isinstance(adapted, PeftModel)
    return adapted


def lora_config(lora: config.Lora) -> LoraConfig:
    """Say the section ``lora`` in PEFT's words."""
    untyped: Any = LoraConfig  # which takes a fraction for lora_alpha too
    made: LoraConfig = untyped(
        task_type="CAUSAL_LM",
        r=lora.r,
        lora_alpha=lora.alpha,
        lora_dropout=lora.dropout,
        target_modules=config.ALL_LINEAR if config.ALL_LINEAR in lora.target_modules else list(lora.target_modules),
        init_lora_weights=INITIAL[lora.init],
        use_rslora=lora.rslora,
        use_dora=lora.dora,
        bias="none",
    )
    return made


def trainable_parameters(model: torch.nn.Module) -> int:
    """Count the numbers that the training changes."""
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
