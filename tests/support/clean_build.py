"""A small dataset with planted faults, and its curated edition."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from builders.clean import settings
from builders.clean.run import run_clean
from builders.commands.options import SAMPLES
from builders.documents import describe
from builders.tree.report import Report
from tests.support.pairs import CONFIG, build_pairs, numbered, write_pairs

CONFIGS = (CONFIG, "knowledge-aio", "easy-ja", "translation-easy-ja", "jsquad")
ALIKE = "The old lighthouse keeper walked down to the harbour before dawn.\t年老いた灯台守は、夜明け前に港まで歩いて下りた。"
"""A pair that is planted twice, and once more with another mark."""
BETTER = "He always keeps his promises.\t彼は約束を必ず履行する。"
"""A pair that another corpus has too, in need of a repair, and before this one."""


def write_sources(sources: Path) -> None:
    """Raw files: the samples of some corpora, and pairs of which four are planted to be left out."""
    for corpus in ("aio", "easy_japanese", "jsquad"):
        shutil.copytree(SAMPLES / corpus, sources / corpus)
    (sources / "SAMPLE").touch()
    with open(sources / "aio" / "aio_02_dev_v1.0.jsonl", encoding="utf-8") as file:
        question = json.loads(next(line for number, line in enumerate(file) if number == 2))["original_question"]
    leak = f"Who wrote the famous book that begins with spring and dawn?\t{question}"
    english = "This side has no Japanese.\tNeither has this one."
    write_pairs(sources, [*numbered(5), ALIKE, leak, ALIKE, ALIKE.replace("。", "！"), english, BETTER])


def build_planted(sources: Path, out: Path) -> None:
    """Builds the dataset of these raw files."""
    write_sources(sources)
    build_pairs(sources, out, CONFIGS)


def clean(
    directory: Path, rules: settings.Settings | None = None, files: Sequence[str] = (), workers: int = 1
) -> Report:
    """Makes the curated edition of a built dataset."""
    return run_clean(directory, rules or settings.defaults(), files, workers=workers, describe=describe)
