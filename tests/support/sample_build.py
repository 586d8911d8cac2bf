"""The whole catalogue or some configs, built from the samples, for the tests of what is made from a built dataset."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from builders.commands.options import SAMPLES
from builders.tree.report import Report
from tests.support.pairs import build_pairs

EVERYTHING = "extended"


def build_samples(directory: Path, configs: Sequence[str] = (EVERYTHING,)) -> Report:
    """Builds configs from the samples and returns the report."""
    return build_pairs(SAMPLES, directory, configs)
