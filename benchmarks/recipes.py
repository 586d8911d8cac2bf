"""The paper's recipe beside today's, on a real small model: how much training a validation loss takes each.

    python -m benchmarks.recipes --data build/full --out build/recipes --records 1000
    python -m benchmarks.recipes --data build/full --out DIR --base models/llama-7b --records 100000 --processes 8

Both train on the same records with the same base, limit of tokens, batch and order. What differs are the keys in which
`finetune/configs/llama-13b.yaml` and `modern.yaml` differ as recipes: the adapter, where the loss counts, the prompt, and
the learning rate with its schedule. The learning rate is also tried three times higher, for both: a small model and few
steps want larger ones than 13B and 64,552 steps. A base without a chat template needs `--set data.prompt=alpaca`.

The score is MLPerf's: what it costs until the validation loss of the response falls to a fixed value, here the lowest
that every recipe reaches. The cost is counted in steps, and in seconds: a larger adapter makes a step dearer, and logits
for the response alone make it cheaper. Seconds are the steps times the median seconds of one, so neither validations nor
a pause count. What is finished in `--out` is used again, and a training that was stopped goes on.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from rich.table import Table
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from benchmarks.machine import describe_machine
from benchmarks.trials.errors import TrialError
from benchmarks.trials.trial import Trial
from finetune import command, config, convert, demo

CONFIGS = demo.CONFIG.parent
RECIPES = {"paper": CONFIGS / "llama-13b.yaml", "modern": CONFIGS / "modern.yaml"}
KEYS = {
    "lora": ("r", "alpha", "dropout", "target_modules"),
    "data": ("train_on_inputs", "prompt"),
    "training": ("learning_rate", "warmup_share", "schedule"),
}
"""What makes a recipe; everything else is the demo's for both."""
FACTORS = (1, 3)
"""Of the learning rate."""
TRAINED, VALIDATED = "train/loss", "eval/response_loss"


def changes(recipe: Path, factor: float) -> list[str]:
    """The keys of a recipe, as ``--set`` takes them.

    Args:
        recipe: The config that it is taken from.
        factor: Times its learning rate.
    """
    values = config.load(recipe).model_dump(mode="json")
    values["training"]["learning_rate"] *= factor
    return [f"{section}.{key}={json.dumps(values[section][key])}" for section, keys in KEYS.items() for key in keys]


@dataclass(frozen=True)
class Curve:
    """What a training's own curves say."""

    losses: Sequence[tuple[int, float]]
    """The validations: step, and loss a token of the response."""
    seconds_a_step: float
    """Median over the steps."""

    @property
    def lowest(self) -> float:
        """The lowest loss."""
        return min(loss for _, loss in self.losses)

    def first_at(self, loss: float) -> int:
        """The step of the first validation at or below ``loss``, which is not below the lowest."""
        return next(step for step, reached in self.losses if reached <= loss)


def curve(folder: Path) -> Curve:
    """Read the curves of a training that logs every step.

    Raises:
        TrialError: The curves are gone.
    """
    losses: list[tuple[int, float]] = []
    paces: list[float] = []
    for file in sorted((folder / "tensorboard").rglob("events.*")):
        events: Any = EventAccumulator(str(file))
        events.Reload()
        found = {tag: events.Scalars(tag) for tag in (TRAINED, VALIDATED) if tag in events.Tags()["scalars"]}
        losses += [(event.step, event.value) for event in found.get(VALIDATED, ())]
        logged = sorted((event.wall_time, tag) for tag, scalars in found.items() for event in scalars)
        paces += [after - before for (before, _), (after, tag) in pairwise(logged) if tag == TRAINED]
    if not losses or not paces:
        raise TrialError(f"{folder} holds no curves\nNext step: remove it and start again.")
    return Curve(sorted(losses), statistics.median(paces))


def table(curves: Mapping[str, Curve]) -> Table:
    """Each recipe's lowest loss, what a step costs it, and what the loss that all reach does."""
    target = max(found.lowest for found in curves.values())
    grid = Table("recipe", title=f"to a validation loss of {target:.4f} a token of the response")
    for title in ("steps", "seconds a step", "seconds", "lowest loss", "last loss"):
        grid.add_column(title, justify="right")
    for name, found in curves.items():
        steps = found.first_at(target)
        cells = (f"{steps:,}", f"{found.seconds_a_step:.2f}", f"{steps * found.seconds_a_step:,.0f}")
        grid.add_row(name, *cells, f"{found.lowest:.4f}", f"{found.losses[-1][1]:.4f}")
    return grid


def _trials(arguments: argparse.Namespace, base: Path) -> dict[str, Trial]:
    shared = {
        "model.base": str(base),
        "data.dataset": str(arguments.data),
        "data.config": arguments.part,
        "data.limit": arguments.records,
        "data.validation": arguments.validation,
        "training.evaluate_every": arguments.every,
        "training.save_every": arguments.every,
        "training.keep_best": False,
        "training.log_every": 1,
    }
    own = demo.own_changes(arguments.config)
    fixed = [*own, *(f"{key}={json.dumps(value)}" for key, value in shared.items()), *arguments.set]
    return {
        f"{name}, {factor} x rate": Trial(
            arguments.out / f"{name}-{factor}", arguments.config, [*changes(recipe, factor), *fixed]
        )
        for name, recipe in RECIPES.items()
        for factor in FACTORS
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.recipes", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="a built dataset, or a JSON Lines file")
    parser.add_argument("--part", help="config of the dataset (default: its own default)")
    parser.add_argument("--out", type=Path, required=True, help="folder for everything that is made")
    parser.add_argument("--base", type=Path, help="a model folder (default: SmolLM2-135M-Instruct)")
    parser.add_argument("--config", type=Path, default=demo.CONFIG, help="what both share (default: configs/demo.yaml)")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="change one key for both; can be repeated"
    )
    parser.add_argument("--records", type=int, default=1000, help="records, validation among them (default: 1,000)")
    parser.add_argument("--validation", type=int, default=60, help="of them for validation (default: 60)")
    parser.add_argument("--every", type=int, default=5, help="steps between two validations (default: 5)")
    parser.add_argument("--processes", type=int, help="processes of a training (default: one a GPU, or two)")
    return parser


def _check(arguments: argparse.Namespace) -> str | None:
    return command.below_one(arguments, "records", "validation", "every")


def _run(arguments: argparse.Namespace) -> None:
    base = arguments.base or arguments.out / "base"
    arguments.out.mkdir(parents=True, exist_ok=True)
    if not (base / "config.json").is_file() and convert.main([str(demo.packaged()), "--out", str(base)]):
        raise TrialError("the base cannot be made\nNext step: see above.")
    console, curves = Console(), {}
    for name, trial in _trials(arguments, base).items():
        console.rule(name, align="left")
        trial.train(arguments.processes or torch.cuda.device_count() or demo.PROCESSES)
        curves[name] = curve(trial.folder)
    console.print(describe_machine("torch", "transformers", "peft"), soft_wrap=True, highlight=False)
    console.print(table(curves))


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; see ``--help``. Returns the exit status."""
    return command.run(_parser(), _run, argv, check=_check)


if __name__ == "__main__":
    sys.exit(main())
