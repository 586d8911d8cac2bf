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
from pathlib import Path

from rich.console import Console

from finetune import adapter, compare, merge, model_card, quiet, tiny

CONFIG = Path(__file__).parent / "configs" / "tiny.yaml"
PROCESSES = 2


def demo(data: Path, out: Path, console: Console) -> str | None:
    """Run every step, each into a folder below ``out``; what was not as it should be, or nothing."""
    base, tuned, merged = out / "base", out / "adapter", out / "merged"
    for made in (base, tuned, merged):
        shutil.rmtree(made, ignore_errors=True)
    out.mkdir(parents=True, exist_ok=True)

    steps: list[tuple[str, str, Callable[[Sequence[str]], int], list[str]]] = [
        ("A small LLaMA", "finetune.tiny", tiny.main, ["--data", data, "--out", base, "--pretrain-steps", 200]),
        ("LoRA on it", "finetune.train", train, training_arguments(data, base, tuned)),
        (
            "Both sides",
            "finetune.compare",
            compare.main,
            [tuned, "--max-new-tokens", 40, "--markdown", out / "compare.md"],
        ),
        ("One model", "finetune.merge", merge.main, [tuned, "--out", merged]),
        ("Its card", "finetune.model_card", model_card.main, [tuned, "--merged", merged]),
    ]
    for title, module, run, arguments in steps:
        words = [str(argument) for argument in arguments]
        launcher = f"torchrun --nproc_per_node {PROCESSES}" if module == "finetune.train" else "python"
        console.rule(f"[bold]{title}", align="left")
        console.print(f"$ {launcher} -m {module} {shlex.join(words)}", style="cyan", highlight=False, soft_wrap=True)
        began = time.monotonic()
        if run(words):
            return f"{module} failed"
        console.print(f"{time.monotonic() - began:.0f} s", style="dim")
    return check(tuned, console)


def training_arguments(data: Path, base: Path, out: Path) -> list[str]:
    """The small config, on this demo's folders."""
    changes = [f"model.base={base}", f"data.dataset={data}", f"output={out}", f"training.processes={PROCESSES}"]
    return ["--config", os.path.relpath(CONFIG), *(part for change in changes for part in ("--set", change))]


def train(arguments: Sequence[str]) -> int:
    """Start ``finetune.train`` in two processes and wait; the exit status."""
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", str(PROCESSES)]
    one_thread_each = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.run([*launcher, "-m", "finetune.train", *arguments], env=one_thread_each).returncode


def check(tuned: Path, console: Console) -> str | None:
    """Whether the run learnt anything: what is wrong, or nothing."""
    loss = model_card.read_run(tuned)["loss"]
    if not loss["last"] < loss["first"]:
        return f"the loss did not fall: {loss['first']:.3f} at first, {loss['last']:.3f} at last"
    model, tokenizer = adapter.load(tuned)
    answers = compare.compare(model, tokenizer, compare.QUESTIONS, max_new_tokens=40)
    changed = sum(row.base != row.tuned for row in answers)
    if not changed:
        return "the tuned model answers every question as its base does"
    console.rule("[bold]Done", align="left")
    console.print(f"loss {loss['first']:.2f} -> {loss['last']:.2f}; {changed} of {len(answers)} answers changed")
    console.print("(A model this small makes no sense yet: what counts is that it learns, and what each step leaves.)")
    console.print(f"look at {tuned / model_card.CURVE}, {tuned.parent / 'compare.md'}, {tuned.parent / 'merged'}")
    return None


def main(argv: Sequence[str] | None = None) -> int:
    """Command line: see ``--help``."""
    parser = argparse.ArgumentParser(
        prog="python -m finetune.demo",
        description="Make a tiny LLaMA, tune it with LoRA and ZeRO-2 on two CPU processes, compare, merge, write the card.",
        epilog="example: python -m finetune.demo --data build/sample --out build/finetune-demo",
    )
    parser.add_argument("--data", type=Path, required=True, help="a directory made by python -m builders build")
    parser.add_argument("--out", type=Path, required=True, help="folder for everything the demo makes")
    arguments = parser.parse_args(argv)
    quiet.libraries()
    began = time.monotonic()
    console = Console()
    if problem := demo(arguments.data, arguments.out, console):
        print(f"error: {problem}", file=sys.stderr)
        return 1
    console.print(f"{time.monotonic() - began:.0f} s in all", style="dim")
    return 0


if __name__ == "__main__":
    sys.exit(main())
