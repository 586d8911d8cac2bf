"""Figures that others can compare with theirs: base and tuned model under EleutherAI's lm-evaluation-harness.

    python -m finetune.harness out/adapter --jcommonsenseqa valid-v1.1.json --jcommonsenseqa-train train-v1.1.json

lm-eval's own Japanese tasks are asked, over local files and without a network, and once more under the prompt that the
adapter was trained with (``finetune.evaluation.packaged``). It runs in processes of its own with the packages of
requirements-lm-eval.txt, which ``make lm-eval`` installs. The adapter's tokenizer is used on both sides: without it the
texts would lack BOS. A benchmark whose items were trained on is refused, as ``finetune.evaluate`` refuses it.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from finetune import adapter, command, report
from finetune.errors import HarnessError, ModelError
from finetune.evaluate import BENCHMARKS
from finetune.generate import BATCH

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from finetune.evaluation.benchmarks import Benchmark, Item
    from finetune.evaluation.packaged import Task

LIBRARY = Path(__file__).resolve().parents[1] / ".venvs" / "lm-eval"
"""Where ``make lm-eval`` installs lm-eval."""


def ready() -> bool:
    """Tell whether lm-eval is installed."""
    return (LIBRARY / "lm_eval").is_dir()


def run(folder: Path, side: str, model: Mapping[str, str], tasks: Sequence[Task], *, batch_size: int) -> Any:
    """Let lm-eval ask one model, in float32 and in a process of its own.

    Args:
        folder: Where the tasks are.
        side: Name of the folder in it where lm-eval writes its results and every answer.
        model: lm-eval's arguments for the model.
        tasks: What to ask.
        batch_size: Questions at once.

    Returns:
        lm-eval's results, as it writes them.

    Raises:
        HarnessError: lm-eval failed.
    """
    line = [sys.executable, "-m", "lm_eval", "run", "--model", "hf", "--batch_size", str(batch_size)]
    line += ["--model_args", json.dumps({**model, "dtype": "float32"}), "--tasks", *(task.name for task in tasks)]
    line += ["--include_path", str(folder), "--output_path", str(folder / side), "--log_samples"]
    done = subprocess.run(line, env=_environment(folder), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    written = sorted((folder / side).rglob("results_*.json"))
    if done.returncode or not written:
        said = done.stdout.strip().rpartition("\n")[2]  # of a traceback the line that names the error
        raise HarnessError(
            f"lm-eval ended with status {done.returncode} while it asked the {side} model: {said}\n"
            "Next step: mend what it names; make lm-eval installs the version that was tested."
        )
    return json.loads(written[-1].read_text(encoding="utf-8"))


def _environment(folder: Path) -> dict[str, str]:
    """The variables of a process that sees lm-eval's packages, no network, and no cache but one in ``folder``."""
    path = os.pathsep.join(filter(None, (str(LIBRARY), os.environ.get("PYTHONPATH"))))
    offline = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "HF_DATASETS_CACHE": str(folder / "cache")}
    return {**os.environ, **offline, "PYTHONPATH": path, "TQDM_DISABLE": "1"}


def table(tasks: Sequence[Task], results: Mapping[str, Any]) -> Table:
    """Lay the figures out as a table for the terminal.

    Args:
        tasks: What was asked.
        results: lm-eval's results by side, ``base`` and ``tuned``.
    """
    from finetune.evaluation.packaged import METRICS

    grid = Table("benchmark", "prompt")
    for title in ("shots", "items", *results):
        grid.add_column(title, justify="right")
    for task in tasks:
        metric, _, chosen = METRICS[task.benchmark].partition(",")
        tuned = results["tuned"]
        counts = (f"{tuned['n-shot'][task.name]}", f"{tuned['n-samples'][task.name]['effective']:,}")
        sides = [side["results"][task.name] for side in results.values()]
        figures = [_with_error(side[f"{metric},{chosen}"], side[f"{metric}_stderr,{chosen}"]) for side in sides]
        grid.add_row(f"{task.benchmark}, {metric}", task.prompt, *counts, *figures)
    return grid


def _with_error(value: float, error: float | str) -> str:
    """A figure with lm-eval's standard error."""
    return f"{value:.3f}" + (f"±{error:.3f}" if isinstance(error, float) else "")  # of one item there is none: "N/A"


