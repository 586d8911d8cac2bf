"""One YAML file says everything about a training run.

    model:
      base: /models/llama-13b
    data:
      dataset: out/dataset
    training:
      global_batch: 130
      per_device_batch: 65
    output: out/llama-13b

Every key that is left out has the paper's value (arXiv:2305.12720, section 4 and table 2) or, where the paper gives
none, that of its training code or a plain choice; the docstrings below say which. An unknown key is an error.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails

from finetune import prompts, zero
from finetune.batching import Batching
from finetune.errors import ConfigError

ALL_LINEAR = "all-linear"
"""PEFT's word for every linear layer but the output layer."""
LARGEST = 10**9
"""No number of records, tokens or steps is larger; one that is, is a slip."""


UNREADABLE = (
    OSError,
    ValueError,
    LookupError,
    AttributeError,
    TypeError,
    OverflowError,
    RecursionError,
    yaml.YAMLError,
)
"""What reading YAML raises: ValueError for bytes that are not UTF-8 and for days and numbers that cannot be, LookupError
and AttributeError for a yes, no or date that is none, OverflowError for hours, minutes and seconds without end."""


class Section(BaseModel):
    """A group of keys. Values are fixed once loaded; keys that are not named here are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)


class Model(Section):
    """The base model and how it lies in memory."""

    base: str = Field(min_length=1)
    """A directory with a model in the Hugging Face layout, or a name on the Hub."""
    dtype: Literal["float32", "bfloat16"] = "bfloat16"
    """The type that the base's weights are held in and computed with."""
    attention: Literal["sdpa", "sdpa_varlen", "eager", "flash_attention_2", "flash_attention_3"] = "sdpa"
    """transformers' ``attn_implementation``; the flash ones need the flash-attn package and a GPU. ``sdpa_varlen``
    calls PyTorch's attention for each packed record: on a CPU the fastest (``finetune/varlen.py``)."""
    quantize: Literal["none", "nf4"] = "none"
    """``nf4`` holds the base in 4 bits (QLoRA, arXiv:2305.14314); needs bitsandbytes."""
    gradient_checkpointing: bool = False
    """Recompute each layer in the backward pass: about a third more time, far less memory."""
    liger: bool = False
    """Liger's fused kernels, patched in by transformers' ``use_liger_kernel``: the same sums in less memory and time.
    Needs a GPU and the package liger-kernel."""
    compile: bool = False
    """Compile the model with torch.compile, which takes a minute or more at the start; needs a C++ compiler."""


class Lora(Section):
    """The adapter (arXiv:2106.09685)."""

    r: int = Field(default=4, ge=1, le=4096)
    """Rank of the two matrices."""
    alpha: float = Field(default=16, gt=0)
    """The update is scaled by ``alpha / r``."""
    dropout: float = Field(default=0.05, ge=0, lt=1)
    """Share of the adapter's inputs set to zero in training."""
    target_modules: tuple[str, ...] = Field(default=("q_proj", "v_proj"), min_length=1)
    """Names of the linear layers that get an adapter; ``all-linear`` means all but the output layer."""

    @field_validator("target_modules", mode="before")
    @classmethod
    def _one_word(cls, value: Any) -> Any:
        return (value,) if value == ALL_LINEAR else value

    init: Literal["default", "gaussian", "orthogonal", "olora", "pissa"] = "default"
    """How the two matrices start, in PEFT's words: ``default`` and ``gaussian`` leave the base as it is until the first
    step; ``orthogonal`` too, and needs an even ``r``; ``pissa`` (arXiv:2404.02948) and ``olora`` (arXiv:2406.01775) start
    from the largest parts of the base's weights, and need ``dropout: 0``. Their adapter is saved as plain LoRA of rank
    ``2 r``."""
    rslora: bool = False
    """Scale by ``alpha / sqrt(r)`` instead (arXiv:2312.03732)."""
    plus_ratio: float | None = Field(default=None, ge=1, le=10_000)
    """LoRA+ (arXiv:2402.12354): the learning rate of the second matrix over that of the first; nothing is plain LoRA."""
    dora: bool = False
    """Train magnitude and direction of each weight apart (DoRA, arXiv:2402.09353)."""

    @property
    def changes_base(self) -> bool:
        """Whether the base's weights are changed before the first step."""
        return self.init in ("olora", "pissa")

    @model_validator(mode="after")
    def _starts(self) -> Lora:
        if self.init == "orthogonal" and self.r % 2:
            raise ValueError("init: orthogonal needs an even r")
        if self.changes_base and self.dropout:
            raise ValueError(f"init: {self.init} needs dropout: 0, which else drops parts of the base itself")
        if self.changes_base and self.dora:
            raise ValueError(f"init: {self.init} does not go with dora, whose adapter cannot become plain LoRA")
        return self


