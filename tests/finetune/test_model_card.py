"""The card says what the run's own files say, in the Hub's form, and its example runs."""

from __future__ import annotations

import json
import math
import re
import shutil
import subprocess
import sys

import pytest
import yaml
from huggingface_hub import ModelCard
from huggingface_hub.repocard import metadata_load

from finetune import data, merge, model_card, report

SOURCES = [model_card.Source("news", "CC-BY-4.0", 1200), model_card.Source("quiz", "CC-BY-SA-4.0", 34)]


@pytest.fixture(scope="module")
def run(trained):
    return report.read(trained)


@pytest.fixture(scope="module")
def called():
    return model_card.Names("me/tuned", "org/llama", "org/dataset")


def test_yaml_head_has_what_the_hub_reads(run, called):
    head = ModelCard(model_card.render(called, run, SOURCES)).data
    assert head.base_model == "org/llama" and head.base_model_relation == "adapter"
    assert head.library_name == "peft"
    assert head.datasets == ["org/dataset"]
    assert head.language == ["ja", "en"]
    assert (head.license, head.license_name) == ("other", "base-model-and-data")
    assert head.license_details == "news: CC-BY-4.0; quiz: CC-BY-SA-4.0"
    assert head.metrics == ["loss", "perplexity"]
    loss, perplexity = head.eval_results
    assert loss.metric_value == round(run["eval_loss"], 4)
    assert perplexity.metric_value == pytest.approx(math.exp(run["eval_loss"]), abs=1e-3)


def test_figures_are_those_of_the_run(run, called):
    card = model_card.render(called, run, SOURCES)
    assert run["data"]["records"] == 150 and "150 records: 130 trained on" in card and "20 kept for validation" in card
    assert "| news | CC-BY-4.0 | 1,200 |\n| quiz | CC-BY-SA-4.0 | 34 |" in card
    assert "| r, alpha, dropout | 4, 16, 0.05 |" in card
    assert "| adapted layers | q_proj, v_proj |" in card
    assert "| records a step | 130 = 13 x 10 accumulated x 1 processes |" in card
    assert "| optimiser | AdamW, DeepSpeed ZeRO-2 |" in card
    assert f"| epochs, steps | 3, {run['steps']} |" in card
    first, last = run["loss"]["first"], run["loss"]["last"]
    assert last < first and f"Training loss: {first:.4f} at the first log, {last:.4f} at the last" in card
    assert f"Validation loss: {run['eval_loss']:.4f}" in card


def test_licences_are_counted_in_the_dataset_itself(run):
    assert model_card.read_sources(run["config"]["data"]) == [
        model_card.Source("sample-a", "CC0-1.0", 75),
        model_card.Source("sample-b", "CC0-1.0", 75),
    ]


def test_dataset_without_sources_is_said_to_give_no_licence(jsonl):
    path = jsonl([{"instruction": "何時ですか。", "input": "", "output": "三時です。"}])
    sources = model_card.read_sources({"dataset": path, "config": None})
    assert sources == [model_card.Source("records.jsonl", "not given", 1)]


def test_places_on_this_machine_are_not_shown_as_names_on_the_hub(trained, run):
    called = model_card.names("tuned", run)
    assert (called.base, called.dataset) == (None, None)
    head = model_card.head(called, run, SOURCES).to_dict()
    assert not {"base_model", "base_model_relation", "datasets"} & set(head)


@pytest.mark.parametrize(
    ("name", "found"), [("org/name", "org/name"), ("name", None), ("models/llama/13b", None), ("/models/llama", None)]
)
def test_what_can_be_a_name_on_the_hub(name, found):
    assert model_card.on_hub(name) == found


def test_directory_that_looks_like_a_name_is_a_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "build" / "tiny").mkdir(parents=True)
    assert model_card.on_hub("build/tiny") is None


def test_example_in_the_card_runs(trained, tmp_path):
    folder = shutil.copytree(trained, tmp_path / "adapter")
    card = model_card.write(folder).read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", card, re.DOTALL)
    run = subprocess.run([sys.executable, "-c", example], cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


def test_merged_model_has_a_card_of_its_own_with_the_curve(trained, tmp_path):
    merged = merge.merge(trained, tmp_path / "merged")
    arguments = [str(trained), "--merged", str(merged), "--base-model", "org/llama", "--dataset", "org/dataset"]
    assert model_card.main(arguments) == 0
    head = metadata_load(merged / "README.md")
    assert (head["library_name"], head["base_model_relation"]) == ("transformers", "finetune")
    assert (head["base_model"], head["datasets"]) == ("org/llama", ["org/dataset"])
    assert (merged / "loss.png").read_bytes() == (trained / "loss.png").read_bytes()
    assert "PeftModel" not in (merged / "README.md").read_text(encoding="utf-8")


def test_run_without_validation_has_no_invented_figure(run, called):
    card = model_card.render(called, run | {"eval_loss": None}, SOURCES)
    head = yaml.safe_load(card.split("---\n")[1])
    assert head["metrics"] == ["loss"] and "model-index" not in head
    assert "Validation loss" not in card and "perplexity" not in card


def test_folder_without_a_finished_run(tmp_path, capsys):
    assert model_card.main([str(tmp_path)]) == 1
    assert capsys.readouterr().err == (
        f"error: {tmp_path} holds no run.json: no training has ended there\n"
        "Next step: give the output folder of python -m finetune.train, after the training has ended.\n"
    )


def test_dataset_that_is_gone(trained, tmp_path, capsys):
    folder = shutil.copytree(trained, tmp_path / "adapter")
    run = json.loads((folder / "run.json").read_text())
    run["config"]["data"]["dataset"] = str(tmp_path / "gone.jsonl")
    (folder / "run.json").write_text(json.dumps(run))
    assert model_card.main([str(folder)]) == 1
    assert capsys.readouterr().err.startswith(f"error: there is no dataset {tmp_path / 'gone.jsonl'}")
    with pytest.raises(data.DataError):
        model_card.write(folder)
