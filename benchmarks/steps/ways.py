"""The ways to compute a training step, and all of them at work in turn on one base."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from peft import PeftModel, get_peft_model
from rich.console import Console
from rich.progress import track
from transformers import PreTrainedModel
from transformers.integrations.liger import apply_liger_kernel

from finetune import config, data, models, packing, varlen
from finetune.batching import Batching

Record = dict[str, Any]
Collate = Callable[[Sequence[Record]], Any]


@dataclass(frozen=True)
class Way:
    """How a step is computed."""

    batching: Batching
    all_logits: bool = False
    attention: str | None = None
    """transformers' ``attn_implementation``; nothing takes the config's, but for ``sdpa_varlen``."""
    compiled: bool = False
    liger: bool = False
    packages: tuple[str, ...] = ()
    """What has to be installed for it."""

    def attention_for(self, asked: str) -> str:
        """transformers' ``attn_implementation`` where the config asks for ``asked``."""
        return self.attention or ("sdpa" if asked == varlen.NAME else asked)

    def collator(self, tokenizer: Any, max_tokens: int, asked: str) -> Collate:
        """Make micro-batches as the training does, where the config asks for the attention ``asked``."""
        attention = self.attention_for(asked)
        collate = packing.collator(self.batching, tokenizer, max_tokens=max_tokens, attention=attention)
        if self.all_logits or self.liger:  # Liger makes none
            return collate
        return lambda records: packing.scored_only(collate(records))


WAYS = {
    "padded, all logits": Way("padded", all_logits=True),
    "padded": Way("padded"),
    "dynamic": Way("dynamic"),
    "packed, all logits": Way("packed", all_logits=True),
    "packed": Way("packed"),
    "packed, by record": Way("packed", attention=varlen.NAME),
}
FLASH = "flash_attention_2"
ON_GPU = {
    "packed, compiled": Way("packed", compiled=True),
    "packed, flash": Way("packed", attention=FLASH, packages=("flash_attn",)),
    "packed, Liger": Way("packed", liger=True, packages=("liger_kernel",)),
    "packed, flash, Liger": Way("packed", attention=FLASH, liger=True, packages=("flash_attn", "liger_kernel")),
}


def possible() -> dict[str, Way]:
    """The ways that can be taken here: a GPU has more of them, as far as their packages are installed."""
    if not torch.cuda.is_available():
        return WAYS
    return WAYS | {name: way for name, way in ON_GPU.items() if all(map(importlib.util.find_spec, way.packages))}


@dataclass
class Tally:
    """What one way has done so far."""

    seconds: float = 0.0
    records: int = 0
    tokens: int = 0
    slots: int = 0
    memory: int = 0
    losses: list[float] = field(default_factory=list)
    failed: bool = False
    """Whether the memory was too small for it."""


