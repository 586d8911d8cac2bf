"""What streaming costs: bytes, as the Hub counts them."""

from __future__ import annotations

from pathlib import Path

import pytest

from builders.build import parquet
from tests.matrix import environments
from tests.support.loopback_hub import LoopbackHub, python_client
from tests.support.subtitles import CONFIG, build_subtitles

REPO = "izumi-lab/llm-japanese-dataset"
SCALE = 10
"""The test's config, its row groups and its files are smaller than a config of 2.8 million records by this."""
READER = """
import os, sys
from itertools import islice
from datasets import load_dataset
print(sum(1 for _ in islice(load_dataset(sys.argv[1], sys.argv[2], streaming=True)["train"], 100)), flush=True)
os._exit(0)  # an interpreter that ends while Arrow's threads are at work may abort (apache/arrow issue 45214)
"""


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A config of 280,000 records, cut into files as 2.8 million would be."""
    monkeypatch.setattr(parquet, "ROWS_PER_GROUP", parquet.ROWS_PER_GROUP // SCALE)
    monkeypatch.setattr(parquet, "ROWS_PER_FILE", parquet.ROWS_PER_FILE // SCALE)
    build_subtitles(tmp_path, 2_800_000 // SCALE)
    return tmp_path / "built"


@pytest.mark.parametrize("version", ["3.6.0", environments.OWN])
def test_a_hundred_records_cost_less_than_a_tenth_of_the_config(
    version: str, hub: LoopbackHub, built: Path, tmp_path: Path
) -> None:
    if not environments.ready(version):
        pytest.skip(f"no environment with datasets {version}: `make test` makes it")
    files = hub.store.add_folder("datasets", REPO, built).tree
    size = sum(file.size for path, file in files.items() if path.endswith(".parquet"))
    python = environments.python(version)
    assert python_client(hub, tmp_path / "home", READER, REPO, CONFIG, python=python, token=None) == "100\n"
    fetched = sum(exchange.sent for exchange in hub.traffic.of("GET", ".parquet"))
    assert 0 < fetched < size / 10, f"{fetched:,} of {size:,} bytes"
