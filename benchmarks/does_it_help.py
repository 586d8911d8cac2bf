"""Does tuning on this data help, and on which part of it? A real small model, tuned on samples of each, and asked the same.

    python -m benchmarks.does_it_help --sources ~/corpora --out build/does-it-help --quick
    python -m benchmarks.does_it_help --sources ~/corpora --out build/does-it-help --jcommonsenseqa valid-v1.1.json
    python -m benchmarks.does_it_help --data build/full --out DIR --base models/llama-13b \\
        --config finetune/configs/modern.yaml --records all --processes 8       # on GPUs

The arms are samples of one number of records, of `all`, of its curated edition `clean`, of `vanilla` (without
English-Japanese translation) and of one kind of task alone (`translation`); and the base, tuned on nothing. Each arm is
trained once a seed, which decides the sample, the adapter's start and the order. With `--records all` each arm takes
every record that it has, so the arms differ in size too. What is there of the raw files is built with `--best-effort`,
and curated.

All arms are asked the same held-out records, so many of each source, drawn from those that `all` and `clean` hold with
the same texts. No sample holds a record that says what a question says, is of the same raw row, or is its mirror; nor an
item of the benchmarks. Answers are greedy and in float32 (`finetune.evaluate`).

On two cores that multiply bfloat16 (`--set model.dtype=bfloat16`) 1,000 records took 4.5 minutes of training: one seed of all
four arms should take somewhat over an hour with its questions, and a quarter of that with `--quick`. Training took three times
as long on a processor with AVX2 alone. Commands with other `--arms` may share one `--out`, once held-out.jsonl is there: two
with a thread each (`OMP_NUM_THREADS=1`) took 75 minutes for twelve trainings of 600 records, and `--report` shows all of them.

Intervals are of 95 %, over the items asked and over the seeds. What is finished is kept in `--out`: the same command goes
on where it was stopped, and with `--report` shows what is there.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from rich.console import Console

from benchmarks.machine import describe_machine
from benchmarks.trials import records, tables
from benchmarks.trials.errors import TrialError
from benchmarks.trials.trial import Figures, Questions, Trial, read
from builders.errors import BuildError
from builders.tree import report as built_before
from finetune import command, config, convert, data, demo, models

ARMS = ("all", "clean", "vanilla", "translation")
"""Each is the config of the built dataset that its records are drawn from."""
SIZES = {"records": 2000, "limit": 20, "items": 100}
QUICK = {"records": 300, "limit": 5, "items": 40}
ALL = 0
"""Stands for every record that there is."""
FILES = ("jcommonsenseqa", "jsquad")
PLOT, TABLE = "does-it-help.png", "does-it-help.json"
SHOWN = (
    ("held-out records", "loss a token of the response"),
    ("held-out records", "share that stops"),
    ("held-out records", "share in the asked language"),
    ("translation ja-en", "chrF"),
    ("translation en-ja", "chrF"),
    ("jcommonsenseqa", "accuracy by likelihood"),
)
"""What the plot shows, where it was measured."""


class Study:
    """The folder of a whole benchmark, and what it is made of."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        """Take the options of the command line."""
        self.options = arguments
        self.out: Path = arguments.out
        self.base: Path = arguments.base or self.out / "base"
        self.dataset: Path = arguments.data or self.out / "data"
        self.bare = self.out / "base.json"
        self.questions = Questions(
            self.out / "held-out.jsonl",
            {name: file for name in FILES if (file := getattr(arguments, name))},
            arguments.items,
            arguments.max_new_tokens,
        )

    def trial(self, arm: str, seed: int) -> Trial:
        """The training of one arm with one seed."""
        fixed = {
            "model.base": str(self.base),
            "data.dataset": str(self.sample(arm, seed)),
            "data.config": None,
            "data.validation": 0,
            "training.keep_best": False,
            "training.seed": seed,
            "training.save_every": self.options.save_every,
        }
        own = demo.own_changes(self.options.config)
        changes = [*own, *self.options.set, *(f"{key}={json.dumps(value)}" for key, value in fixed.items())]
        return Trial(self.out / f"{arm}-{seed}", self.options.config, changes)

    def sample(self, arm: str, seed: int) -> Path:
        """File of the records that an arm is trained on."""
        return self.out / f"{arm}-{seed}.jsonl"

    @cached_property
    def settings(self) -> config.Data:
        """How the trainings make tokens of records."""
        return config.load(
            self.options.config, [*self.options.set, "training.keep_best=false", "data.validation=0"]
        ).data

    @cached_property
    def parts(self) -> dict[str, Dataset]:
        """The records of each arm."""
        return {arm: data.read(str(self.dataset), arm) for arm in {"all", "clean", *self.options.arms}}

    def prepare(self) -> None:
        """Make base, dataset and held-out records, as far as they are not there.

        Raises:
            TrialError: The dataset cannot be built.
        """
        self.out.mkdir(parents=True, exist_ok=True)
        if not self.options.data:
            build(self.options.sources, self.dataset)
        if not (self.base / "config.json").is_file():
            shutil.rmtree(self.base, ignore_errors=True)
            if convert.main([str(demo.packaged()), "--out", str(self.base)]):
                raise TrialError("the base cannot be made\nNext step: see above.")
        if not self.questions.records.is_file():
            both = [self.parts["all"], self.parts["clean"]]
            tokenizer = models.load_tokenizer(self.base)
            records.hold_out(both, self.settings, tokenizer, self.questions.records, limit=self.options.limit)

    def run(self, arm: str, seed: int, console: Console) -> None:
        """Draw, train and ask one arm with one seed, as far as that is not done."""
        trial, sample = self.trial(arm, seed), self.sample(arm, seed)
        if trial.figures() and self.bare.is_file():
            return
        console.rule(f"{arm}, seed {seed}", align="left")
        if not sample.is_file():
            asked = records.questions(self.questions.records, dict(self.questions.benchmarks))
            tokenizer = models.load_tokenizer(self.base)
            number = self.options.records or None
            records.draw(self.parts[arm], asked, self.settings, tokenizer, sample, number=number, seed=seed)
        trial.train(self.options.processes)
        trial.evaluate(self.questions, self.bare)

    def finished(self) -> dict[str, list[Figures]]:
        """What was counted, of the base and of each arm's seeds."""
        found = {"base": [figures] if (figures := read(self.bare)) else []}
        for arm in self.options.arms:
            trials = [self.trial(arm, seed).figures() for seed in range(self.options.seeds)]
            found[arm] = [figures for figures in trials if figures]
        return {arm: seeds for arm, seeds in found.items() if seeds}