class Bench:
    """One frozen base with an adapter and an AdamW for each way, all starting alike."""

    def __init__(
        self,
        base: PreTrainedModel,
        tokenizer: Any,
        settings: config.TrainConfig,
        ways: Mapping[str, Way],
        *,
        checkpointing: bool = False,
    ) -> None:
        """Put the adapters on ``base``.

        Args:
            base: The base.
            tokenizer: Says what to pad with.
            settings: The adapter, the attention and the batch.
            ways: By name.
            checkpointing: Whether to recompute each layer in the backward pass.
        """
        varlen.register()
        self.settings, self.tokenizer, self.ways = settings, tokenizer, ways
        self.model = with_adapters(base, settings.lora, list(ways), checkpointing)
        self._optimizers = {}
        for way in ways:
            self.model.set_adapter(way)
            trained = [weight for weight in self.model.parameters() if weight.requires_grad]
            self._optimizers[way] = torch.optim.AdamW(trained, lr=3e-4)
        self._compiled: Any = None

    def apply_liger(self) -> None:
        """Put Liger's kernels into the base, for good: before its ways, and after all others."""
        apply: Any = apply_liger_kernel
        apply(self.model, None)

    def measure(self, ways: Sequence[str], records: Sequence[Record]) -> dict[str, Tally]:
        """Train on ``records`` in ``ways`` in turn; the first step of each is a warm-up and not counted.

        A way whose memory is too small is left out from then on.
        """
        tallies = {way: Tally() for way in ways}
        size = self.settings.training.global_batch
        steps = range(0, len(records), size)
        for first in track(steps, "measuring", console=Console(stderr=True), transient=True):
            for way in ways:
                tally = tallies[way]
                if not tally.failed:
                    self._guarded(way, list(records[first : first + size]), tally)
                if first == 0:
                    tallies[way] = Tally(losses=tally.losses, memory=tally.memory, failed=tally.failed)
        return tallies

    def _guarded(self, way: str, records: Sequence[Record], tally: Tally) -> None:
        on_gpu = self.model.device.type == "cuda"
        if on_gpu:
            torch.cuda.reset_peak_memory_stats()
        try:
            self.step(way, records, tally)
        except torch.OutOfMemoryError:
            tally.failed = True
        if on_gpu:
            tally.memory = max(tally.memory, torch.cuda.max_memory_allocated())
        if tally.failed:
            self._optimizers[way].zero_grad()
            torch.cuda.empty_cache()

    def step(self, way: str, records: Sequence[Record], tally: Tally) -> None:
        """Take one step with ``records`` in one way, counted in ``tally``: what training does in it, and no more."""
        how, asked = self.ways[way], self.settings.model.attention
        self.model.set_adapter(way)
        base: Any = self.model.get_base_model()
        base.set_attn_implementation(how.attention_for(asked))
        collate = how.collator(self.tokenizer, self.settings.data.max_tokens, asked)
        if how.compiled and self._compiled is None:
            self._compiled = torch.compile(self.model)
        model = self._compiled if how.compiled else self.model
        clock = time.process_time if self.model.device.type == "cpu" else time.perf_counter
        start = clock()
        tally.losses.append(self._update(model, way, records, collate, tally))
        tally.seconds += clock() - start
        tally.records += len(records)
        tally.tokens += sum(len(record["input_ids"]) for record in records)

    def _update(self, model: Any, way: str, records: Sequence[Record], collate: Collate, tally: Tally) -> float:
        """Forward, backward and update, in micro-batches; the loss."""
        device, per_device = self.model.device, self.settings.training.per_device_batch
        scored = sum(label != data.IGNORED for record in records for label in record["labels"])
        loss = torch.zeros((), device=device)
        for first in range(0, len(records), per_device):
            made = {**collate(records[first : first + per_device]), "use_cache": False}
            batch = {name: value.to(device) if torch.is_tensor(value) else value for name, value in made.items()}
            part = model(**batch, num_items_in_batch=scored).loss
            part.backward()
            loss += part.detach()
            tally.slots += batch["input_ids"].numel()
        self._optimizers[way].step()
        self._optimizers[way].zero_grad()
        return loss.item()  # waits for the GPU


def with_adapters(base: PreTrainedModel, lora: config.Lora, names: Sequence[str], checkpointing: bool) -> PeftModel:
    """``base``, frozen, with an adapter of each name, all starting alike and in the base's type as DeepSpeed has them."""
    first, *others = names
    settings = models.lora_config(lora.model_copy(update={"dropout": 0.0}))
    model: Any = get_peft_model(base, settings, adapter_name=first)
    for way in others:
        model.add_adapter(way, settings)
    for name, weight in model.named_parameters():
        if f".{first}." in name:
            for way in others:
                model.get_parameter(name.replace(f".{first}.", f".{way}.")).data.copy_(weight)
    if checkpointing:
        model.gradient_checkpointing_enable({"use_reentrant": False})
    tuned: PeftModel = model.to(base.device, base.dtype).train()
    return tuned
