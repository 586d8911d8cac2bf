"""What a person can mend: every error that the commands of finetune/ print without a traceback."""

from __future__ import annotations


class FinetuneError(ValueError):
    """A config, dataset, model or machine that cannot be used. The message says what, why, and the next step."""


class ConfigError(FinetuneError):
    """A config file that cannot be read, or values in it that cannot work."""


class DataError(FinetuneError):
    """A dataset that cannot be trained on."""


class ModelError(FinetuneError):
    """A base model or tokenizer that cannot be loaded or trained."""


class CheckpointError(FinetuneError):
    """A checkpoint that cannot be written, or that the run cannot go on from."""
