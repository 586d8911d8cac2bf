"""Train an adapter: the paper's recipe, with transformers' Trainer, PEFT and DeepSpeed ZeRO-2.

    torchrun --nproc_per_node 2 -m finetune.train --config finetune/configs/llama-13b.yaml
    python -m finetune.train --config finetune/configs/tiny.yaml

The output folder holds the adapter (``adapter_config.json``, ``adapter_model.safetensors``), the tokenizer,
``checkpoint-N/``, ``config.yaml`` (the run's whole config), ``loss.png`` and, once all is done, ``run.json``. The same
command goes on from the last whole checkpoint of a run that was stopped.

``run.json`` is one object:

    format                 version of this list: 2
    status                 "complete": the file is written last
    base_model             model.base of the config
    base_fingerprint       of its weights (finetune.fingerprints); null where they are not in safetensors
    config                 the whole config, section by section, as finetune.config.TrainConfig
    data                   records, train, validation, cut (longer than the limit), without_response (left out),
                           tokens (predicted in one epoch), response_tokens (those among them of responses), held_out
                           (fingerprint of the choice for validation), near_duplicates (records that the dataset's marks
                           call so; null without marks), sources
                           ([{name, license, records}]; [] where the dataset has no such columns); with data.streaming
                           all of it counts what was trained on, in all epochs, and records has the validation records too
    batch                  records (rows with training.batching: rows), per_device, accumulation, processes
    parameters             {"trainable": int, "all": int}
    steps                  optimiser steps
    loss                   {"first": float, "last": float} training loss, nats per token, as first and last logged
    eval_loss              validation loss after the last step, nats per token; null without a validation set
    validation             records, loss (the same), response_loss (of the responses alone), and by_source: the same
                           three for each source; null without a validation set
    best_checkpoint        with training.keep_best, the checkpoint that the adapter is from; else null
    seconds                wall time of the training loop; since the last resume, if the run was stopped in between
    finished               ISO 8601, UTC
    device                 name of the GPU or "cpu"
    deepspeed              DeepSpeed's config, or null without DeepSpeed
    versions               {package: version} of python, torch, transformers, peft, deepspeed, accelerate, datasets
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from finetune import batching, checkpoints, command, config, distributed
from finetune.errors import CheckpointError


def train(settings: config.TrainConfig) -> dict[str, Any]:
    """Run, or go on with, the training that ``settings`` describe.

    What needs no model is checked before PyTorch is even imported.

    Returns:
        What ``run.json`` holds.

    Raises:
        FinetuneError: Something that a person can mend, as early as it can be known.
    """
    world = distributed.join()
    distributed.check_size(world, settings.training.processes)
    batch = batching.plan(settings.training.global_batch, settings.training.per_device_batch, world.size)
    checkpoints.check_output(settings)
    with checkpoints.exclusive(Path(settings.output)) if world.first else contextlib.nullcontext():
        from finetune import training

        return training.run_training(settings, world, batch)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m finetune.train",
        description="Train a LoRA adapter on a dataset of instruction, input and output.",
        epilog="""examples:
  one process      python -m finetune.train --config finetune/configs/tiny.yaml
  two GPUs         torchrun --nproc_per_node 2 -m finetune.train --config finetune/configs/llama-13b.yaml
  other values     ... --set training.epochs=2 --set output=build/two-epochs
The same command goes on with a run that was stopped. All keys are explained in finetune/config.py.""",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--config", type=Path, required=True, help="YAML file that describes the run")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="change one key of the config; can be repeated"
    )
    parser.add_argument("--local_rank", "--local-rank", help=argparse.SUPPRESS)  # the deepspeed launcher adds it
    return parser


def _train(arguments: argparse.Namespace) -> None:
    distributed.end_with_launcher()
    train(config.load(arguments.config, arguments.set))


def _report(error: Exception) -> None:
    """Let one process of a machine speak, since all meet the same error; but each writes checkpoints of its own."""
    if os.environ.get("LOCAL_RANK", "0") == "0" or isinstance(error, CheckpointError):
        command.print_error(error)
    distributed.report_failure(str(error))


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; see ``--help``. Returns the exit status."""
    return command.run(_parser(), _train, argv, report=_report)


if __name__ == "__main__":
    sys.exit(main())
