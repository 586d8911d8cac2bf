"""A run that has ended leaves a report that can be read, whatever its figures are."""

from __future__ import annotations

import json
import math
from types import SimpleNamespace

import pytest

from finetune import batching, config, data, model_card, report


@pytest.mark.parametrize("loss", [math.nan, math.inf])
def test_a_figure_that_is_no_number_becomes_null_in_report_and_card(base, tmp_path, loss):
    settings = config.TrainConfig(model=config.Model(base=str(base)), data=config.Data(dataset="x"), output="out")
    counts = data.Counts(
        records=9,
        train=6,
        validation=3,
        cut=0,
        without_response=0,
        tokens=50,
        response_tokens=20,
        held_out="",
        near_duplicates=None,
        sources=[data.Source("a", "CC0-1.0", 9)],
    )
    figures = {"records": 3, "loss": loss, "response_loss": None}
    losses = {
        "loss": {"first": 2.0, "last": loss},
        "eval_loss": loss,
        "validation": figures | {"by_source": {"a": figures}},
        "best_checkpoint": None,
    }
    ended = SimpleNamespace(
        adapted=SimpleNamespace(get_nb_trainable_parameters=lambda: (1, 2)),
        accelerator=SimpleNamespace(
            state=SimpleNamespace(deepspeed_plugin=SimpleNamespace(deepspeed_config={"x": [loss]}))
        ),
        is_deepspeed_enabled=True,
        state=SimpleNamespace(global_step=4),
    )
    run = report.build(settings, counts, batching.Batch(13, 10, 1), ended, losses, 1.0)
    report.write(tmp_path, run)
    assert report.read(tmp_path) == run
    assert (run["eval_loss"], run["validation"]["by_source"]["a"]["loss"], run["loss"]["last"]) == (None, None, None)
    assert json.loads((tmp_path / "run.json").read_text())["deepspeed"] == {"x": [None]}
    assert "Validation loss: none (perplexity none)" in model_card.render(model_card.names("out", run), run)
