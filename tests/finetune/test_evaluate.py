"""Figures of both sides on texts that were not trained on; what was trained on is never asked, and never silently."""

from __future__ import annotations

import io
import json
import platform
import shutil
from collections import Counter

import numpy as np
import pytest
import torch
from rich.console import Console
from safetensors.torch import load_file, save_file

from finetune import adapter, evaluate, outputs, report
from finetune.errors import DataError
from finetune.evaluation import held_out
from finetune.evaluation.bootstrap import Difference
from tests.finetune.adapters import in_bfloat16
from tests.finetune.conftest import PLACES

OTHER = [
    {"instruction": "次の日本語を英語に翻訳してください。", "input": "駅は遠いです。", "output": "The station is far."},
    {"instruction": "次の英語を日本語に翻訳してください。", "input": "I like ramen.", "output": "ラーメンが好きです。"},
]
CHOICES = {"q_id": 9000, "question": "雨の日に外で差すものは？", "label": 0} | {
    f"choice{number}": text for number, text in enumerate(("傘", "帽子", "靴", "鞄", "手袋"))
}
PARAGRAPH = "急須 [SEP] 急須は、茶葉に湯を注いで茶を出すための道具である。"
SQUAD = {
    "data": [
        {
            "title": "急須",
            "paragraphs": [
                {
                    "context": PARAGRAPH,
                    "qas": [
                        {"id": "a100p0q0", "question": "茶を出す道具を何というか。", "answers": [{"text": "急須"}]}
                    ],
                }
            ],
        }
    ]
}


def other(task: int, **more: str) -> dict[str, str]:
    kind = ("ja-en", "en-ja")[task]
    return OTHER[task] | {"id": f"new:{kind}:{task}", "source": "new", "task": kind, "license": "CC0-1.0"} | more


@pytest.fixture(scope="module")
def run(trained):
    return report.read(trained)


@pytest.fixture(scope="module")
def tuned(trained):
    return adapter.load(trained, dtype="float32")


@pytest.fixture(scope="module")
def benchmark_files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("benchmarks")
    (folder / "choices.json").write_text(json.dumps(CHOICES, ensure_ascii=False) + "\n", encoding="utf-8")
    (folder / "squad.json").write_text(json.dumps(SQUAD, ensure_ascii=False), encoding="utf-8")
    return folder


def test_loss_by_source_is_the_one_that_the_run_reported(run, tuned):
    split = held_out.split_of(run, held_out.settings_of(run), tuned.tokenizer)
    rows = np.flatnonzero(split.held_out)
    texts = [{**row, "task": ""} for row in split.records.select(rows).to_list()]
    asked = evaluate.Texts(held_out.HeldOut(texts, split.tokenised.select(rows), 0), [])
    found = {
        row.task: row.difference
        for row in evaluate.evaluate(tuned, asked, max_new_tokens=2)
        if row.metric == "loss a token of the response"
    }
    assert found["held-out records"].tuned == pytest.approx(run["validation"]["response_loss"], abs=1e-5)
    for name, loss in run["validation"]["by_source"].items():
        assert found[f"source {name}"].tuned == pytest.approx(loss["response_loss"], abs=1e-5)
    assert found["held-out records"].high < 0


def test_command_prints_the_table_and_writes_every_measure(trained, benchmark_files, jsonl, tmp_path, capsys):
    out, records = tmp_path / "evaluation.json", jsonl([other(0), other(1)])
    files = ["--jcommonsenseqa", str(benchmark_files / "choices.json"), "--jsquad", str(benchmark_files / "squad.json")]
    arguments = [str(trained), "--records", records, *files, "--max-new-tokens", "4", "--json", str(out)]
    assert evaluate.main(arguments) == 0, capsys.readouterr().err
    shown = capsys.readouterr().out
    content = json.loads(out.read_text(encoding="utf-8"))
    measured = {(row["task"], row["metric"]) for row in content["measures"]}
    assert measured == {
        ("held-out records", "share that stops"),
        ("held-out records", "share in the asked language"),
        ("held-out records", "share of repeated text"),
        ("held-out records", "loss a token of the response"),
        ("source new", "loss a token of the response"),
        ("translation ja-en", "chrF"),
        ("translation ja-en", "BLEU"),
        ("translation en-ja", "chrF"),
        ("translation en-ja", "BLEU"),
        ("jcommonsenseqa", "accuracy by likelihood"),
        ("jcommonsenseqa", "accuracy by generation"),
        ("jsquad", "exact match"),
        ("jsquad", "F1 of characters"),
    }
    assert "ja-mecab" in content["sacrebleu"]["BLEU ja"]
    assert "translation" in shown and "95 %" in shown
    outputs.check(out, "--json", evaluate.HEAD)  # it is written over


