"""Recipes differ in their own keys alone, and are scored by what a loss that all reach costs them."""

from __future__ import annotations

import io
import shutil

import pytest
from rich.console import Console

from benchmarks import recipes
from benchmarks.trials.errors import TrialError
from finetune import config, report
from tests.benchmarks.conftest import translations
from tests.finetune.adapters import ROOT

CHAT = "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}"
TINY = ROOT / "finetune" / "configs" / "tiny.yaml"


def text(table) -> str:
    console = Console(file=io.StringIO(), width=120)
    console.print(table)
    return console.file.getvalue()


def test_a_recipe_is_its_keys_on_the_shared_config():
    paper = config.load(TINY, recipes.changes(recipes.RECIPES["paper"], 1))
    modern = config.load(TINY, recipes.changes(recipes.RECIPES["modern"], 3))
    assert paper.lora == config.load(recipes.RECIPES["paper"]).lora
    assert (paper.data.train_on_inputs, modern.data.train_on_inputs) == (True, False)
    assert (paper.training.learning_rate, modern.training.learning_rate) == pytest.approx((3e-4, 6e-4))
    assert modern.lora.target_modules == ("all-linear",)
    assert (paper.data.prompt, modern.data.prompt) == ("alpaca", "chat_template")
    same = {"train_on_inputs": True, "prompt": "alpaca"}
    assert paper.data.model_copy(update=same) == modern.data.model_copy(update=same)


def test_score_is_the_cost_of_the_loss_that_all_reach():
    shown = text(
        recipes.table(
            {
                "slow": recipes.Curve([(5, 3.0), (10, 2.5)], 2.0),
                "fast and unsteady": recipes.Curve([(5, 2.4), (10, 2.0), (15, 2.6)], 2.25),
            }
        )
    )
    assert "to a validation loss of 2.5000" in shown
    rows = [
        [cell.strip() for cell in line.strip("│ ").split("│")] for line in shown.split("\n") if line.startswith("│")
    ]
    assert rows == [
        ["slow", "10", "2.00", "20", "2.5000", "2.5000"],
        ["fast and unsteady", "5", "2.25", "11", "2.0000", "2.6000"],
    ]


def test_both_recipes_on_the_small_model(base, editions, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(recipes, "FACTORS", (10,))
    chatty = shutil.copytree(base, tmp_path / "base")
    (chatty / "chat_template.jinja").write_text(CHAT)
    words = ["--data", editions(all=translations(80)), "--part", "all", "--out", tmp_path / "out", "--base", chatty]
    words += ["--config", TINY, "--records", 80, "--validation", 20, "--every", 1, "--processes", 1]
    changes = ["--set", "training.global_batch=13", "--set", "training.epochs=1"]
    for _ in range(2):  # the second finds both finished
        assert recipes.main([*map(str, words), *changes]) == 0, capsys.readouterr()
        shown = capsys.readouterr().out
        assert "paper, 10 x rate" in shown and "modern, 10 x rate" in shown
    for name in ("paper-10", "modern-10"):
        found = recipes.curve(tmp_path / "out" / name)
        assert [step for step, _ in found.losses] == [1, 2, 3, 4, 5]
        run = report.read(tmp_path / "out" / name)
        assert found.losses[-1][1] == pytest.approx(run["validation"]["response_loss"], rel=1e-5)
        assert 0 < found.seconds_a_step < run["seconds"]
        assert run["config"]["data"]["prompt"] == ("alpaca" if name == "paper-10" else "chat_template")


def test_curves_that_are_gone(tmp_path):
    with pytest.raises(TrialError, match="holds no curves\nNext step: "):
        recipes.curve(tmp_path)
