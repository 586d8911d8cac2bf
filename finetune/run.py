"""The body of a training run: from a checked config to an adapter and its ``run.json``."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import logging
import os
import platform
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch
import yaml
from peft import PeftModel
from rich.console import Console
from transformers import PreTrainedConfig, PreTrainedTokenizerBase, PrinterCallback, TrainingArguments
from transformers.utils import logging as transformers_logging

from finetune import (
    batching,
    checkpoints,
    config,
    data,
    epochs,
    launch,
    memory,
    models,
    packing,
    progress,
    quiet,
    trainer,
)
from finetune.outputs import CONFIG, RUN

PACKAGES = ("torch", "transformers", "peft", "deepspeed", "accelerate", "datasets")
PREPARATION_SECONDS = 6 * 3600
"""How long the other processes wait while the first one tokenises millions of records."""


def go(settings: config.TrainConfig, world: launch.World, batch: batching.Batch) -> dict[str, Any]:
    """Train as ``settings`` say, as one of ``world``'s processes; returns what ``run.json`` holds."""
    console = Console(quiet=not world.first, markup=False, highlight=False, soft_wrap=True)
    output = Path(settings.output)
    quiet.libraries()
    if not torch.cuda.is_available():
        launch.on_cpu_without_compiler()
    if not world.first:
        transformers_logging.disable_progress_bar()
    logging.getLogger("DeepSpeed").setLevel(logging.WARNING)
    for name in ("accelerate.accelerator", "transformers.trainer_utils"):
        logging.getLogger(name).addFilter(_is_news)
    shapes = models.load_config(settings.model.base)
    tokenizer = models.load_tokenizer(settings.model.base)
    _check_memory(settings, shapes, world, tokens=settings.data.max_tokens)
    arguments = training_arguments(settings, batch)
    with arguments.main_process_first(desc="tokenising"):
        prepared = data.prepare(settings.data, tokenizer, seed=settings.training.seed)
    tokens = memory.largest_micro_batch(prepared.lengths, settings.training, settings.data.max_tokens)
    needed = _check_memory(settings, shapes, world, tokens=tokens)
    model = models.add_lora(
        models.load_base(
            settings.model.base,
            dtype=settings.model.dtype,
            attention=settings.model.attention,
            quantize=settings.model.quantize,
        ),
        settings.lora,
        seed=settings.training.seed,
    )
    steps = batching.steps(len(prepared.train), batch.records, settings.training.epochs)
    arguments.logging_steps = min(settings.training.log_every, steps)  # a short run too has a loss to report
    console.print(summary(settings, prepared.counts, batch, model, steps, needed))
    loop = make_trainer(settings, arguments, batch, prepared, model, tokenizer, console)
    try:
        checkpoint = _start(loop, settings, output, console)
        began = time.monotonic()
        loop.train(resume_from_checkpoint=checkpoint and str(checkpoint))
        seconds = time.monotonic() - began
        eval_loss = _final_evaluation(loop)
        loop.save_model()
        report = _report(settings, prepared.counts, batch, model, loop, eval_loss, seconds)
        if world.first:
            progress.draw(loop.state.log_history, output / progress.CURVE)
            _write(output / RUN, json.dumps(report, ensure_ascii=False, indent=2) + "\n")
    except Exception as error:
        if explained := checkpoints.explain_failure(error, output):
            raise explained from error
        raise
    console.print(f"adapter, loss curve ({progress.CURVE}) and {RUN} written to {output}")
    return report


def training_arguments(settings: config.TrainConfig, batch: batching.Batch) -> TrainingArguments:
    """The recipe in transformers' words. Joins the processes to one group, as a side effect of transformers'."""
    training = settings.training
    os.environ["TENSORBOARD_LOGGING_DIR"] = str(Path(settings.output) / "tensorboard")
    return TrainingArguments(
        output_dir=settings.output,
        num_train_epochs=training.epochs,
        learning_rate=training.learning_rate,
        lr_scheduler_type="linear",
        warmup_steps=training.warmup_steps,
        optim="adamw_torch",
        weight_decay=0.0,
        max_grad_norm=1.0,
        per_device_train_batch_size=batch.per_device,
        per_device_eval_batch_size=batch.per_device,
        gradient_accumulation_steps=batch.accumulation,
        bf16=settings.model.dtype == "bfloat16",
        activation_checkpointing=settings.model.gradient_checkpointing,
        activation_checkpointing_kwargs={"use_reentrant": False},
        deepspeed=training.deepspeed,
        seed=training.seed,
        train_sampling_strategy="sequential",  # of epochs.Epochs, which shuffles
        logging_steps=training.log_every,
        logging_nan_inf_filter=False,  # else a NaN would be shown as the loss of the step before
        eval_strategy="steps" if settings.data.validation else "no",
        eval_steps=training.evaluate_every,
        save_strategy="steps",
        save_steps=training.save_every,
        save_total_limit=training.keep_checkpoints,
        report_to=["tensorboard"] if importlib.util.find_spec("tensorboard") else [],
        disable_tqdm=True,
        remove_unused_columns=False,
        label_names=["labels"],
        use_cpu=not torch.cuda.is_available(),
        ddp_timeout=PREPARATION_SECONDS,
        ddp_find_unused_parameters=False,
    )


