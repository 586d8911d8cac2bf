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


class AdapterError(FinetuneError):
    """An adapter folder, or the base model it names, that cannot be used."""


class CheckpointError(FinetuneError):
    """An output folder or checkpoint that cannot be written, or that the run cannot go on from."""


class PublishError(FinetuneError):
    """A model that cannot be published, or a Hub that refuses it; the repository is as it was."""


class DemoError(FinetuneError):
    """A step of the demo that failed, or a model in it that has learnt nothing."""


class HarnessError(FinetuneError):
    """lm-eval is not installed, or failed."""