def build(sources: Path, out: Path) -> None:
    """Build what there is of the raw files, and its curated edition, unless both are there.

    Raises:
        TrialError: The build failed; it has said why.
    """
    try:
        if (out / built_before.NAME).is_file() and built_before.load(out).clean:
            return
    except BuildError as error:
        raise TrialError(str(error)) from error
    options = ["--clean", "--sources", str(sources), "--best-effort", "--out", str(out)]
    built = subprocess.run([sys.executable, "-m", "builders", "build", "all", *options])
    if built.returncode not in (0, 3):  # 3: some config has no raw files
        raise TrialError(f"{sources} cannot be built\nNext step: see above.")


def report(study: Study, console: Console) -> None:
    """Print the tables, and write them and the plot to the output folder.

    Raises:
        TrialError: Nothing is finished.
    """
    finished = study.finished()
    if len(finished) < 2:
        raise TrialError(f"nothing is finished in {study.out}\nNext step: start without --report.")
    console.print(describe_machine("torch", "transformers", "peft"), soft_wrap=True, highlight=False)
    console.print(_sources(study), soft_wrap=True, highlight=False)
    console.print(tables.trainings({arm: _runs(study, arm) for arm in finished if arm != "base"}))
    against = {"base": finished["base"]} | ({"all": finished["all"]} if "all" in finished else {})
    rows = tables.compare(finished, against)
    console.print(tables.figures(rows))
    for other in against:
        console.print(tables.differences(rows, other))
    content = json.dumps(tables.as_json(rows), ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    (study.out / TABLE).write_text(content, encoding="utf-8")
    tables.draw([row for row in rows if (row.task, row.metric) in SHOWN], study.out / PLOT)


def _runs(study: Study, arm: str) -> list[dict[str, Any]]:
    trials = [study.trial(arm, seed) for seed in range(study.options.seeds)]
    return [trial.train(study.options.processes) for trial in trials if trial.figures()]


def _sources(study: Study) -> str:
    """Which raw files there were, as the records that were made of them."""
    of_source: dict[str, int] = {}
    for source in data.sources(study.parts["all"]):
        of_source[source.name] = of_source.get(source.name, 0) + source.records
    return f"{sum(of_source.values()):,} records in all: " + ", ".join(
        f"{name} {count:,}" for name, count in of_source.items()
    )


def _number(text: str) -> int:
    return ALL if text == "all" else int(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.does_it_help",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--sources", type=Path, help="raw files, as `builders build --sources` reads them")
    parser.add_argument("--data", type=Path, help="a dataset built with its curated edition, in place of --sources")
    parser.add_argument("--out", type=Path, required=True, help="folder for everything that is made")
    parser.add_argument("--base", type=Path, help="a model folder (default: SmolLM2-135M-Instruct)")
    parser.add_argument(
        "--config", type=Path, default=demo.CONFIG, help="the trainings' config (default: finetune/configs/demo.yaml)"
    )
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="change one key of the config; can be repeated"
    )
    parser.add_argument("--arms", nargs="+", choices=ARMS, default=list(ARMS), help="which arms (default: all four)")
    parser.add_argument("--seeds", type=int, default=3, help="trainings of each arm (default: 3)")
    parser.add_argument(
        "--quick", action="store_true", help=f"{QUICK['records']} records, {QUICK['limit']} of a source"
    )
    parser.add_argument(
        "--records", type=_number, help=f"records of a sample, or `all` (default: {SIZES['records']:,})"
    )
    parser.add_argument("--limit", type=int, help=f"most held-out records of a source (default: {SIZES['limit']})")
    parser.add_argument("--items", type=int, help=f"most items of a benchmark (default: {SIZES['items']})")
    parser.add_argument("--max-new-tokens", type=int, default=40, help="longest answer in tokens (default: 40)")
    parser.add_argument("--jcommonsenseqa", type=Path, metavar="FILE", help="JGLUE's valid-v1.1.json of that task")
    parser.add_argument("--jsquad", type=Path, metavar="FILE", help="JGLUE's valid-v1.1.json of that task")
    parser.add_argument("--processes", type=int, help="processes of a training (default: one a GPU, or two)")
    parser.add_argument("--save-every", type=int, default=20, help="steps between two checkpoints (default: 20)")
    parser.add_argument("--report", action="store_true", help="only show what is finished")
    return parser


def _check(arguments: argparse.Namespace) -> str | None:
    """Fill in what --quick decides, and say what is wrong with the options."""
    for name, size in (QUICK if arguments.quick else SIZES).items():
        if getattr(arguments, name) is None:
            setattr(arguments, name, size)
    arguments.processes = arguments.processes or torch.cuda.device_count() or demo.PROCESSES
    if not arguments.report and bool(arguments.sources) == bool(arguments.data):
        return "give either --sources or --data"
    return command.below_one(arguments, "seeds", "limit", "items", "max_new_tokens", "processes", "save_every")


def _run(arguments: argparse.Namespace) -> None:
    study, console = Study(arguments), Console()
    if not arguments.report:
        study.prepare()
        for seed in range(arguments.seeds):
            for arm in arguments.arms:
                study.run(arm, seed, console)
    report(study, console)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; see ``--help``. Returns the exit status."""
    return command.run(_parser(), _run, argv, check=_check)


if __name__ == "__main__":
    sys.exit(main())
