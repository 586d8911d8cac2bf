"""What a person sees of a run: a line for every few steps, and the loss as a curve."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")  # a training machine has no screen

from matplotlib import pyplot as plt
from rich.console import Console
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from finetune import batching, checkpoints
from finetune.errors import ModelError

HEADER = "{:>13} {:>6} {:>8} {:>9} {:>9} {:>10} {:>9}"


class Lines(TrainerCallback):
    """Prints an aligned line for each log of the Trainer, and draws the curve at every checkpoint."""

    def __init__(self, console: Console, global_batch: int, records: int, output: Path, unit: str = "records") -> None:
        """Print to ``console``.

        Args:
            console: Where the lines go.
            global_batch: Records (or rows) a step.
            records: Records of an epoch.
            output: Folder for the curve.
            unit: What a batch counts.
        """
        self.unit = unit
        self.console, self.global_batch, self.records, self.output = console, global_batch, records, output
        self.since = (0, 0.0)
        """Step and time of the last line."""

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Print the head of the table."""
        self.since = (state.global_step, time.monotonic())
        titles = ("step", "epoch", "loss", "rate", "gradient", f"{self.unit}/s", "left")
        self.console.print(HEADER.format(*titles), style="bold")

    def on_log(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **given: Any) -> None:
        """Print a line for a training loss or a validation loss."""
        logs: Mapping[str, Any] = given["logs"]
        if "loss" in logs:
            step, now = state.global_step, time.monotonic()
            before, then = self.since
            self.since = (step, now)
            speed = (self._trained(step) - self._trained(before)) / (now - then)
            left = timedelta(seconds=round((self._trained(state.max_steps) - self._trained(step)) / speed))
            place = f"{step:,}/{state.max_steps:,}"
            self.console.print(
                f"{place:>13} {logs['epoch']:>6.2f} {logs['loss']:>8.4f} {logs['learning_rate']:>9.2e}"
                f" {logs['grad_norm']:>9.3f} {speed:>10.1f} {str(left):>9}"
            )
        if "eval_loss" in logs:
            line = f"{'validation':>13} {logs['epoch']:>6.2f} {logs['eval_loss']:>8.4f}"
            if "eval_response_loss" in logs:  # in the next two columns, which an evaluation has no use for
                line += f" {'response':>9} {logs['eval_response_loss']:>9.4f}"
            self.console.print(line)

    def _trained(self, step: int) -> int:
        return batching.records_after(step, self.records, self.global_batch)

    def on_save(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Draw the curve so far."""
        draw(state.log_history, self.output / checkpoints.CURVE)


NAMES = {"loss": "loss", "eval_loss": "validation loss", "eval_response_loss": "validation loss of the response"}
"""Losses that the Trainer logs, in our words."""
CURVES = (
    ("loss", "training", "-"),
    ("eval_loss", "validation", "o-"),
    ("eval_response_loss", "validation, response alone", "o--"),  # on the one before where nothing else is counted
)
"""The same losses in the picture: their names there, and how they are drawn."""


class StopAtNaN(TrainerCallback):
    """Ends a run whose loss is no longer a number, since nothing it does after that is of use."""

    def on_log(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **given: Any) -> None:
        """Look at the logged losses.

        Raises:
            ModelError: One of them is NaN or infinite.
        """
        logs: Mapping[str, Any] = given["logs"]
        for key, name in NAMES.items():
            if not math.isfinite(logs.get(key, 0.0)):
                raise ModelError(
                    f"the {name} at step {state.global_step} is {logs[key]}\n"
                    "Next step: lower training.learning_rate or set training.warmup_steps, "
                    "then start in another output folder."
                )


def draw(history: Sequence[Mapping[str, float]], path: Path) -> None:
    """Write the training and validation losses in a Trainer's ``log_history`` to ``path`` as a PNG."""
    figure, axes = plt.subplots(figsize=(8, 4.5), layout="constrained")
    for key, label, style in CURVES:
        points = [(entry["step"], entry[key]) for entry in history if key in entry]
        if points:
            axes.plot(*zip(*points, strict=True), style, label=label, markersize=4)
    axes.set_xlabel("step")
    axes.set_ylabel("loss (nats per token)")
    axes.grid(alpha=0.3)
    if axes.get_lines():
        axes.legend()
    figure.savefig(path, dpi=120)
    plt.close(figure)