def test_versions_are_those_that_evaluated(trained, run, jsonl, tmp_path):
    folder = shutil.copytree(trained, tmp_path / "adapter")
    then = run | {"versions": dict.fromkeys(run["versions"], "0.0.1")}
    (folder / "run.json").write_text(json.dumps(then), encoding="utf-8")
    out = tmp_path / "evaluation.json"
    words = ["--records", jsonl([other(0)]), "--max-new-tokens", "2", "--json", str(out)]
    assert evaluate.main([str(folder), *words]) == 0
    versions = json.loads(out.read_text(encoding="utf-8"))["versions"]
    assert versions["torch"] == torch.__version__
    assert versions["python"] == platform.python_version()
    assert "0.0.1" not in versions.values()


def test_a_base_in_bfloat16_is_asked_in_float32(trained, base, benchmark_files, jsonl, tmp_path, computed):
    copy = in_bfloat16(base, tmp_path / "base")
    words = ["--base", copy, "--records", jsonl([other(0)]), "--jcommonsenseqa", benchmark_files / "choices.json"]
    assert evaluate.main([str(trained), *map(str, words), "--max-new-tokens", "2"]) == 0
    assert computed == {torch.float32}


def test_a_source_does_not_control_the_terminal():
    row = evaluate.Row("source [red]\x1b[2J", "loss", Difference(2, 1.0, 1.0, 0.0, 0.0, 0.0))
    console = Console(width=120, file=io.StringIO())
    console.print(evaluate.table([row]))
    assert "\x1b" not in console.file.getvalue() and r"source [red]\x1b[2J" in console.file.getvalue()


def test_records_that_were_trained_on_are_left_out(tuned, run, records, jsonl):
    asked = evaluate.collect(tuned, run, records=jsonl([*records, other(0)]), limit=1000)
    sources = [record["source"] for record in asked.held_out.records]
    assert sources.count("new") == 1
    assert asked.held_out.left_out + len(sources) == 151
    assert asked.held_out.left_out >= run["data"]["train"]


def test_held_out_records_whose_questions_were_trained_on_are_left_out(tuned, run):
    split = held_out.split_of(run, held_out.settings_of(run), tuned.tokenizer)
    asked = evaluate.collect(tuned, run)
    trained_on = {row["instruction"] + row["input"] for row in held_out.trained(split).frame.to_dicts()}
    assert asked.held_out.records and asked.held_out.left_out
    assert not any(row["instruction"] + row["input"] in trained_on for row in asked.held_out.records)
    assert evaluate.left_out(asked) == [
        f"held-out records: {asked.held_out.left_out} left out: their texts, or nearly the same, were trained on"
    ]


@pytest.mark.parametrize("elsewhere", [False, True])
def test_limit_and_seed_are_those_that_were_asked_for(tuned, run, jsonl, elsewhere):
    new = [other(1, input=f"{place}?", output=f"{place}です。", id=f"new:en-ja:{place}") for place in PLACES]
    records = jsonl(new) if elsewhere else None
    first, again, another = (
        evaluate.collect(tuned, run, records=records, limit=2, seed=seed).held_out.records for seed in (1, 1, 2)
    )
    of_each = {"new": 2} if elsewhere else {"sample-a": 2, "sample-b": 2}
    assert Counter(record["source"] for record in first) == of_each
    assert first == again != another


def test_nothing_left(trained, run, tuned, jsonl, capsys):
    split = held_out.split_of(run, held_out.settings_of(run), tuned.tokenizer)
    again = [row | {"id": f"x:qa:{place}"} for place, row in enumerate(held_out.trained(split).frame.to_dicts())]
    assert evaluate.main([str(trained), "--records", jsonl(again)]) == 1
    message = capsys.readouterr().err
    assert (
        "error: nothing is left to evaluate on: of 130 records, 130 say what a record of the training says" in message
    )
    assert "Next step: give other records with --records" in message


