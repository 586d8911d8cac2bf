"""What stops a benchmark of tuning: says what, why, and what to do next."""

from __future__ import annotations

from finetune.errors import FinetuneError


class TrialError(FinetuneError):
    """Raw files, records or a training that cannot be used."""
