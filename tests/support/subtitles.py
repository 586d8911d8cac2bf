"""Invented subtitles in JESC's layout, in any number: what tests and benchmarks of a large config are made from."""

from __future__ import annotations

import random
import tarfile
from pathlib import Path

from builders import download
from builders.tree.report import ConfigReport
from tests.support.pairs import build_pairs

CONFIG = "translation-jesc"
ENGLISH = "you know i never told him where we left the car because nobody asked me to wait for that old ship".split()
JAPANESE = "あの船を待てと言われなかったから車をどこに置いたのか彼には話していないんだよ本当に知らないのね今夜は誰も"


def write_subtitles(sources: Path, pairs: int) -> None:
    """Writes `jesc/raw.tar.gz` with that many invented pairs, as long as subtitles are (mean 8 words, 14 characters)."""
    draw = random.Random(7)
    path = sources / "jesc" / "raw.tar.gz"
    path.parent.mkdir()
    raw = path.with_name("raw")
    with raw.open("w", encoding="utf-8", newline="\n") as lines:
        lines.writelines(_line(draw) for _ in range(pairs))
    with tarfile.open(path, "w:gz", compresslevel=6) as archive:
        archive.add(raw, "raw/raw")
    raw.unlink()


def _line(draw: random.Random) -> str:
    english = " ".join(draw.choices(ENGLISH, k=draw.randint(2, 14)))
    return f"{english}.\t{''.join(draw.choices(JAPANESE, k=draw.randint(4, 24)))}。\n"


def build_subtitles(directory: Path, records: int) -> ConfigReport:
    """Builds the config from invented subtitles, two records a pair, into `directory / "built"`.

    Returns:
        Its entry of the report.
    """
    sources = directory / "sources"
    sources.mkdir()
    write_subtitles(sources, records // 2)
    (sources / download.SAMPLE).touch()
    return build_pairs(sources, directory / "built", [CONFIG]).configs[CONFIG]
