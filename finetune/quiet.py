"""Keeps what other libraries say to their own developers out of the commands' output."""

from __future__ import annotations

import importlib
import logging
import os
import sys
import warnings
from typing import Any

WARNINGS = (
    # PEFT 0.21 reads a property that transformers 5.23 renamed.
    "`is_gradient_checkpointing` is deprecated",
    # DeepSpeed 0.19 calls functions that PyTorch 2.13 renamed.
    "`torch.distributed.all_gather_into_tensor` is deprecated",
    "`torch.distributed.reduce_scatter_tensor` is deprecated",
)
REMARKS = {
    # The Trainer leaves the accumulation to DeepSpeed, which accelerate reports as a mismatch.
    "accelerate.accelerator": "accumulation steps mismatch",
    # A save soon after another makes the Trainer order checkpoints by their numbers instead of their times.
    "transformers.trainer_utils": "mtime may not be reliable",
    # Saving a model makes accelerate import DeepSpeed, which warns of every machine without a GPU.
    "DeepSpeed": "Setting accelerator to CPU",
}

BARS = (("datasets", "disable_progress_bars"), ("transformers.utils.logging", "disable_progress_bar"))
"""Libraries that draw bars, and what switches them off."""


def silence_warnings() -> None:
    """Silence known remarks that a person can do nothing about. Imports nothing heavy."""
    for message in WARNINGS:
        warnings.filterwarnings("ignore", message, FutureWarning)
    for logger, remark in REMARKS.items():
        logging.getLogger(logger).addFilter(_Without(remark))


def hide_bars() -> None:
    """Let progress bars be drawn on a terminal only: in a log each of their states would stay."""
    if not sys.stderr.isatty():
        for name in ("TQDM_DISABLE", "HF_HUB_DISABLE_PROGRESS_BARS"):  # the second is transformers' too
            os.environ.setdefault(name, "1")
        for name, function in BARS:
            if name in sys.modules:  # it has read the environment already
                getattr(sys.modules[name], function)()


class _Without(logging.Filter):
    """Drops the log records whose message contains ``remark``."""

    def __init__(self, remark: str) -> None:
        super().__init__()
        self.remark = remark

    def filter(self, record: logging.LogRecord) -> bool:
        return self.remark not in record.getMessage()


def hide_bitsandbytes() -> None:
    """Let this process run as if bitsandbytes were not installed, unless it is imported already.

    Importing PEFT imports it, which takes a second and, on processors with AVX-512 BF16, prints a warning. Only a base
    in 4 bits needs it.
    """
    modules: dict[str, Any] = sys.modules  # None stands for a module that cannot be imported
    modules.setdefault("bitsandbytes", None)


def show_bitsandbytes() -> None:
    """Undo ``hide_bitsandbytes``, also for libraries that have looked for bitsandbytes already."""
    modules: dict[str, Any] = sys.modules
    if "bitsandbytes" in modules and modules["bitsandbytes"] is None:
        del modules["bitsandbytes"]
        for name, function in (
            ("peft.import_utils", "is_bnb_available"),
            ("peft.import_utils", "is_bnb_4bit_available"),
            ("transformers.utils.import_utils", "is_bitsandbytes_available"),
        ):
            getattr(importlib.import_module(name), function).cache_clear()
