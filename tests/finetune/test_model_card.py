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

from finetune import merge, model_card, report
from finetune.visible import CONTROL

SOURCES = [
    {"name": "news", "license": "CC-BY-4.0", "records": 1200},
    {"name": "qu|z", "license": "CC-BY-SA-4.0", "records": 34},
]


@pytest.fixture(scope="module")
def run(trained):
    found = report.read(trained)
    return found | {"data": found["data"] | {"sources": SOURCES}}


@pytest.fixture(scope="module")
def called():
    return model_card.Names("me/tuned", "org/llama", "org/dataset")


def test_yaml_head_has_what_the_hub_reads(run, called):
    head = ModelCard(model_card.render(called, run)).data
    assert head.base_model == "org/llama" and head.base_model_relation == "adapter"
    assert head.library_name == "peft"
    assert head.datasets == ["org/dataset"]
    assert head.language == ["ja", "en"]
    assert (head.license, head.license_name) == ("other", "base-model-and-data")
    assert head.license_details == "news: CC-BY-4.0; qu|z: CC-BY-SA-4.0"
    assert head.metrics == ["loss", "perplexity"]
    loss, perplexity, response = head.eval_results
    assert response.metric_value == round(run["validation"]["response_loss"], 4)
    assert loss.metric_value == round(run["eval_loss"], 4)
    assert perplexity.metric_value == pytest.approx(math.exp(run["eval_loss"]), abs=1e-3)


def test_figures_are_those_of_the_run(run, called):
    card = model_card.render(called, run)
    assert run["data"]["records"] == 150 and "150 records: 130 trained on" in card and "20 kept for validation" in card
    assert "| news | CC-BY-4.0 | 1,200 |\n| qu\\|z | CC-BY-SA-4.0 | 34 |" in card
    assert "| r, alpha, dropout | 4, 16, 0.05 |" in card
    assert "| adapted layers | q_proj, v_proj |" in card
    assert "| records a step | 130 = 13 x 10 accumulated x 1 processes |" in card
    assert "| optimiser | AdamW, DeepSpeed ZeRO-2 |" in card
    assert f"| epochs, steps | 3, {run['steps']} |" in card
    first, last = run["loss"]["first"], run["loss"]["last"]
    assert last < first and f"Training loss: {first:.4f} at the first log, {last:.4f} at the last" in card
    assert f"Validation loss: {run['eval_loss']:.4f}" in card


@pytest.mark.parametrize(
    ("section", "changes", "row"),
    [
        ("model", {"dtype": "bfloat16", "quantize": "nf4"}, "| precision | bfloat16, base in 4 bits (nf4) |"),
        ("training", {"schedule": "constant"}, "| learning rate | 0.01, constant, 0 steps of warm-up |"),
        ("training", {"warmup_share": 0.03}, "| learning rate | 0.01, linear to 0, 3.0% of the steps of warm-up |"),
        ("training", {"max_steps": 3}, "| steps | 3 |"),
        ("data", {"train_on_inputs": False}, "| loss on | response only |"),
        ("lora", {"target_modules": ["a|b", "c"]}, "| adapted layers | a\\|b, c |"),
    ],
)
def test_the_recipe_is_told_in_rows(run, called, section, changes, row):
    config = run["config"] | {section: run["config"][section] | changes}
    card = model_card.render(called, run | {"config": config, "deepspeed": None})
    assert f"\n{row}\n" in card and "\n| optimiser | AdamW |\n" in card
    rows = card.partition("## Recipe")[2].partition("## Loss")[0].strip().splitlines()
    assert len(rows) == 2 + 15 and all(line.startswith("| ") and "|  |" not in line for line in rows)


def test_dataset_without_sources_is_said_to_give_no_license(run, called):
    card = model_card.render(called, run | {"data": run["data"] | {"sources": []}})
    assert "| records.jsonl | not given | 150 |" in card


def test_the_name_of_a_source_controls_no_terminal(run, called):
    named = {"name": "new\x1b[2Js", "license": "CC\u202e-BY", "records": 3}
    card = model_card.render(called, run | {"data": run["data"] | {"sources": [named]}})
    assert r"| new\x1b[2Js | CC\u202e-BY | 3 |" in card and not CONTROL.search(card)


def test_loss_of_the_response_stands_beside_the_whole_also_by_source(run, called):
    card = model_card.render(called, run)
    validated = run["validation"]
    assert f"of the response alone: {validated['response_loss']:.4f}." in card
    assert set(validated["by_source"]) == {"sample-a", "sample-b"}
    for name, losses in validated["by_source"].items():
        row = f"| {name} | {losses['records']} | {losses['loss']:.4f} | {losses['response_loss']:.4f} |"
        assert row in card


def test_how_the_validation_set_was_drawn_is_named(run, called):
    card = model_card.render(called, run)
    assert "The validation records were drawn by pair: none of them has its mirror" in card
    assert "of its raw row, or the same two texts, in the training records." in card
    counts = run["data"] | {"near_duplicates": 7}
    assert "two texts, or one that the dataset's marks call a duplicate, in the" in model_card.render(
        called, run | {"data": counts}
    )
    del counts["held_out"], counts["near_duplicates"]  # of an earlier version
    assert "of a translation), or the same two texts, in the" in model_card.render(called, run | {"data": counts})
    config = run["config"] | {"data": run["config"]["data"] | {"split": "record"}}
    assert "were drawn one by one, as in the paper's code" in model_card.render(called, run | {"config": config})


