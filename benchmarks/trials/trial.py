"""One training and its evaluation, each done once: what is finished lies in the trial's folder and is used again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.trials.errors import TrialError
from finetune import adapter, checkpoints, demo, evaluate, generate, report
from finetune.evaluation import bootstrap, measures, translation

if TYPE_CHECKING:
    from finetune.evaluation.measures import Measure

Figures = Mapping[tuple[str, str], bootstrap.Sample]
"""What was counted of one model, by task and metric."""
MEASURES = "measures.json"


@dataclass(frozen=True)
class Questions:
    """What every trained model is asked."""

    records: Path
    """JSON Lines of held-out records."""
    benchmarks: Mapping[str, Path]
    limit: int
    """Most records of a source and items of a benchmark."""
    max_new_tokens: int


@dataclass(frozen=True)
class Trial:
    """A training, and the folder that keeps it."""

    folder: Path
    config: Path
    changes: Sequence[str]
    """Keys of the config to change, as ``--set`` takes them."""

    def train(self, processes: int) -> dict[str, Any]:
        """Train, or go on with a training that was stopped; nothing happens if it has ended.

        Returns:
            What ``run.json`` holds.

        Raises:
            TrialError: The training failed; it has said why.
        """
        if not (self.folder / checkpoints.RUN).is_file():
            changes = [*self.changes, f"output={self.folder}", f"training.processes={processes}"]
            options = [part for change in changes for part in ("--set", change)]
            if demo.train(["--config", str(self.config), *options], processes):
                raise TrialError(f"the training of {self.folder} failed\nNext step: see above; then start again.")
        return report.read(self.folder)

    def evaluate(self, questions: Questions, base: Path) -> None:
        """Ask the trained model, and the bare base where nobody has yet.

        Args:
            questions: What is asked.
            base: File for the figures of the base.

        Raises:
            TrialError: The model was trained on some of it.
        """
        files = (base, self.folder / MEASURES)
        if all(file.is_file() for file in files):
            return
        tuned = adapter.load(self.folder, dtype="float32")
        asked = evaluate.collect(
            tuned,
            report.read(self.folder),
            records=str(questions.records),
            benchmarks=questions.benchmarks,
            limit=questions.limit,
        )
        if left_out := evaluate.left_out(asked):
            raise TrialError(
                f"{self.folder} was trained on what it would be asked: {'; '.join(left_out)}\n"
                "Next step: start in an empty folder."
            )
        for file, (name, model) in zip(files, tuned.sides(), strict=True):
            if not file.is_file():
                print(f"asking the {name} model", flush=True)
                side = measures.Model(model, tuned.prompt, questions.max_new_tokens, generate.BATCH)
                write(file, evaluate.measure(side, asked))

    def figures(self) -> Figures | None:
        """What was counted of the trained model, if it was asked."""
        return read(self.folder / MEASURES)


def write(file: Path, measures: Sequence[Measure]) -> None:
    """Write what was counted on each item, in one go."""
    rows = [{"task": row.task, "metric": row.metric, "counts": row.sample.counts.tolist()} for row in measures]
    checkpoints.write_whole(file, json.dumps(rows, ensure_ascii=False) + "\n")


def read(file: Path) -> Figures | None:
    """Read what ``write`` wrote, if it is there."""
    if not file.is_file():
        return None
    rows = json.loads(file.read_text(encoding="utf-8"))
    return {(row["task"], row["metric"]): _sample(row) for row in rows}


def _sample(row: Mapping[str, Any]) -> bootstrap.Sample:
    counts = np.asarray(row["counts"], dtype=np.float64)
    if row["metric"] not in ("chrF", "BLEU"):
        return bootstrap.Sample(counts)
    return bootstrap.Sample(counts, translation.score(row["metric"], row["task"][-2:]))
