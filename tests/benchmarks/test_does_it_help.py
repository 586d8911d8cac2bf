"""The whole benchmark on the tests' small model: what it leaves behind, and that a stopped one goes on."""

from __future__ import annotations

import json
import shutil
from collections import Counter

import pytest
import torch
from PIL import Image

from benchmarks import does_it_help
from benchmarks.trials import trial
from benchmarks.trials.errors import TrialError
from builders.commands.options import SAMPLES
from finetune import config, demo
from tests.benchmarks.conftest import translations
from tests.finetune.adapters import ROOT, in_bfloat16

TINY = ROOT / "finetune" / "configs" / "tiny.yaml"


@pytest.fixture
def arguments(editions, records, base, tmp_path) -> list[str]:
    everything = [*records, *translations(80)]
    data = editions(all=everything, clean=[row for number, row in enumerate(everything) if number % 5])
    copy = in_bfloat16(base, tmp_path / "base")
    words = ["--data", data, "--out", tmp_path / "out", "--base", copy, "--config", TINY, "--arms", "all", "clean"]
    sizes = {"seeds": 1, "records": 26, "limit": 4, "processes": 1, "max-new-tokens": 4}
    changes = ["--set", "training.global_batch=13", "--set", "training.epochs=1"]
    return [*map(str, words), *(f"--{name}={size}" for name, size in sizes.items()), *changes]


def test_from_records_to_table_and_plot_and_again(arguments, tmp_path, monkeypatch, capsys, computed):
    done: list[str] = []
    train = trial.Trial.train

    def count(self, processes):
        done.append(self.folder.name)
        if len(done) == 2:
            raise KeyboardInterrupt
        return train(self, processes)

    monkeypatch.setattr(trial.Trial, "train", count)
    with pytest.raises(KeyboardInterrupt):
        does_it_help.main(arguments)
    assert done == ["all-0", "clean-0"]
    monkeypatch.setattr(trial.Trial, "train", train)
    kept = (tmp_path / "out" / "all-0" / "run.json").read_bytes()
    assert does_it_help.main(arguments) == 0, capsys.readouterr()
    assert computed == {torch.float32}  # of what was asked: trainings are other processes
    assert (tmp_path / "out" / "all-0" / "run.json").read_bytes() == kept
    rows = json.loads((tmp_path / "out" / does_it_help.TABLE).read_text(encoding="utf-8"))
    loss = next(row for row in rows if row["metric"] == "loss a token of the response")
    assert set(loss["arms"]) == {"base", "all", "clean"}
    assert loss["less"]["base"]["all"]["figure"] == pytest.approx(
        loss["arms"]["all"]["figure"] - loss["arms"]["base"]["figure"]
    )
    assert {row["task"] for row in rows} >= {
        "held-out records",
        "translation ja-en",
        "translation en-ja",
        "source pairs",
    }
    assert Image.open(tmp_path / "out" / does_it_help.PLOT).width > 600
    shown = capsys.readouterr().out
    assert "230 records in all: pairs 80, sample-a 75, sample-b 75" in shown
    # The same figures once more, without the dataset's being read for them or a model's being loaded.
    (tmp_path / "out" / does_it_help.TABLE).unlink()
    monkeypatch.setattr(trial.Trial, "evaluate", None)
    assert does_it_help.main([*arguments, "--report"]) == 0
    assert json.loads((tmp_path / "out" / does_it_help.TABLE).read_text(encoding="utf-8")) == rows


def test_what_there_is_of_raw_files_is_built_and_curated_once(base, tmp_path, capfd):
    for corpus in ("aio", "easy_japanese"):
        shutil.copytree(SAMPLES / corpus, tmp_path / "raw" / corpus)
    (tmp_path / "raw" / "SAMPLE").touch()
    words = ["--out", tmp_path / "out", "--base", base, "--config", TINY, "--arms", "all", "--limit", 2, "--items", 1]
    options = does_it_help._parser().parse_args([*map(str, words), "--sources", str(tmp_path / "raw")])
    study = does_it_help.Study(options)
    study.prepare()
    assert "Without records, and so not in the output directory:" in capfd.readouterr().out  # which is exit code 3
    shown = does_it_help._sources(study)
    assert "aio " in shown and "easy_japanese " in shown and "jsquad" not in shown
    assert 0 < len(study.parts["clean"]) < len(study.parts["all"])
    asked = [json.loads(line) for line in study.questions.records.read_text(encoding="utf-8").splitlines()]
    assert Counter(record["source"] for record in asked) == {"aio": 2, "easy_japanese": 2}

    shutil.rmtree(tmp_path / "raw")  # so that from here on no build succeeds
    study.prepare()
    file = study.dataset / "report.json"
    without_clean = json.loads(file.read_text(encoding="utf-8")) | {"clean": None}
    for text, message in ((json.dumps(without_clean), "cannot be built\nNext step: "), ("{", "is damaged")):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(TrialError, match=message):
            study.prepare()


def test_raw_files_that_cannot_be_built(base, tmp_path, capfd):
    words = ["--out", tmp_path / "out", "--base", base, "--sources", tmp_path / "gone"]
    assert does_it_help.main([*map(str, words)]) == 1
    error = capfd.readouterr().err
    assert f"There is no directory {tmp_path / 'gone'}." in error
    assert f"error: {tmp_path / 'gone'} cannot be built\nNext step: see above." in error


def test_a_sample_of_all_records_lacks_those_alone_that_are_asked(arguments, editions, tmp_path, monkeypatch):
    def stop(self, processes):
        raise KeyboardInterrupt

    monkeypatch.setattr(trial.Trial, "train", stop)
    data = editions(all=translations(80), clean=translations(80))
    with pytest.raises(KeyboardInterrupt):
        does_it_help.main([*arguments, "--records", "all", "--data", str(data)])
    pairs = [
        {json.loads(line)["id"].rpartition(":")[2] for line in (tmp_path / "out" / name).read_text().splitlines()}
        for name in ("held-out.jsonl", "all-0.jsonl")
    ]
    assert pairs[0] and not pairs[0] & pairs[1]
    assert pairs[0] | pairs[1] == {str(number) for number in range(40)}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (["--report"], "nothing is finished in"),
        (["--records=1000"], "only "),
        (["--set", "training.global_batch=0"], "training.global_batch"),
    ],
    ids=["nothing yet", "too few records", "config"],
)
def test_what_cannot_work_is_said(arguments, change, message, capsys):
    assert does_it_help.main([*arguments, *change]) == 1
    assert message in (error := capsys.readouterr().err)
    assert "Next step: " in error


@pytest.mark.parametrize(
    ("words", "expected"),
    [([], "bfloat16"), (["--set", "model.dtype=float32"], "float32"), (["--config", str(TINY)], "float32")],
    ids=["the demo's", "said", "another config"],
)
def test_the_type_of_the_weights_is_the_fastest_unless_somebody_says_it(words, expected, tmp_path, monkeypatch):
    monkeypatch.setattr(demo, "dtype", lambda: "bfloat16")
    options = does_it_help._parser().parse_args(["--out", str(tmp_path), "--data", "data", "--items", "1", *words])
    one = does_it_help.Study(options).trial("all", 0)
    assert config.load(one.config, one.changes).model.dtype == expected


@pytest.mark.parametrize("words", [["--sources", "x", "--data", "y"], [], ["--data", "y", "--seeds", "0"]])
def test_wrong_options(words, tmp_path, capsys):
    with pytest.raises(SystemExit, match="2"):
        does_it_help.main(["--out", str(tmp_path), *words])
    assert "error: " in capsys.readouterr().err