def _parser() -> argparse.ArgumentParser:
    parser = command.parser(
        "harness",
        "Measure base model and tuned model with lm-eval's Japanese tasks, on local files.",
        "out/adapter --jcommonsenseqa valid-v1.1.json --jcommonsenseqa-train train-v1.1.json",
    )
    parser.add_argument("adapter", type=Path, help="output folder of python -m finetune.train")
    for name in BENCHMARKS:
        parser.add_argument(f"--{name}", type=Path, metavar="FILE", help="JGLUE's valid-v1.1.json of that task")
        parser.add_argument(
            f"--{name}-train",
            type=Path,
            metavar="FILE",
            help="its train-v1.1.json: examples; without it, none are shown",
        )
    parser.add_argument("--base", help="the base model, if it is not where it was during training")
    parser.add_argument("--dataset", help="the dataset of the training, if it is not where it was")
    parser.add_argument("--limit", type=int, help="most items of a benchmark (default: all)")
    parser.add_argument("--batch-size", type=int, default=BATCH, help=f"questions at once (default: {BATCH})")
    parser.add_argument("--seed", type=int, default=42, help="of the items that --limit draws (default: 42)")
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="also keep what lm-eval writes: results and every answer"
    )
    return parser


def _check(arguments: argparse.Namespace) -> str | None:
    given = [name for name in BENCHMARKS if getattr(arguments, name)]
    for name in BENCHMARKS:
        if getattr(arguments, f"{name}_train") and name not in given:
            return f"--{name}-train is for --{name}"
    if problem := command.below_one(arguments, "limit", "batch_size"):
        return problem
    if arguments.seed < 0:
        return f"--seed {arguments.seed} is below 0"
    if arguments.out and arguments.out.exists():
        return f"--out {arguments.out} is already there"
    return None if given else f"give a benchmark: {' or '.join(f'--{name}' for name in BENCHMARKS)}"


def _read(arguments: argparse.Namespace, tokenizer: PreTrainedTokenizerBase) -> list[tuple[Benchmark, list[Item]]]:
    """Of each benchmark the items that were not trained on, and those to draw examples from."""
    from finetune.evaluation import benchmarks, held_out

    run = report.read(arguments.adapter)
    known = held_out.trained(held_out.split_of(run, held_out.settings_of(run, arguments.dataset), tokenizer))
    read = []
    for name in (name for name in BENCHMARKS if getattr(arguments, name)):
        asked = benchmarks.load(name, getattr(arguments, name), known, limit=arguments.limit, seed=arguments.seed)
        train = getattr(arguments, f"{name}_train")
        read.append((asked, benchmarks.READERS[name](train) if train else []))
    return read


def _harness(arguments: argparse.Namespace) -> None:
    from finetune import models, prompts
    from finetune.evaluation import packaged, seen

    if not ready():
        raise HarnessError(f"lm-eval is not installed in {LIBRARY}\nNext step: make lm-eval")
    base = arguments.base or adapter.base_name(arguments.adapter)
    tokenizer = models.load_tokenizer(arguments.adapter)
    try:
        tokens = models.load_config(base).get_text_config().vocab_size
    except ModelError as error:
        raise adapter.unusable_base(arguments.adapter, error) from error
    adapter.check_vocabulary(arguments.adapter, base, tokens, tokenizer)
    adapter.check_base(arguments.adapter, base)
    prompt = prompts.Prompt(adapter.prompt_kind(arguments.adapter), tokenizer)
    read = _read(arguments, tokenizer)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tasks = [task for asked, shown in read for task in packaged.write(folder, asked, shown, prompt, LIBRARY)]
        results = {}
        for side, adapted in (("base", {}), ("tuned", {"peft": str(arguments.adapter)})):
            model = {"pretrained": base, "tokenizer": str(arguments.adapter), **adapted}
            with Console(stderr=True).status(f"lm-eval asks the {side} model"):
                results[side] = run(folder, side, model, tasks, batch_size=arguments.batch_size)
        if arguments.out:
            for side in results:
                shutil.copytree(folder / side, arguments.out / side)
    console = Console()
    console.print(table(tasks, results))
    for line in seen.left_out({asked.name: asked.left_out for asked, _ in read}):
        console.print(line, style="dim")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; see ``--help``. Returns the exit status."""
    return command.run(_parser(), _harness, argv, check=_check)


if __name__ == "__main__":
    sys.exit(main())
