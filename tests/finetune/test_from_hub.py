"""A training that names the dataset by its Hub id learns from the published records, as from the built directory."""

from __future__ import annotations

import json
from pathlib import Path

from safetensors.torch import load_file

from tests.finetune.test_train import ADAPTER, write_config
from tests.support.loopback_hub.client import run_client
from tests.support.sample_build import build_samples

REPO = "izumi-lab/llm-japanese-dataset"
DATA = {"config": "easy-ja", "validation": 5}
TRAINING = {"epochs": 1, "global_batch": 10, "per_device_batch": 5, "deepspeed": None}


def test_hub_id_and_built_directory_train_the_same(hub, base: Path, tmp_path: Path):
    built = tmp_path / "built"
    build_samples(built, ["easy-ja"])
    cleaned = run_client(hub, tmp_path / "publisher", ["-m", "builders", "clean", str(built)])
    assert cleaned.returncode == 0, cleaned.stderr
    allowed = ["--allow-samples", "--allow-partial"]
    command = ["-m", "builders", "publish", str(built), "--repo", REPO, *allowed]
    published = run_client(hub, tmp_path / "publisher", command)
    assert published.returncode == 0, published.stderr

    weights, splits = {}, []
    for name, dataset in (("hub", REPO), ("directory", str(built))):
        settings = write_config(tmp_path, base, dataset, name, data=DATA | {"dataset": dataset}, training=TRAINING)
        done = run_client(hub, tmp_path / f"{name}-home", ["-m", "finetune.train", "--config", settings], token=None)
        assert done.returncode == 0, done.stderr
        run = json.loads((tmp_path / name / "run.json").read_text())
        assert [source["name"] for source in run["data"]["sources"]] == ["easy_japanese"]
        assert run["data"]["sources"][0]["records"] == run["data"]["records"]
        weights[name] = load_file(tmp_path / name / ADAPTER)
        splits.append([run["data"][key] for key in ("held_out", "near_duplicates")])

    assert splits[0] == splits[1] and splits[0][1] is not None  # the marks are published with the records
    assert all(weights["hub"][key].equal(weights["directory"][key]) for key in weights["directory"])

    settings = write_config(
        tmp_path, base, REPO, "stream", data=DATA | {"dataset": REPO, "streaming": True}, training=TRAINING
    )
    home = tmp_path / "stream-home"
    done = run_client(hub, home, ["-m", "finetune.train", "--config", settings], token=None)
    assert done.returncode == 0, done.stderr
    streamed = json.loads((tmp_path / "stream" / "run.json").read_text())
    assert streamed["steps"] == run["steps"]  # the card says how many records there are
    assert [source["name"] for source in streamed["data"]["sources"]] == ["easy_japanese"]
    kept = [path for path in home.rglob("*") if path.suffix in (".arrow", ".parquet") and "marks" not in path.parts]
    assert kept == [], "a stream leaves nothing of the dataset's records on the disk"
