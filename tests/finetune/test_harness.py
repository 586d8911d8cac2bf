"""lm-eval asks base and tuned model what it should, as it should; what was trained on is refused before it starts.

`make test-lm-eval` installs lm-eval and runs the tests that need it.
"""

from __future__ import annotations

import json
import re

import datasets
import pytest
import yaml

from finetune import adapter, harness, models, packing
from finetune.errors import HarnessError
from finetune.evaluation import likelihood

LM_EVAL = """\
import json, os, pathlib, sys

behind = dict(zip(sys.argv, sys.argv[1:]))
model = json.loads(behind["--model_args"])
folder, out = pathlib.Path(behind["--include_path"]), pathlib.Path(behind["--output_path"])
tasks = [name for name in ("jsquad_packaged", "jsquad_trained") if name in sys.argv]
figure = 0.5 if "peft" in model else 0.25
out.mkdir()
(out / "results_now.json").write_text(json.dumps({
    "model": model,
    "tasks": {name: (folder / f"{name}.yaml").read_text() for name in tasks},
    "offline": os.environ.get("HF_HUB_OFFLINE"),
    "results": {name: {"exact_match,whitespaces": figure, "exact_match_stderr,whitespaces": 0.125} for name in tasks},
    "n-shot": {name: 0 for name in tasks},
    "n-samples": {name: {"effective": 4} for name in tasks},
}))
"""
"""In lm-eval's place: keeps what it is told, and gives the tuned side twice the figure of the base."""
needs_lm_eval = pytest.mark.skipif(not harness.ready(), reason="make test-lm-eval installs lm-eval")
THINGS = ("傘", "帽子", "靴", "鞄", "手袋", "時計", "眼鏡")


def choices(number: int) -> dict[str, object]:
    """An invented item of JCommonsenseQA."""
    shown = [THINGS[(number + place) % len(THINGS)] for place in range(5)]
    question = f"{shown[number % 5]}が要るのは、{number}番目の旅で何を忘れたときですか。"
    named = {f"choice{place}": text for place, text in enumerate(shown)}
    return {"q_id": 9000 + number, "question": question, "label": number % 5, **named}