class Share(Section):
    """How much of one config goes into a mixture: one of the two keys."""

    records: int | None = Field(default=None, ge=1, le=LARGEST)
    """So many records."""
    weight: float | None = Field(default=None, gt=0)
    """A part of what ``data.limit`` leaves, in proportion to the other weights."""

    @model_validator(mode="after")
    def _one_of_them(self) -> Share:
        if (self.records is None) == (self.weight is None):
            raise ValueError("give either records or weight")
        return self


class Data(Section):
    """The records and how they become tokens."""

    dataset: str = Field(min_length=1)
    """A directory made by ``python -m builders build``, a JSON Lines file, or a name on the Hub."""
    config: str | None = None
    """Which config of the dataset; nothing means its default one. JSON Lines files have none."""
    streaming: bool = False
    """Read the records while the training runs, for a dataset larger than the disk; see ``finetune/streaming.py``."""
    mixture: dict[str, Share] | None = Field(default=None, min_length=1)
    """Several configs instead of one, such as ``{jsquad: {records: 1000}, alpaca-ja: {weight: 1}}``."""
    limit: int | None = Field(default=None, ge=1, le=LARGEST)
    """Most records to use, drawn at random; validation records are among them."""
    prompt: prompts.Kind = "alpaca"
    """The paper's prompt, or the chat template of the base's tokenizer."""
    max_tokens: int = Field(default=256, ge=8, le=2**20)
    """Longer records are cut here, and then end without EOS."""
    train_on_inputs: bool = True
    """Whether the prompt counts in the loss, as in the paper's code; ``false`` counts the response only."""
    validation: int = Field(default=2000, ge=0, le=LARGEST)
    """Records kept out of training and evaluated on; 0 keeps none. 2,000 in the paper's code."""
    split: Literal["pair", "record"] = "pair"
    """``pair`` keeps records together that were made from one raw row or hold the same two texts, so that no
    validation record has its mirror in training; ``record`` draws single records, as the paper's code does."""
    workers: int | None = Field(default=None, ge=1, le=1024)
    """Processes that tokenise; nothing means one per core."""

    @model_validator(mode="after")
    def _streams(self) -> Data:
        needs_all = {"mixture": self.mixture, "limit": self.limit, "split: record": self.split == "record"}
        if self.streaming and (asked := [name for name, value in needs_all.items() if value]):
            raise ValueError(f"streaming does not go with {asked[0]}, which needs the whole dataset first")
        return self

    @model_validator(mode="after")
    def _mixture_fits(self) -> Data:
        if self.mixture is None:
            return self
        if self.config is not None:
            raise ValueError("give either config or mixture")
        weighted = any(share.weight for share in self.mixture.values())
        fixed = sum(share.records or 0 for share in self.mixture.values())
        if weighted and (self.limit is None or self.limit <= fixed):
            raise ValueError("weights in a mixture need a limit above the numbers of records in it")
        if not weighted and self.limit is not None:
            raise ValueError("a mixture of numbers of records needs no limit")
        return self


