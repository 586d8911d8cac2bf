"""A log holds no progress bars, whatever was imported before."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

BARS = """
import datasets
from transformers.utils import logging
{hide}
datasets.Dataset.from_list([{{"text": "猫"}}]).map(lambda row: row, desc="mapping")
for _ in logging.tqdm(range(3), desc="loading"):
    pass
"""


@pytest.mark.parametrize(("hide", "drawn"), [("", True), ("from finetune import quiet; quiet.hide_bars()", False)])
def test_bars_of_libraries_that_are_imported_already(hide, drawn):
    switches = {"TQDM_DISABLE", "HF_HUB_DISABLE_PROGRESS_BARS", "HF_DATASETS_DISABLE_PROGRESS_BARS"}
    environment = {name: value for name, value in os.environ.items() if name not in switches}  # earlier tests set some
    line = [sys.executable, "-c", BARS.format(hide=hide)]
    done = subprocess.run(line, capture_output=True, text=True, check=True, env=environment)
    assert ("mapping" in done.stderr, "loading" in done.stderr) == (drawn, drawn)
