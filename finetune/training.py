"""The body of a training run: from a checked config to an adapter and its ``run.json``."""

from __future__ import annotations

import importlib.util
import logging
import os
import time
from contextlib import nullcontext
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
    distributed,
    feed,
    initial,
    memory,
    model_card,
    models,
    neftune,
    packing,
    progress,
    prompts,
    quiet,
    report,
    trainer,
    zero,
)
from finetune.errors import ConfigError
from finetune.streaming import Stream

PREPARATION_SECONDS = 6 * 3600
"""How long the other processes wait while the first one tokenises millions of records."""


def run_training(settings: config.TrainConfig, world: distributed.World, batch: batching.Batch) -> dict[str, Any]:
    """Train as ``settings`` say.

    Args:
        settings: The whole config.
        world: This process among those of the run.
        batch: How a step's records are shared out.

    Returns:
        What ``run.json`` holds.

    Raises:
        FinetuneError: A base, dataset, machine or output folder that cannot be used.
    """
    console = Console(quiet=not world.first, markup=False, highlight=False, soft_wrap=True)
    _set_up_libraries(world)
    models.check_kernels(settings.model)
    shapes = models.load_config(settings.model.base)
    tokenizer = models.load_tokenizer(settings.model.base)
    one_row = _check_memory(settings, shapes, world)
    arguments = training_arguments(settings, batch)
    records = feed.prepare(settings, arguments, tokenizer)
    needed = one_row.times(memory.largest_micro_batch(records.lengths, settings.training, settings.data.max_tokens))
    _check_fits(needed, settings)
    if settings.data.prompt == "alpaca":  # in place of none, or of one that the tuned model has not seen
        tokenizer.chat_template = prompts.alpaca_template(tokenizer)
    if settings.training.zero_stage == zero.SHARED_WEIGHTS:
        distributed.share_weights()
    # ZeRO-3 loads in all processes at once; only what one computes and the others read has an order.
    order = arguments.main_process_first(desc="first weights") if settings.lora.changes_base else nullcontext()
    with order:
        model = initial.load(settings)
    steps = records.steps(settings.training)
    if isinstance(records.train, Stream):
        arguments.max_steps = steps
    arguments.logging_steps = min(settings.training.log_every, steps)  # a short run too has a loss to report
    console.print(report.summary(settings, records.known, batch, model, steps, needed))
    loop = make_trainer(settings, arguments, batch, records, model, tokenizer, console)
    try:
        run = _train_and_save(loop, settings, records, batch, console)
    except Exception as error:
        if explained := checkpoints.explain_failure(error, Path(settings.output)):
            raise explained from error
        raise
    console.print(f"adapter, loss curve ({checkpoints.CURVE}) and {checkpoints.RUN} written to {settings.output}")
    return run


def training_arguments(settings: config.TrainConfig, batch: batching.Batch) -> TrainingArguments:
    """Say the recipe in transformers' words. Joins the processes to one group, as a side effect of transformers'."""
    training = settings.training
    warmup = training.warmup_share or training.warmup_steps  # transformers takes a fraction as a share
    schedule = "constant_with_warmup" if training.schedule == "constant" else training.schedule
    os.environ["TENSORBOARD_LOGGING_DIR"] = str(Path(settings.output) / "tensorboard")
    return TrainingArguments(
        output_dir=settings.output,
        num_train_epochs=training.epochs,
        max_steps=training.max_steps or -1,
        learning_rate=training.learning_rate,
        lr_scheduler_type=schedule,
        warmup_steps=warmup,
        optim="adamw_torch",
        weight_decay=0.0,
        max_grad_norm=1.0,
        per_device_train_batch_size=batch.per_device,
        per_device_eval_batch_size=batch.per_device,
        gradient_accumulation_steps=batch.accumulation,
        bf16=settings.model.dtype == "bfloat16",
        use_liger_kernel=settings.model.liger,
        torch_compile=settings.model.compile,
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
        load_best_model_at_end=training.keep_best,
        metric_for_best_model="eval_loss" if training.keep_best else None,
        greater_is_better=False if training.keep_best else None,
        report_to=_reporters(training),
        disable_tqdm=True,
        remove_unused_columns=False,
        label_names=["labels"],
        use_cpu=not torch.cuda.is_available(),
        ddp_timeout=PREPARATION_SECONDS,
        ddp_find_unused_parameters=False,
    )


def _reporters(training: config.Training) -> list[str]:
    """Where the curves go.

    Raises:
        ConfigError: A package for it is not installed.
    """
    for name in training.report_to:
        if not importlib.util.find_spec(name):
            raise ConfigError(
                f"training.report_to: {name} is not installed\nNext step: pip install {name}, or take it out."
            )
    return list(training.report_to)


