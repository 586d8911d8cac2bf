"""The whole way in small: a tiny base, LoRA with ZeRO-2 on two CPU processes, both sides compared, adapter merged.

    python -m builders build --sample --out build/sample
    python -m finetune.demo --data build/sample --out build/finetune-demo

Every step is printed as the command that does the same by hand. Ends with an error unless the loss fell and the tuned
model gives at least one answer that the base does not.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from finetune import adapter, checkpoints, command, compare, merge, model_card, report, tiny
from finetune.errors import DemoError
from finetune.generate import Question

CONFIG = Path(__file__).parent / "configs" / "tiny.yaml"
PROCESSES = 2


@dataclass(frozen=True)
class Step:
    """One command of the demo."""

    title: str
    module: str
    run: Callable[[Sequence[str]], int]
    arguments: Sequence[str | Path]

    @property
    def words(self) -> list[str]:
        """The arguments as the shell would give them."""
        return [str(argument) for argument in self.arguments]

    @property
    def shown(self) -> str:
        """The command that does the same by hand."""
        launcher = f"torchrun --nproc_per_node {PROCESSES}" if self.module == "finetune.train" else "python"
        return f"$ {launcher} -m {self.module} {shlex.join(self.words)}"


def demo(data: Path, out: Path, console: Console) -> None:
    """Run every step, each into a folder below ``out``.

    Raises:
        DemoError: A step failed, or the model has learnt nothing.
    """
    base, tuned, merged = out / "base", out / "adapter", out / "merged"
    for made in (base, tuned, merged):
        shutil.rmtree(made, ignore_errors=True)
    out.mkdir(parents=True, exist_ok=True)
    for step in steps(data, out, base, tuned, merged):
        console.rule(f"[bold]{step.title}", align="left")
        console.print(step.shown, style="cyan", highlight=False, soft_wrap=True)
        began = time.monotonic()
        if step.run(step.words):
            raise DemoError(f"{step.module} failed")
        console.print(f"{time.monotonic() - began:.0f} s", style="dim")
    check(tuned, console)


def steps(data: Path, out: Path, base: Path, tuned: Path, merged: Path) -> list[Step]:
    """List the commands of the demo."""
    answers: list[str | Path] = [tuned, "--max-new-tokens", "40", "--markdown", out / "compare.md"]
    return [
        Step("A small LLaMA", "finetune.tiny", tiny.main, ["--data", data, "--out", base, "--pretrain-steps", "200"]),
        Step("LoRA on it", "finetune.train", train, training_arguments(data, base, tuned)),
        Step("Both sides", "finetune.compare", compare.main, answers),
        Step("One model", "finetune.merge", merge.main, [tuned, "--out", merged]),
        Step("Its card", "finetune.model_card", model_card.main, [tuned, "--merged", merged]),
    ]


def training_arguments(data: Path, base: Path, out: Path) -> list[str]:
    """Give the small config, on this demo's folders."""
    changes = [f"model.base={base}", f"data.dataset={data}", f"output={out}", f"training.processes={PROCESSES}"]
    return ["--config", os.path.relpath(CONFIG), *(part for change in changes for part in ("--set", change))]


def train(arguments: Sequence[str]) -> int:
    """Start ``finetune.train`` in two processes and wait; the exit status."""
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", str(PROCESSES)]
    one_thread_each = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.run([*launcher, "-m", "finetune.train", *arguments], env=one_thread_each).returncode


def check(tuned: Path, console: Console) -> None:
    """Say what the run learnt.

    Raises:
        DemoError: The loss did not fall, or no answer changed.
    """
    loss = report.read(tuned)["loss"]
    if not loss["last"] < loss["first"]:
        raise DemoError(f"the loss did not fall: {loss['first']:.3f} at first, {loss['last']:.3f} at last")
    questions = [Question(text) for text in compare.QUESTIONS]
    answers = compare.compare(adapter.load(tuned, dtype="float32"), questions, max_new_tokens=40)
    changed = sum(row.base != row.tuned for row in answers)
    if not changed:
        raise DemoError("the tuned model answers every question as its base does")
    console.rule("[bold]Done", align="left")
    console.print(f"loss {loss['first']:.2f} -> {loss['last']:.2f}; {changed} of {len(answers)} answers changed")
    console.print("(A model this small makes no sense yet: what counts is that it learns, and what each step leaves.)")
    console.print(f"look at {tuned / checkpoints.CURVE}, {tuned.parent / 'compare.md'}, {tuned.parent / 'merged'}")


def _parser() -> argparse.ArgumentParser:
    parser = command.parser(
        "demo",
        "Make a tiny LLaMA, tune it with LoRA and ZeRO-2 on two CPU processes, compare, merge, write the card.",
        "--data build/sample --out build/finetune-demo",
    )
    parser.add_argument("--data", type=Path, required=True, help="a directory made by python -m builders build")
    parser.add_argument("--out", type=Path, required=True, help="folder for everything the demo makes")
    return parser


def _demo(arguments: argparse.Namespace) -> None:
    began = time.monotonic()
    console = Console()
    demo(arguments.data, arguments.out, console)
    console.print(f"{time.monotonic() - began:.0f} s in all", style="dim")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; see ``--help``. Returns the exit status."""
    return command.run(_parser(), _demo, argv)


if __name__ == "__main__":
    sys.exit(main())