class Training(Section):
    """The optimisation: AdamW, gradient norms clipped at 1."""

    epochs: float = Field(default=1, gt=0, le=10_000)
    """Passes over the training records."""
    max_steps: int | None = Field(default=None, ge=1, le=LARGEST)
    """Steps to train, whatever ``epochs`` says; a stream that does not say how many records it has needs it."""
    learning_rate: float = Field(default=3e-4, gt=0)
    """At the top of the schedule."""
    warmup_steps: int = Field(default=0, ge=0, le=LARGEST)
    """Steps in which the learning rate rises. The paper says nothing of a warm-up."""
    warmup_share: float = Field(default=0, ge=0, lt=1)
    """The same as a share of all steps."""
    schedule: Literal["linear", "cosine", "constant"] = "linear"
    """How the learning rate falls to 0 afterwards, or that it does not."""
    neftune_alpha: float | None = Field(default=None, gt=0, le=1000)
    """Noise on the embeddings in training (NEFTune, arXiv:2310.05914; 5 there), weaker for longer records, packed or
    not; nothing trains without."""
    keep_best: bool = False
    """Whether the adapter of the lowest validation loss is the result, and not that of the last step."""
    report_to: tuple[Literal["tensorboard", "trackio", "wandb"], ...] = ("tensorboard",)
    """Where the curves go while a training runs."""
    global_batch: int = Field(default=130, ge=1, le=10**6)
    """Records a step, over all processes; comes out exactly, packed or not. With ``batching: rows``, rows a step."""
    per_device_batch: int = Field(default=65, ge=1, le=10**6)
    """Records (or rows) that one process takes at once; the rest of the global batch is accumulated."""
    processes: int | None = Field(default=None, ge=1, le=10**6)
    """Refuse to start with another number of processes. Nothing takes any number that gives the global batch."""
    batching: Batching = "packed"
    """``packed``: short records side by side in rows of ``max_tokens``, as few rows as the records at once need.
    ``dynamic``, ``padded``: a row each, as wide as the longest or as ``max_tokens``. ``rows``: records fill rows before
    the training starts, and a step counts rows instead of records: its budget is ``global_batch`` x ``max_tokens``
    tokens, however long the records are."""
    deepspeed: str | None = "zero2.json"
    """DeepSpeed's config, beside this YAML file: ``zero3.json`` shares out the base's weights too, for a base that no
    GPU holds alone; nothing trains without DeepSpeed."""
    seed: int = Field(default=42, ge=0, lt=2**32)
    """Of the validation split, the adapter's start, the order of the records, and dropout."""
    log_every: int = Field(default=10, ge=1, le=LARGEST)
    """Steps between two lines in the terminal."""
    evaluate_every: int = Field(default=1000, ge=1, le=LARGEST)
    """Steps between two evaluations; there is always one at the end."""
    save_every: int = Field(default=1000, ge=1, le=LARGEST)
    """Steps between two checkpoints."""
    keep_checkpoints: int = Field(default=2, ge=2, le=LARGEST)
    """Newest checkpoints kept: two, so that one is whole while the other is being written."""

    @property
    def unit(self) -> str:
        """What a batch counts: records, or rows of records."""
        return "rows" if self.batching == "rows" else "records"

    @property
    def zero_stage(self) -> int:
        """The stage of ZeRO that DeepSpeed's config asks for; 0 without DeepSpeed."""
        return zero.stage(self.deepspeed) if self.deepspeed else 0

    @model_validator(mode="after")
    def _fits(self) -> Training:
        if self.warmup_steps and self.warmup_share:
            raise ValueError("give either warmup_steps or warmup_share")
        if self.keep_best and self.save_every % self.evaluate_every:
            raise ValueError("keep_best needs a save_every that is a multiple of evaluate_every")
        return self


class TrainConfig(Section):
    """A whole run."""

    model: Model
    lora: Lora = Lora()
    data: Data
    training: Training = Training()
    output: str = Field(min_length=1)
    """Folder for the adapter, the checkpoints, the loss curve and ``run.json``."""

    @model_validator(mode="after")
    def _goes_together(self) -> TrainConfig:
        if self.lora.changes_base and self.model.quantize != "none":
            raise ValueError(f"lora.init: {self.lora.init} changes the base's weights: set model.quantize: none")
        if self.model.attention == "sdpa_varlen" and self.training.batching not in ("packed", "rows"):
            raise ValueError("model.attention: sdpa_varlen needs training.batching: packed or rows")
        if self.training.keep_best and not self.data.validation:
            raise ValueError("training.keep_best needs validation records: data.validation is 0")
        return self


