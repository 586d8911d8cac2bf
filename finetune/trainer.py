"""transformers' Trainer, with an exact validation loss and checkpoints that say when they are whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import torch
from datasets import Dataset
from peft import PeftModel
from torch.utils.data import DataLoader
from transformers import Trainer, TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from finetune import checkpoints


class RecipeTrainer(Trainer):
    """Trains as the Trainer does; evaluates token by token."""

    @property
    def adapted(self) -> PeftModel:
        """The model with its adapter, without what DeepSpeed wraps around it."""
        return cast(PeftModel, self.accelerator.unwrap_model(self.model))

    def evaluate(
        self,
        eval_dataset: Any = None,
        ignore_keys: list[str] | None = None,
        metric_key_prefix: str = "eval",
    ) -> dict[str, float]:
        """Compute ``{"eval_loss": nats per token}`` over the validation set, each record counted once.

        The Trainer's own figure is a mean over batches, weighted by their rows, with records repeated to even out the
        processes: it would change with the packing and the number of processes.
        """
        model, records = cast(PeftModel, self.model), cast(Dataset, self.eval_dataset)
        share = records.shard(self.args.world_size, self.args.process_index)
        loader: DataLoader[Any] = DataLoader(share, self.args.per_device_eval_batch_size, collate_fn=self.data_collator)
        summed = torch.zeros(2, dtype=torch.float64, device=self.args.device)
        model.eval()
        with torch.inference_mode(), self.compute_loss_context_manager():
            for batch in loader:
                batch = self._prepare_inputs(batch)
                tokens = (batch["labels"][:, 1:] != -100).sum()
                if tokens:
                    summed += torch.stack([model(**batch).loss.double() * tokens, tokens])
        loss, tokens = self.accelerator.reduce(summed)
        metrics = {f"{metric_key_prefix}_loss": (loss / tokens).item()}
        self.log(metrics)
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics


class MarkComplete(TrainerCallback):
    """Marks each checkpoint once every process has written its part."""

    def __init__(self, trainer: Trainer) -> None:
        """``trainer`` knows the other processes."""
        self.trainer = trainer

    def on_save(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Mark the checkpoint of this step, which was written just now."""
        self.trainer.accelerator.wait_for_everyone()
        if state.is_world_process_zero:
            folder = Path(str(args.output_dir)) / f"checkpoint-{state.global_step}"
            checkpoints.mark_complete(folder, args.world_size)
