"""transformers' Trainer, with an exact validation loss and checkpoints that say when they are whole."""

from __future__ import annotations

from pathlib import Path

import torch
from torch.utils.data import DataLoader
from transformers import Trainer, TrainerCallback

from finetune import checkpoints


class RecipeTrainer(Trainer):
    """Trains as the Trainer does; evaluates token by token."""

    def evaluate(self, eval_dataset=None, ignore_keys=None, metric_key_prefix="eval") -> dict[str, float]:
        """``{"eval_loss": nats per token}`` over the validation set, each record counted once.

        The Trainer's own figure is a mean over batches, weighted by their rows, with records repeated to even out the
        processes: it would change with the packing and the number of processes.
        """
        share = self.eval_dataset.shard(self.args.world_size, self.args.process_index)
        loader = DataLoader(share, self.args.per_device_eval_batch_size, collate_fn=self.data_collator)
        summed = torch.zeros(2, dtype=torch.float64, device=self.args.device)
        self.model.eval()
        with torch.inference_mode(), self.compute_loss_context_manager():
            for batch in loader:
                batch = self._prepare_inputs(batch)
                tokens = (batch["labels"][:, 1:] != -100).sum()
                if tokens:
                    summed += torch.stack([self.model(**batch).loss.double() * tokens, tokens])
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

    def on_save(self, args, state, control, **_):
        """Called after the checkpoint of this step was written."""
        self.trainer.accelerator.wait_for_everyone()
        if state.is_world_process_zero:
            folder = Path(args.output_dir) / f"checkpoint-{state.global_step}"
            checkpoints.mark_complete(folder, args.world_size)