def squad(first: int, count: int) -> dict[str, object]:
    """An invented file of JSQuAD."""
    paragraphs = []
    for number in range(first, first + count):
        thing = THINGS[number % len(THINGS)]
        answer = {"text": f"{number}番の棚", "answer_start": 0}
        asked = {"id": f"a{number}p0q0", "question": f"{thing}はどこにありますか。", "answers": [answer]}
        paragraphs.append({"context": f"{thing} [SEP] {thing}は{number}番の棚に置いてあります。", "qas": [asked]})
    return {"data": [{"title": "棚", "paragraphs": paragraphs}]}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Items and examples of both benchmarks, by the options that take them."""
    folder = tmp_path_factory.mktemp("benchmarks")
    contents = {
        "jcommonsenseqa": "".join(json.dumps(choices(number), ensure_ascii=False) + "\n" for number in range(12)),
        "jcommonsenseqa-train": "".join(json.dumps(choices(number)) + "\n" for number in range(20, 26)),
        "jsquad": json.dumps(squad(0, 4), ensure_ascii=False),
    }
    for name, text in contents.items():
        (folder / f"{name}.json").write_text(text, encoding="utf-8")
    return [part for name in contents for part in (f"--{name}", str(folder / f"{name}.json"))]


@pytest.fixture(scope="module")
def asked(trained, files, tmp_path_factory):
    """The folder that a real run of the command left."""
    out = tmp_path_factory.mktemp("harness") / "out"
    assert harness.main([str(trained), *files, "--out", str(out)]) == 0
    return out


@pytest.fixture
def installed(monkeypatch):
    """As if lm-eval were installed, where it must not be called."""
    monkeypatch.setattr(harness, "ready", lambda: True)
    monkeypatch.setattr(harness, "run", None)


def results(asked, side):
    (file,) = (asked / side).rglob("results_*.json")
    return json.loads(file.read_text(encoding="utf-8"))


def answers(asked, side, task):
    (file,) = (asked / side).rglob(f"samples_{task}_*.jsonl")
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


@needs_lm_eval
def test_both_sides_are_asked_the_packaged_tasks_and_the_trained_prompt(asked, trained):
    for side in ("base", "tuned"):
        content = results(asked, side)
        assert content["config"]["model_args"]["tokenizer"] == str(trained)
        assert content["n-shot"] == {
            "jcommonsenseqa_packaged": 3,
            "jcommonsenseqa_trained": 0,
            "jsquad_packaged": 0,
            "jsquad_trained": 0,
        }
        assert {name: count["effective"] for name, count in content["n-samples"].items()} == {
            "jcommonsenseqa_packaged": 12,
            "jcommonsenseqa_trained": 12,
            "jsquad_packaged": 4,
            "jsquad_trained": 4,
        }
    packaged = answers(asked, "tuned", "jcommonsenseqa_packaged")[0]["arguments"]["gen_args_0"]
    assert packaged["arg_0"].startswith("以下は、タスクを説明する指示と") and packaged["arg_0"].count("### 応答：") == 4
    assert packaged["arg_1"].startswith("\n")


@needs_lm_eval
@pytest.mark.parametrize("side", ["base", "tuned"])
def test_likelihoods_are_ours(asked, trained, side):
    """With BOS, the adapter on or off, the prompt of the training, and nothing between prompt and choice."""
    tuned = adapter.load(trained, dtype="float32")
    model = tuned.model if side == "tuned" else models.load_base(adapter.base_name(trained)).eval()
    texts, theirs = [], []
    for sample in answers(asked, side, "jcommonsenseqa_trained"):
        doc = sample["doc"]
        texts += [(doc["prompt"], doc[f"choice{place}"]) for place in range(5)]
        theirs += [float(answer[0]) for answer in sample["filtered_resps"]]
    whole = tuned.prompt.encode([prompt + choice for prompt, choice in texts])["input_ids"]
    before = tuned.prompt.encode([prompt.rstrip("\n") for prompt, _ in texts])["input_ids"]  # as lm-eval parts them
    rows = [{"input_ids": ids, "prompt": len(start)} for ids, start in zip(whole, before, strict=True)]
    pad = packing.padding_id(tuned.tokenizer)
    ours = -likelihood.nats(model, datasets.Dataset.from_list(rows), pad=pad, batch_size=8)[:, 0]
    assert rows[0]["input_ids"][0] == tuned.tokenizer.bos_token_id
    assert theirs == pytest.approx(ours.tolist(), abs=1e-3)


def test_what_lm_eval_is_told_of_each_side(trained, base, files, tmp_path, monkeypatch, capsys):
    (tmp_path / "lm_eval").mkdir()
    (tmp_path / "lm_eval" / "__main__.py").write_text(LM_EVAL)
    monkeypatch.setattr(harness, "LIBRARY", tmp_path)
    monkeypatch.delenv("HF_HUB_OFFLINE")  # which tests set for themselves
    out = tmp_path / "out"
    assert harness.main([str(trained), *files[-2:], "--out", str(out)]) == 0, capsys.readouterr().err
    of_both = {"pretrained": str(base), "tokenizer": str(trained), "dtype": "float32"}
    for side, adapted in (("base", {}), ("tuned", {"peft": str(trained)})):
        told = results(out, side)
        assert told["model"] == {**of_both, **adapted}
        assert told["offline"] == "1"
        tasks = {name: yaml.safe_load(text) for name, text in told["tasks"].items()}
        assert tasks["jsquad_trained"]["target_delimiter"] == ""
        assert "target_delimiter" not in tasks["jsquad_packaged"]
    rows = [line for line in capsys.readouterr().out.splitlines() if "jsquad" in line]
    assert len(rows) == 2
    assert all(row.index("0.250±0.125") < row.index("0.500±0.125") for row in rows)


def test_a_base_that_does_not_fit(trained, base_dir, files, installed, capsys):
    assert harness.main([str(trained), *files, "--base", str(base_dir)]) == 1
    assert f"does not fit the base model {base_dir}: its tokenizer has 420 tokens" in capsys.readouterr().err


def test_a_base_that_is_not_there(trained, files, installed, tmp_path, capsys):
    assert harness.main([str(trained), *files, "--base", str(tmp_path / "gone")]) == 1
    message = capsys.readouterr().err
    assert f"error: the base of the adapter {trained} cannot be used: there is no directory" in message
    assert message.endswith("Next step: say with --base where the base model is.\n")


def test_a_benchmark_that_was_trained_on_is_refused(trained, records, jsonl, files, installed, capsys):
    rows = [row | {"id": f"jcommonsenseqa:question:valid-{9000 + place}"} for place, row in enumerate(records)]
    assert harness.main([str(trained), *files, "--dataset", jsonl(rows)]) == 1
    message = capsys.readouterr().err
    assert re.search(r"cannot be reported: the model was trained on \d+ of its 12 items \(9", message)


def test_lm_eval_is_not_installed(trained, files, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(harness, "LIBRARY", tmp_path)
    assert harness.main([str(trained), *files]) == 1
    assert capsys.readouterr().err == f"error: lm-eval is not installed in {tmp_path}\nNext step: make lm-eval\n"


def test_the_table_names_every_figure_with_its_error(capsys):
    from rich.console import Console

    from finetune.evaluation.packaged import PACKAGED, Task

    def side(value, error):
        figures = {"acc,none": value, "acc_stderr,none": error}
        return {"results": {"t": figures}, "n-shot": {"t": 3}, "n-samples": {"t": {"effective": 1119}}}

    grid = harness.table(
        [Task("t", "jcommonsenseqa", PACKAGED)], {"base": side(0.2, "N/A"), "tuned": side(0.512, 0.0149)}
    )
    Console(width=80).print(grid)
    row = [cell.strip() for cell in capsys.readouterr().out.splitlines()[3].strip("│").split("│")]
    assert row == ["jcommonsenseqa, acc", "lm-eval", "3", "1,119", "0.200", "0.512±0.015"]


def test_lm_eval_that_fails_is_quoted_with_its_last_line(tmp_path, monkeypatch):
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\necho 'Traceback (most recent call last):'\necho 'IndexError: 7' >&2\nexit 3\n")
    program.chmod(0o755)
    monkeypatch.setattr(harness.sys, "executable", str(program))
    with pytest.raises(
        HarnessError, match="^lm-eval ended with status 3 while it asked the base model: IndexError: 7\nN"
    ):
        harness.run(tmp_path, "base", {}, [], batch_size=1)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ([], "give a benchmark: --jcommonsenseqa or --jsquad"),
        (["--jsquad-train", "x"], "--jsquad-train is for --jsquad"),
        (["--jsquad", "x", "--limit", "0"], "--limit 0 is below 1"),
        (["--jsquad", "x", "--batch-size", "0"], "--batch-size 0 is below 1"),
        (["--jsquad", "x", "--seed", "-1"], "--seed -1 is below 0"),
        (["--jsquad", "x", "--out", "/"], "--out / is already there"),
    ],
)
def test_wrong_arguments(wrong, message, capsys):
    with pytest.raises(SystemExit):
        harness.main(["adapter", *wrong])
    assert message in capsys.readouterr().err
