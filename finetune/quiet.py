"""Keeps what other libraries say to their own developers out of the commands' output."""

from __future__ import annotations

import os
import warnings

import torch


def libraries() -> None:
    """Silence known remarks that a person can do nothing about; each is named with its cause."""
    # PEFT 0.21 reads a property that transformers 5.23 renamed.
    warnings.filterwarnings("ignore", "`is_gradient_checkpointing` is deprecated", FutureWarning)
    # DeepSpeed 0.19 calls a function that PyTorch 2.13 renamed.
    warnings.filterwarnings("ignore", "`torch.distributed.all_gather_into_tensor` is deprecated", FutureWarning)
    # Saving a model makes accelerate import DeepSpeed, which warns of every machine without a GPU.
    if not torch.cuda.is_available():
        os.environ.setdefault("DS_ACCELERATOR", "cpu")
