"""Base model and tuned model in figures, on texts that the tuned model was not trained on.

    python -m finetune.evaluate out/adapter --json out/evaluation.json
    python -m finetune.evaluate out/adapter --jcommonsenseqa valid-v1.1.json --jsquad valid-v1.1.json

One load of the weights serves both sides; answers are greedy (temperature 0), in float32 and after the prompt that the
adapter was trained with. The held-out records are those that the run kept for validation: ``run.json`` says how it
split, and the dataset is split again. What says the same as a record of the training is left out and counted; a
benchmark whose items were trained on is refused.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from finetune import adapter, command, outputs, report
from finetune.generate import BATCH
from finetune.visible import visible

if TYPE_CHECKING:
    from finetune.evaluation.benchmarks import Benchmark
    from finetune.evaluation.bootstrap import Difference
    from finetune.evaluation.held_out import HeldOut
    from finetune.evaluation.measures import Measure, Model

FORMAT = 1
"""Version of the JSON file."""
HEAD = f'{{\n  "format": {FORMAT},\n  "base_model": '
"""How it begins."""
LIMIT = 100
BENCHMARKS = ("jcommonsenseqa", "jsquad")
PACKAGES = ("torch", "transformers", "peft", "datasets", "sacrebleu")
"""What the figures were made with; the training may have been elsewhere, and its own versions are in ``run.json``."""
LOWER_IS_BETTER = ("loss a token of the response", "share of repeated text")


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    task: str
    metric: str
    difference: Difference


@dataclass(frozen=True)
class Texts:
    """What both sides are asked."""

    held_out: HeldOut
    benchmarks: Sequence[Benchmark]


def collect(
    tuned: adapter.Tuned,
    run: Mapping[str, Any],
    *,
    dataset: str | None = None,
    records: str | None = None,
    config: str | None = None,
    benchmarks: Mapping[str, Path] | None = None,
    limit: int = LIMIT,
    seed: int = 42,
) -> Texts:
    """Collect texts that the model was not trained on.

    Args:
        tuned: The base with its adapter.
        run: What its ``run.json`` holds.
        dataset: Where the dataset of the training is, if it is not where it was.
        records: A dataset to take records from instead of those that the run held out.
        config: A config of ``records``.
        benchmarks: Files of benchmarks, by their names.
        limit: Most records of each source, and items of each benchmark.
        seed: Decides which are drawn.

    Raises:
        DataError: A dataset or file cannot be used, was trained on, or nothing is left of it.
    """
    from finetune.evaluation import benchmarks as files
    from finetune.evaluation import held_out

    settings = held_out.settings_of(run, dataset)
    split = held_out.split_of(run, settings, tuned.tokenizer)
    known = held_out.trained(split)
    read = [files.load(name, file, known, limit=limit, seed=seed) for name, file in (benchmarks or {}).items()]
    if records is None:
        return Texts(held_out.validation(split, known, limit=limit, seed=seed), read)
    other = settings.model_copy(update={"dataset": records, "config": config})
    return Texts(held_out.other(other, known, tuned.tokenizer, limit=limit, seed=seed), read)


def evaluate(
    tuned: adapter.Tuned,
    asked: Texts,
    *,
    max_new_tokens: int = 64,
    batch_size: int = BATCH,
    seed: int = 42,
) -> list[Row]:
    """Measure the model with its adapter switched off and on.

    Args:
        tuned: The base with its adapter, in float32.
        asked: Texts that it was not trained on.
        max_new_tokens: Length of the longest answer.
        batch_size: Questions at once.
        seed: Decides the draws of the bootstrap.
    """
    from finetune.evaluation import bootstrap, measures

    sides = []
    for name, model in tuned.sides():
        with Console(stderr=True).status(f"asking the {name} model"):
            sides.append(measure(measures.Model(model, tuned.prompt, max_new_tokens, batch_size), asked))
    return [
        Row(base.task, base.metric, bootstrap.compare(base.sample, other.sample, seed=seed))
        for base, other in zip(*sides, strict=True)
    ]


def measure(model: Model, asked: Texts) -> list[Measure]:
    """Ask one model all texts.

    Args:
        model: The model, and how it is asked.
        asked: Texts that it was not trained on.
    """
    from finetune.evaluation import measures

    of_benchmarks = [measures.of_benchmark(model, benchmark) for benchmark in asked.benchmarks]
    return measures.of_held_out(model, asked.held_out) + [measure for part in of_benchmarks for measure in part]


def table(rows: Sequence[Row]) -> Table:
    """Lay the figures out as a table for the terminal."""
    grid = Table("task", "measure")
    for title in ("items", "base", "tuned", "difference", "95 % interval"):
        grid.add_column(title, justify="right")
    for row in rows:
        found, better = row.difference, " (less is better)" * (row.metric in LOWER_IS_BETTER)
        interval = f"{found.low:+.3f} to {found.high:+.3f}"
        figures = (f"{found.items}", f"{found.base:.3f}", f"{found.tuned:.3f}", f"{found.difference:+.3f}", interval)
        grid.add_row(Text(visible(row.task)), row.metric + better, *figures)
    return grid


def left_out(asked: Texts) -> list[str]:
    """Say what was not asked, since the training holds the same texts."""
    from finetune.evaluation import seen

    counts = {"held-out records": asked.held_out.left_out} | {found.name: found.left_out for found in asked.benchmarks}
    return seen.left_out(counts)


def as_json(rows: Sequence[Row], asked: Texts, run: Mapping[str, Any], options: Mapping[str, Any]) -> str:
    """Write the figures, and all that they depend on, as JSON.

    Args:
        rows: The figures.
        asked: What was asked.
        run: What ``run.json`` holds.
        options: How it was asked.
    """
    from finetune.evaluation import translation

    content = {
        "format": FORMAT,
        "base_model": run["base_model"],
        "trained_on": {name: run["config"]["data"][name] for name in ("dataset", "config", "mixture", "split")},
        "prompt": run["config"]["data"]["prompt"],
        "temperature": 0.0,
        "dtype": "float32",
        **options,
        "left_out": {"held_out": asked.held_out.left_out}
        | {benchmark.name: benchmark.left_out for benchmark in asked.benchmarks},
        "sacrebleu": translation.signatures(),
        "measures": [
            {"task": row.task, "metric": row.metric, "lower_is_better": row.metric in LOWER_IS_BETTER}
            | report.finite(asdict(row.difference))
            for row in rows
        ],
        "versions": report.versions(PACKAGES),
    }
    return json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _parser() -> argparse.ArgumentParser:
    parser = command.parser(
        "evaluate",
        "Measure base model and tuned model on records and benchmarks that were not trained on.",
        "out/adapter --jcommonsenseqa valid-v1.1.json --json out/evaluation.json",
    )
    parser.add_argument("adapter", type=Path, help="output folder of python -m finetune.train")
    parser.add_argument("--base", help="the base model, if it is not where it was during training")
    parser.add_argument("--dataset", help="the dataset of the training, if it is not where it was")
    parser.add_argument("--records", help="take records of this dataset instead of those that the training held out")
    parser.add_argument("--config", help="a config of --records")
    parser.add_argument("--jcommonsenseqa", type=Path, metavar="FILE", help="JGLUE's valid-v1.1.json of that task")
    parser.add_argument("--jsquad", type=Path, metavar="FILE", help="JGLUE's valid-v1.1.json of that task")
    parser.add_argument(
        "--limit", type=int, default=LIMIT, help=f"most records of a source and items of a benchmark (default: {LIMIT})"
    )
    parser.add_argument("--max-new-tokens", type=int, default=64, help="longest answer in tokens (default: 64)")
    parser.add_argument("--batch-size", type=int, default=BATCH, help=f"questions at once (default: {BATCH})")
    parser.add_argument("--seed", type=int, default=42, help="of the drawn records and of the bootstrap (default: 42)")
    parser.add_argument(
        "--json", type=Path, help="also write the figures to this file; those of an earlier evaluation are replaced"
    )
    return parser


def _check(arguments: argparse.Namespace) -> str | None:
    if problem := command.below_one(arguments, "limit", "max_new_tokens", "batch_size"):
        return problem
    if arguments.seed < 0:
        return f"--seed {arguments.seed} is below 0"
    return "--config is for --records" if arguments.config and not arguments.records else None


def _evaluate(arguments: argparse.Namespace) -> None:
    if arguments.json:
        outputs.check(arguments.json, "--json", HEAD)
    run = report.read(arguments.adapter)
    tuned = adapter.load(arguments.adapter, arguments.base, dtype="float32")
    asked = collect(
        tuned,
        run,
        dataset=arguments.dataset,
        records=arguments.records,
        config=arguments.config,
        benchmarks={name: file for name in BENCHMARKS if (file := getattr(arguments, name))},
        limit=arguments.limit,
        seed=arguments.seed,
    )
    options = {name: getattr(arguments, name) for name in ("limit", "max_new_tokens", "batch_size", "seed")}
    how = {name: options[name] for name in ("max_new_tokens", "batch_size", "seed")}
    rows = evaluate(tuned, asked, **how)
    console = Console()
    console.print(table(rows))
    for line in left_out(asked):
        console.print(line, style="dim", highlight=False)
    if arguments.json:
        outputs.write(arguments.json, as_json(rows, asked, run, options))


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; see ``--help``. Returns the exit status."""
    return command.run(_parser(), _evaluate, argv, check=_check)


if __name__ == "__main__":
    sys.exit(main())