def test_another_dataset_than_the_one_trained_on(tuned, run, jsonl, records):
    with pytest.raises(
        DataError, match=r"is not what the model was trained on: then 150 records, 130 of them to train"
    ):
        evaluate.collect(tuned, run, dataset=jsonl(records[:100]))


@pytest.mark.parametrize("then", ["0" * 64, None])
def test_a_dataset_that_was_split_in_another_way(tuned, run, then):
    """By the marks that it had, or by an earlier version of this project, which did not note it."""
    counts = {name: value for name, value in run["data"].items() if name != "held_out"} | (
        {"held_out": then} if then else {}
    )
    with pytest.raises(DataError, match=" is not split as it was for the training: "):
        evaluate.collect(tuned, run | {"data": counts})
    alone = run["config"] | {"data": run["config"]["data"] | {"split": "record"}}
    settings = held_out.settings_of({"config": alone})
    if then is None:  # drawn one by one, as it always was
        assert held_out.split_of(run | {"config": alone, "data": counts}, settings, tuned.tokenizer)


def test_dataset_that_is_no_longer_there(tuned, run, tmp_path):
    with pytest.raises(DataError, match="^what the model was trained on cannot be told: there is no dataset") as error:
        evaluate.collect(tuned, run, dataset=str(tmp_path / "missing"))
    assert str(error.value).endswith("\nNext step: say with --dataset where that dataset is.")


def test_benchmark_that_was_trained_on_is_refused(tuned, run, jsonl, records, tmp_path):
    rows = [row | {"id": f"jcommonsenseqa:question:valid-{9000 + place}"} for place, row in enumerate(records)]
    (tmp_path / "choices.json").write_text(json.dumps(CHOICES), encoding="utf-8")
    with pytest.raises(DataError, match="was trained on 1 of its 1 items \\(9000\\)"):
        evaluate.collect(tuned, run, dataset=jsonl(rows), benchmarks={"jcommonsenseqa": tmp_path / "choices.json"})


def test_adapter_whose_training_is_unknown(trained, tmp_path, capsys):
    folder = shutil.copytree(trained, tmp_path / "adapter")
    (folder / "run.json").unlink()
    assert evaluate.main([str(folder)]) == 1
    assert "holds no run.json: no training has ended there" in capsys.readouterr().err


def test_adapter_of_another_base(trained, base_dir, capsys):
    assert evaluate.main([str(trained), "--base", str(base_dir)]) == 1
    assert f"does not fit the base model {base_dir}: its tokenizer has 420 tokens" in capsys.readouterr().err


def test_adapter_of_another_base_of_the_same_shape(trained, run, base, tmp_path, capsys):
    other = shutil.copytree(base, tmp_path / "other")
    weights = load_file(other / "model.safetensors")
    name = next(name for name in weights if "up_proj" in name)
    save_file(weights | {name: weights[name] + 0.01}, other / "model.safetensors", metadata={"format": "pt"})
    assert evaluate.main([str(trained), "--base", str(other)]) == 1
    message = (
        f"error: the adapter {trained} does not fit the base model {other}: it has the shape, but not the weights of the "
        "model that the adapter was trained on\nNext step: say with --base where that model is.\n"
    )
    assert message in capsys.readouterr().err
    folder = shutil.copytree(trained, tmp_path / "adapter")  # of a version that noted nothing of its base
    kept = {name: value for name, value in run.items() if name != "base_fingerprint"}
    (folder / "run.json").write_text(json.dumps(kept), encoding="utf-8")
    assert adapter.load(folder, str(other))


def test_wrong_arguments(tmp_path, capsys):
    for wrong, message in (
        (["--limit", "0"], "--limit 0 is below 1"),
        (["--config", "all"], "--config is for --records"),
        (["--seed", "-1"], "--seed -1 is below 0"),
    ):
        with pytest.raises(SystemExit):
            evaluate.main([str(tmp_path), *wrong])
        assert message in capsys.readouterr().err
