"""What a run prints is aligned and right; the curve is a picture; a loss that is no number ends the run."""

from __future__ import annotations

import io
import math
from types import SimpleNamespace

import pytest
from matplotlib import pyplot as plt
from rich.console import Console

from finetune import checkpoints, progress
from finetune.errors import ModelError

HISTORY = [
    {"step": 1, "loss": 8.0, "epoch": 0.5},
    {"step": 2, "loss": 6.0, "epoch": 1.0},
    {"step": 2, "eval_loss": 6.5, "eval_response_loss": 7.0, "epoch": 1.0},
]


@pytest.fixture
def clock(monkeypatch):
    now = SimpleNamespace(time=0.0)
    monkeypatch.setattr(progress.time, "monotonic", lambda: now.time)
    return now


def test_lines_stand_below_their_headings_and_count_records(tmp_path, clock):
    out = io.StringIO()
    lines = progress.Lines(Console(file=out, width=100), global_batch=130, records=150, output=tmp_path)
    state = SimpleNamespace(global_step=0, max_steps=4, log_history=HISTORY)
    lines.on_train_begin(None, state, None)
    for step, seconds in ((1, 13.0), (2, 17.0)):
        state.global_step, clock.time = step, seconds
        logs = {"loss": 8.0, "learning_rate": 3e-4, "grad_norm": 1.25, "epoch": step / 2}
        lines.on_log(None, state, None, logs=logs)
    lines.on_log(None, state, None, logs={"eval_loss": 6.5, "eval_response_loss": 7.25, "epoch": 1.0})
    lines.on_log(None, state, None, logs={"eval_loss": 6.5, "epoch": 1.0})  # no record's response is within the limit
    assert out.getvalue().splitlines() == [
        "         step  epoch     loss      rate  gradient  records/s      left",
        "          1/4   0.50   8.0000  3.00e-04     1.250       10.0   0:00:17",
        "          2/4   1.00   8.0000  3.00e-04     1.250        5.0   0:00:30",
        "   validation   1.00   6.5000  response    7.2500",
        "   validation   1.00   6.5000",
    ]


def test_the_curve_is_a_picture_with_all_losses(tmp_path):
    path = tmp_path / checkpoints.CURVE
    progress.draw(HISTORY, path)
    assert path.read_bytes().startswith(b"\x89PNG")
    pixels = plt.imread(path)
    assert pixels.shape[:2] == (540, 960)
    blue, orange, green = (31, 119, 180), (255, 127, 14), (44, 160, 44)
    for colour in (blue, orange, green):
        assert (abs(pixels[:, :, :3] * 255 - colour).max(axis=2) < 2).sum() > 50


def test_a_curve_of_nothing_yet(tmp_path):
    progress.draw([], tmp_path / "empty.png")
    assert (tmp_path / "empty.png").is_file()


@pytest.mark.parametrize("loss", [math.nan, math.inf])
@pytest.mark.parametrize(("key", "name"), progress.NAMES.items())
def test_a_loss_that_is_no_number_ends_the_run(loss, key, name):
    with pytest.raises(ModelError) as error:
        progress.StopAtNaN().on_log(None, SimpleNamespace(global_step=7), None, logs={key: loss})
    assert str(error.value) == (
        f"the {name} at step 7 is {loss}\n"
        "Next step: lower training.learning_rate or set training.warmup_steps, then start in another output folder."
    )
    progress.StopAtNaN().on_log(None, SimpleNamespace(global_step=7), None, logs={"loss": 1.0})