def make_trainer(
    settings: config.TrainConfig,
    arguments: TrainingArguments,
    batch: batching.Batch,
    prepared: data.Prepared,
    model: PeftModel,
    tokenizer: PreTrainedTokenizerBase,
    console: Console,
) -> trainer.RecipeTrainer:
    """The Trainer with its collator and the callbacks that mark checkpoints, stop at NaN and print progress."""
    loop = trainer.RecipeTrainer(
        model=model,
        args=arguments,
        train_dataset=epochs.Epochs(prepared.train, batch.records, settings.training.seed),
        eval_dataset=prepared.validation,
        data_collator=packing.collator(
            settings.training.batching,
            tokenizer,
            max_tokens=settings.data.max_tokens,
            attention=settings.model.attention,
        ),
        processing_class=tokenizer,
        callbacks=[progress.StopAtNaN],
    )
    loop.remove_callback(PrinterCallback)
    loop.add_callback(trainer.MarkComplete(loop))
    if loop.is_world_process_zero():
        loop.add_callback(progress.Lines(console, batch.records, len(prepared.train), Path(settings.output)))
    return loop


def summary(
    settings: config.TrainConfig,
    counts: data.Counts,
    batch: batching.Batch,
    model: PeftModel,
    steps: int,
    needed: memory.Estimate,
) -> str:
    """What is about to happen, for the terminal."""
    trainable, total = model.get_nb_trainable_parameters()
    training = settings.training
    name = f", config {settings.data.config}" if settings.data.config else ""
    rows = {
        "base": f"{settings.model.base}, {settings.model.dtype}" + (", 4 bits" * (settings.model.quantize == "nf4")),
        "adapter": f"{trainable:,} of {total:,} parameters: r {settings.lora.r}, alpha {settings.lora.alpha:g}",
        "data": f"{settings.data.dataset}{name}: {counts.train:,} records to train, {counts.validation:,} to validate",
        "cut": f"{counts.cut:,} of {counts.records:,} records are longer than {settings.data.max_tokens} tokens",
        "batch": f"{batch.records} records = {batch.per_device} x {batch.accumulation} accumulated "
        f"x {batch.processes} processes, {training.batching}",
        "steps": f"{steps:,} in {training.epochs:g} epochs, learning rate {training.learning_rate:g}",
        "memory": f"about {needed}",
    }
    return "\n".join(f"{name:<8} {value}" for name, value in rows.items())


def _is_news(record: logging.LogRecord) -> bool:
    """Two remarks come in every good run.

    The Trainer leaves the accumulation to DeepSpeed, which accelerate reports as a mismatch; and a save soon after
    another makes the Trainer order checkpoints by their numbers instead of their times.
    """
    return not any(
        remark in record.getMessage() for remark in ("accumulation steps mismatch", "mtime may not be reliable")
    )


def _check_memory(
    settings: config.TrainConfig, shapes: PreTrainedConfig, world: launch.World, *, tokens: int
) -> memory.Estimate:
    needed = memory.estimate(shapes, settings.model, settings.lora, tokens=tokens, processes=world.size)
    available, place = memory.available()
    memory.check(needed, settings.model, available=available, place=place)
    return needed


def _start(loop: trainer.RecipeTrainer, settings: config.TrainConfig, output: Path, console: Console) -> Path | None:
    """The checkpoint to go on from, if there is one. Clears away broken ones and notes the config."""
    checkpoint, broken = checkpoints.last_complete(output, loop.args.world_size)
    loop.accelerator.wait_for_everyone()
    if loop.is_world_process_zero():
        checkpoints.remove(broken)
        output.mkdir(parents=True, exist_ok=True)
        _write(output / CONFIG, yaml.safe_dump(settings.model_dump(mode="json"), sort_keys=False, allow_unicode=True))
    for folder in broken:
        console.print(f"{folder} was left incomplete and is removed")
    if checkpoint:
        console.print(f"going on from {checkpoint}")
    return checkpoint


def _final_evaluation(loop: trainer.RecipeTrainer) -> float | None:
    """The validation loss after the last step, computed unless the last step was evaluated anyway."""
    if loop.eval_dataset is None:
        return None
    last = loop.state.log_history[-2:]
    done = [entry["eval_loss"] for entry in last if "eval_loss" in entry and entry["step"] == loop.state.global_step]
    return done[0] if done else loop.evaluate()["eval_loss"]


def _report(
    settings: config.TrainConfig,
    counts: data.Counts,
    batch: batching.Batch,
    model: PeftModel,
    loop: trainer.RecipeTrainer,
    eval_loss: float | None,
    seconds: float,
) -> dict[str, Any]:
    """The content of ``run.json``; its keys are explained in ``finetune.train``."""
    trainable, total = model.get_nb_trainable_parameters()
    losses = [entry["loss"] for entry in loop.state.log_history if "loss" in entry]
    return {
        "status": "complete",
        "base_model": settings.model.base,
        "config": settings.model_dump(mode="json"),
        "data": asdict(counts),
        "batch": {**asdict(batch), "records": batch.records},
        "parameters": {"trainable": trainable, "all": total},
        "steps": loop.state.global_step,
        "loss": {"first": losses[0], "last": losses[-1]},
        "eval_loss": eval_loss,
        "seconds": round(seconds, 1),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "device": torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu",
        "deepspeed": loop.accelerator.state.deepspeed_plugin.deepspeed_config if loop.is_deepspeed_enabled else None,
        "versions": {"python": platform.python_version()}
        | {name: importlib.metadata.version(name) for name in PACKAGES},
    }


def _write(path: Path, text: str) -> None:
    """Write ``path`` in one go: it is there whole, or not at all."""
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text, encoding="utf-8")
    partial.rename(path)