def make_trainer(
    settings: config.TrainConfig,
    arguments: TrainingArguments,
    batch: batching.Batch,
    records: feed.Feed,
    model: PeftModel,
    tokenizer: PreTrainedTokenizerBase,
    console: Console,
) -> trainer.RecipeTrainer:
    """Make the Trainer with its collator and the callbacks that mark checkpoints, stop at NaN and print progress."""

    def collate(kind: batching.Batching) -> packing.Collator:
        return packing.collator(
            kind, tokenizer, max_tokens=settings.data.max_tokens, attention=settings.model.attention
        )

    loop = trainer.RecipeTrainer(
        model=model,
        args=arguments,
        train_dataset=records.train,
        eval_dataset=records.validation,
        data_collator=collate(settings.training.batching),
        processing_class=tokenizer,
        callbacks=[progress.StopAtNaN()],
    )
    loop.collate_validation = collate("packed" if settings.training.batching == "rows" else settings.training.batching)
    loop.changed_base = settings.lora.changes_base
    loop.plus_ratio = settings.lora.plus_ratio
    if alpha := settings.training.neftune_alpha:
        loop.noise = neftune.Noise(model.get_input_embeddings(), alpha)
    loop.remove_callback(PrinterCallback)
    loop.add_callback(trainer.MarkComplete(loop))
    if loop.is_world_process_zero():
        an_epoch = records.places or records.steps(settings.training) * batch.records
        loop.add_callback(
            progress.Lines(console, batch.records, an_epoch, Path(settings.output), settings.training.unit)
        )
    return loop


def _train_and_save(
    loop: trainer.RecipeTrainer,
    settings: config.TrainConfig,
    records: feed.Feed,
    batch: batching.Batch,
    console: Console,
) -> dict[str, Any]:
    """Train from the newest checkpoint or the beginning, then write the adapter, the curve and ``run.json``."""
    output = Path(settings.output)
    checkpoint = _start(loop, settings, output, console)
    began = time.monotonic()
    loop.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    seconds = time.monotonic() - began
    history = loop.state.log_history
    logged = [entry["loss"] for entry in history if "loss" in entry]
    validated = loop.final_losses()
    losses = {
        "loss": {"first": logged[0], "last": logged[-1]},
        "eval_loss": validated.all.loss if validated else None,
        "validation": validated.as_json() if validated else None,
        "best_checkpoint": loop.best_checkpoint,
    }
    loop.save_adapter()
    run = report.build(settings, records.counts(), batch, loop, losses, seconds)
    if loop.is_world_process_zero():
        progress.draw(history, output / checkpoints.CURVE)
        model_card.write_card(output, run)
        checkpoints.share(output)
        report.write(output, run)
    return run


def _set_up_libraries(world: distributed.World) -> None:
    """Let one process speak, and DeepSpeed of nothing but what is wrong."""
    quiet.silence_warnings()
    if not torch.cuda.is_available():
        distributed.on_cpu_without_compiler()
    if not world.first:
        untyped: Any = transformers_logging
        untyped.disable_progress_bar()
    logging.getLogger("DeepSpeed").setLevel(logging.WARNING)


def _check_memory(settings: config.TrainConfig, shapes: PreTrainedConfig, world: distributed.World) -> memory.Estimate:
    """Estimate the memory for one row of tokens, and check that it fits."""
    one_row = memory.estimate(
        shapes,
        settings.model,
        settings.lora,
        tokens=settings.data.max_tokens,
        processes=world.size,
        zero_stage=settings.training.zero_stage,
    )
    _check_fits(one_row, settings)
    return one_row


def _check_fits(needed: memory.Estimate, settings: config.TrainConfig) -> None:
    available, place = memory.available()
    memory.check(needed, settings.model, available=available, place=place)


def _start(loop: trainer.RecipeTrainer, settings: config.TrainConfig, output: Path, console: Console) -> Path | None:
    """Find the checkpoint to go on from, if there is one. Clears away broken ones and notes the config."""
    checkpoint, broken = checkpoints.last_complete(output, loop.args.world_size)
    loop.accelerator.wait_for_everyone()
    if loop.is_world_process_zero():
        checkpoints.remove(broken)
        output.mkdir(parents=True, exist_ok=True)
        content = yaml.safe_dump(settings.model_dump(mode="json"), sort_keys=False, allow_unicode=True)
        checkpoints.write_whole(output / checkpoints.CONFIG, content)
    for folder, problem in broken.items():
        console.print(f"{folder} {problem} and is removed")
    if checkpoint:
        console.print(f"going on from {checkpoint}")
    return checkpoint
