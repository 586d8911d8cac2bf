"""transformers' Trainer, with an exact validation loss and checkpoints that say when they are whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import torch
from datasets import Dataset
from peft import PeftModel
from peft.optimizers import create_loraplus_optimizer
from torch.utils.data import DataLoader
from transformers import Trainer, TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from finetune import checkpoints, initial, validation
from finetune.neftune import Noise
from finetune.packing import Collator, scored_only
from finetune.streaming import Stream


class RecipeTrainer(Trainer):
    """Trains as the Trainer does; evaluates token by token."""

    validated: tuple[int, validation.Losses] | None = None
    """Step and losses of the last evaluation of this process."""
    collate_validation: Collator
    """Makes a batch of validation records."""
    changed_base: bool = False
    """Whether the adapter is trained on a changed base and has to be converted when it is saved (``initial``)."""
    plus_ratio: float | None = None
    """LoRA+: the learning rate of the second matrix over that of the first."""
    noise: Noise | None = None
    """NEFTune's, where the run has it."""

    def create_optimizer(self, model: Any = None) -> torch.optim.Optimizer:
        """Make AdamW, for LoRA+ with a higher learning rate for the second matrix.

        The Trainer drops an optimizer that it is given once DeepSpeed is on; it asks here.
        """
        if self.plus_ratio is None:
            return super().create_optimizer(model)
        if self.optimizer is None:
            untyped: Any = create_loraplus_optimizer
            options = {"lr": self.args.learning_rate, "loraplus_lr_ratio": self.plus_ratio}
            self.optimizer = untyped(self.adapted, torch.optim.AdamW, weight_decay=0.0, **options)
        return cast(torch.optim.Optimizer, self.optimizer)

    def get_train_dataloader(self) -> DataLoader[Any]:
        """Make the loader; a stream, which gives each process its own records, is not shared out a second time."""
        if not isinstance(self.train_dataset, Stream):
            return super().get_train_dataloader()
        return DataLoader(self.train_dataset, self._train_batch_size, collate_fn=self.data_collator)

    def compute_loss(self, model: Any, inputs: dict[str, Any], *arguments: Any, **options: Any) -> Any:
        """Compute the loss as the Trainer does, without the logits that no label needs.

        Liger makes no logits at all while it trains, and its forwards take no mask of positions.
        """
        if self.noise:
            self.noise.expect(inputs)
        asked = inputs if self.args.use_liger_kernel else scored_only(inputs)
        return super().compute_loss(model, asked, *arguments, **options)

    @property
    def best_checkpoint(self) -> str | None:
        """Name of the checkpoint with the lowest validation loss, if that is the result."""
        best = self.state.best_model_checkpoint if self.args.load_best_model_at_end else None
        return Path(best).name if best else None

    @property
    def adapted(self) -> PeftModel:
        """The model with its adapter, without what DeepSpeed wraps around it."""
        return cast(PeftModel, self.accelerator.unwrap_model(self.model))

    def evaluate(
        self, eval_dataset: Any = None, ignore_keys: list[str] | None = None, metric_key_prefix: str = validation.PREFIX
    ) -> dict[str, float]:
        """Measure the validation set.

        Returns:
            ``eval_loss`` and ``eval_response_loss``, in nats per token.
        """
        model = cast(Any, self.model)
        model.eval()
        with torch.no_grad(), self.compute_loss_context_manager():  # ZeRO-3 trains on with what it gathers here
            losses = validation.measure(
                model,
                cast(Dataset, self.eval_dataset),
                self.collate_validation,
                per_batch=self.args.per_device_eval_batch_size,
                share=(self.args.process_index, self.args.world_size),
                prepare=self._prepare_inputs,
                reduce=self.accelerator.reduce,
                all_logits=self.args.use_liger_kernel,
            )
        self.validated = self.state.global_step, losses
        metrics = losses.metrics()
        self.log(metrics)
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics

    def final_losses(self) -> validation.Losses | None:
        """The losses after the last step, measured unless they just were; nothing without a validation set."""
        if self.eval_dataset is None:
            return None
        # The best adapter has taken the last one's place since the last evaluation.
        if self.best_checkpoint or self.validated is None or self.validated[0] != self.state.global_step:
            self.evaluate()
        assert self.validated is not None
        return self.validated[1]

    def save_adapter(self) -> None:
        """Write the adapter and the tokenizer to the output folder.

        DeepSpeed holds two copies of a trained weight where it computes in bfloat16; the exact one, in float32, is
        saved, as the Trainer does without DeepSpeed.
        """
        state = None
        if self.is_deepspeed_enabled:
            from deepspeed.utils import safe_get_full_fp32_param

            trained = {name: weight for name, weight in self.adapted.named_parameters() if weight.requires_grad}
            exact = {name: safe_get_full_fp32_param(weight) for name, weight in trained.items()}
            state = {name: value.cpu() for name, value in exact.items() if value is not None}
        if self.args.should_save:
            self._save(self.args.output_dir, state_dict=state)
            if self.changed_base:
                initial.save_as_plain_lora(self.adapted, Path(str(self.args.output_dir)), state)


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