def test_training_leaves_a_card_of_its_own(trained):
    card = (trained / "README.md").read_text(encoding="utf-8")
    assert "More Information Needed" not in card
    assert "| sample-a | CC0-1.0 | 75 |" in card
    assert not list(trained.glob("checkpoint-*/README.md"))


def test_places_on_this_machine_are_not_shown_as_names_on_the_hub(trained, run):
    called = model_card.names("tuned", run)
    assert (called.base, called.dataset) == (None, None)
    head = model_card.head(called, run).to_dict()
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
    for _ in range(2):  # an earlier card is replaced
        assert model_card.main(arguments) == 0
    head = metadata_load(merged / "README.md")
    assert (head["library_name"], head["base_model_relation"]) == ("transformers", "finetune")
    assert (head["base_model"], head["datasets"]) == ("org/llama", ["org/dataset"])
    assert (merged / "loss.png").read_bytes() == (trained / "loss.png").read_bytes()
    assert "PeftModel" not in (merged / "README.md").read_text(encoding="utf-8")


def test_a_folder_without_a_model_gets_no_card(trained, tmp_path, capsys):
    (tmp_path / "README.md").write_text("theirs")
    assert model_card.main([str(trained), "--merged", str(tmp_path)]) == 1
    assert capsys.readouterr().err.startswith(f"error: {tmp_path} holds no config.json, so it is no merged model\n")
    assert [path.name for path in tmp_path.iterdir()] == ["README.md"]
    assert (tmp_path / "README.md").read_text() == "theirs"


@pytest.mark.parametrize("name", ["README.md", "loss.png"])
def test_a_model_with_a_card_of_others_is_left_alone(trained, tmp_path, capsys, name):
    """The base has a card too, and its folder is easily given in the place of the merged one."""
    for file in ("config.json", name):
        (tmp_path / file).write_text("theirs")
    assert model_card.main([str(trained), "--merged", str(tmp_path)]) == 1
    assert capsys.readouterr().err == (
        f"error: {tmp_path} holds a {name} that python -m finetune.model_card did not write\n"
        "Next step: give the folder that python -m finetune.merge wrote, or move that file away.\n"
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["config.json", name])
    assert (tmp_path / name).read_text() == "theirs"


@pytest.mark.parametrize("name", ["README.md", "loss.png"])
def test_a_card_is_not_written_through_a_link(trained, tmp_path, capsys, name):
    """In the Hub's cache, every file of a model is a link."""
    merged, theirs = tmp_path / "merged", tmp_path / "theirs"
    merged.mkdir()
    (merged / "config.json").touch()
    shutil.copy(trained / "README.md", merged)
    theirs.write_bytes((trained / "README.md").read_bytes())
    (merged / name).unlink(missing_ok=True)
    (merged / name).symlink_to(theirs)
    assert model_card.main([str(trained), "--merged", str(merged)]) == 1
    assert f"error: {merged / name} is a link, so it is not replaced\n" in capsys.readouterr().err
    assert (merged / name).is_symlink() and theirs.read_bytes() == (trained / "README.md").read_bytes()


def test_run_without_validation_has_no_invented_figure(run, called):
    card = model_card.render(called, run | {"eval_loss": None, "validation": None})
    head = yaml.safe_load(card.split("---\n")[1])
    assert head["metrics"] == ["loss"] and "model-index" not in head
    assert "Validation loss" not in card and "perplexity" not in card


def test_folder_without_a_finished_run(tmp_path, capsys):
    assert model_card.main([str(tmp_path)]) == 1
    assert capsys.readouterr().err == (
        f"error: {tmp_path} holds no run.json: no training has ended there\n"
        "Next step: give the output folder of python -m finetune.train, after the training has ended.\n"
    )


@pytest.mark.parametrize("content", ["{", "[]", '{"status": "complete"}', '{"format": 1}'])
def test_a_run_that_cannot_be_read(tmp_path, capsys, content):
    (tmp_path / "run.json").write_text(content)
    assert model_card.main([str(tmp_path)]) == 1
    assert capsys.readouterr().err == (
        f"error: {tmp_path / 'run.json'} is damaged, or was written by another version of this project\n"
        "Next step: use the version that trained the adapter, or train it anew.\n"
    )


def test_the_dataset_is_not_needed_any_more(trained, tmp_path):
    folder = shutil.copytree(trained, tmp_path / "adapter")
    run = json.loads((folder / "run.json").read_text())
    run["config"]["data"]["dataset"] = str(tmp_path / "gone.jsonl")
    (folder / "run.json").write_text(json.dumps(run))
    assert model_card.main([str(folder)]) == 0


@pytest.mark.parametrize(
    ("lora", "option"),
    [
        ({"r": 4}, "--max-lora-rank 16"),
        ({"r": 32, "init": "pissa"}, "--max-lora-rank 64"),
        ({"r": 257}, "--max-lora-rank 320"),
        ({"r": 513}, None),
        ({"dora": True}, None),
    ],
    ids=str,
)
def test_how_vllm_serves_it_if_it_can(run, called, lora, option):
    config = run["config"] | {"lora": run["config"]["lora"] | lora}
    card = model_card.render(called, run | {"config": config})
    served = re.search(r"vllm serve org/llama --enable-lora (--max-lora-rank \d+) --lora-modules tuned=adapter", card)
    assert (served and served[1]) == option
    assert "\nvllm serve me/tuned\n" in model_card.render(called, run | {"config": config}, merged=True)