def load(path: Path | str, changes: Sequence[str] = ()) -> TrainConfig:
    """Read a YAML config.

    Args:
        path: The file.
        changes: Single keys to change, such as ``"training.epochs=2"``.

    Returns:
        The config. ``training.deepspeed`` is the path of the file beside ``path``; other paths stay as written,
        relative to the working directory.

    Raises:
        ConfigError: Keys are unknown, missing or wrong; the message has one line for each.
    """
    path = Path(path)
    values = _read(path)
    for change in changes:
        _apply(values, change)
    try:
        config = TrainConfig.model_validate(values)
    except ValidationError as error:
        lines = "\n".join(f"  {_explain(detail)}" for detail in error.errors())
        raise ConfigError(f"{path} cannot be used:\n{lines}\nNext step: correct these keys.") from None
    except RecursionError:
        raise ConfigError(f"{path} cannot be used: a value in it holds itself\nNext step: write it out.") from None
    if config.training.deepspeed is None:
        return config
    deepspeed = path.parent / config.training.deepspeed
    if problem := zero.problem(deepspeed):
        raise ConfigError(
            f"{path} cannot be used:\n  training.deepspeed: {problem}\n"
            "Next step: copy zero2.json beside the config, or set training.deepspeed: null to train without DeepSpeed."
        )
    training = config.training.model_copy(update={"deepspeed": str(deepspeed)})
    config = config.model_copy(update={"training": training})
    if training.zero_stage == zero.SHARED_WEIGHTS and (problem := _zero_3_problem(config)):
        raise ConfigError(
            f"{path} cannot be used:\n  training.deepspeed: {problem}\nNext step: take zero2.json, or not that."
        )
    return config


def _zero_3_problem(run: TrainConfig) -> str | None:
    """Say what in ``run`` needs weights whole that ZeRO-3 shares out, if anything does."""
    needs_them = {
        f"lora.init: {run.lora.init} (it is computed from whole weights)": run.lora.changes_base,
        "model.quantize: nf4 (bitsandbytes packs whole matrices)": run.model.quantize == "nf4",
        "lora.plus_ratio (PEFT tells the two matrices by their shapes)": run.lora.plus_ratio is not None,
    }
    return next((f"ZeRO-3 does not go with {what}" for what, asked in needs_them.items() if asked), None)


def _read(path: Path) -> dict[str, Any]:
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(
            f"there is no config file {path}\nNext step: start from finetune/configs/llama-13b.yaml or tiny.yaml."
        ) from None
    except UNREADABLE as error:
        raise ConfigError(f"{path} cannot be read: {error}\nNext step: see finetune/configs/ for the form.") from error
    if not isinstance(values, dict):
        raise ConfigError(f"{path} holds no keys\nNext step: see finetune/configs/ for the form.")
    return values


def _apply(values: dict[str, Any], change: str) -> None:
    """Set one dotted key in place; the value is YAML, so that ``3e-4``, ``false`` and ``[q_proj, v_proj]`` work."""
    key, equals, value = change.partition("=")
    *sections, last = key.split(".")
    for section in sections:
        values = values.setdefault(section, {}) if isinstance(values, dict) else values
    if not equals or not isinstance(values, dict):
        raise ConfigError(f"--set {change} is not understood\nNext step: write it as --set training.epochs=2.")
    try:
        values[last] = yaml.safe_load(value)
    except UNREADABLE as error:
        raise ConfigError(
            f"--set {change} is not understood: {error}\nNext step: write it as --set training.epochs=2."
        ) from error


def _explain(detail: ErrorDetails) -> str:
    """One line for a person from one of pydantic's error details."""
    key = ".".join(str(part) for part in detail["loc"])
    match detail["type"]:
        case "extra_forbidden":
            return f"{key}: unknown key{_suggest(key)}"
        case "missing":
            return f"{key}: missing"
        case "value_error":
            return f"{key}: {detail['ctx']['error']}".removeprefix(": ")
        case _:
            reason = detail["msg"][0].lower() + detail["msg"][1:]
            return f"{key}: {detail['input']!r}: {reason}"


def _suggest(key: str) -> str:
    """The nearest key there is, by its last name in any section, so that a misplaced key finds its section."""
    known = {name.rpartition(".")[2]: name for name in _keys(TrainConfig)}
    section, _, last = key.rpartition(".")
    if near := difflib.get_close_matches(last, known, n=1):
        return f"; did you mean {known[near[0]]}?"
    beside = [name.rpartition(".")[2] for name in known.values() if name.rpartition(".")[0] == section]
    return f"; there are {', '.join(beside)}"


def _keys(section: type[Section], prefix: str = "") -> Iterator[str]:
    """Every key with dots, a section's own name before those in it."""
    for name, field in section.model_fields.items():
        yield f"{prefix}{name}"
        if isinstance(field.annotation, type) and issubclass(field.annotation, Section):
            yield from _keys(field.annotation, f"{prefix}{name}.")
