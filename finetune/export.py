"""The merged model in one GGUF file, for llama.cpp and the programs that are built on it.

    make gguf
    python -m finetune.export out/merged --out out/merged.gguf

The converter is llama.cpp's own. It runs in a process of its own with the packages of requirements-gguf.txt, among them a
newer ``gguf`` than the one that transformers reads with.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from finetune import checkpoints, command
from finetune.errors import ModelError

LIBRARY = Path(__file__).resolve().parents[1] / ".venvs" / "gguf"
"""Where ``make gguf`` installs the converter."""
TYPES = ("auto", "f32", "f16", "bf16", "q8_0")


def ready() -> bool:
    """Tell whether the converter is installed."""
    return (LIBRARY / "convert_hf_to_gguf.py").is_file()


def export(folder: Path, out: Path, *, type: str = "auto") -> Path:
    """Write the model and the tokenizer in ``folder`` to the GGUF file ``out``.

    Args:
        folder: A model in the Hugging Face layout, such as ``finetune.merge`` writes.
        out: The file; must not exist. It appears only when it is complete.
        type: Type of the weights, in the converter's words; ``auto`` keeps 16 bits and rounds 32 to them.

    Returns:
        ``out``.

    Raises:
        ModelError: The converter is not installed or refuses the model, ``out`` exists, or there is no room.
    """
    if not ready():
        raise ModelError(f"llama.cpp's converter is not installed in {LIBRARY}\nNext step: make gguf")
    if not (folder / "config.json").is_file():
        raise ModelError(
            f"{folder} is not a model: config.json is missing\nNext step: give the folder that finetune.merge wrote."
        )
    with checkpoints.whole_folder(out, ModelError) as whole:
        path = os.pathsep.join(filter(None, (str(LIBRARY), os.environ.get("PYTHONPATH"))))
        line = [sys.executable, "-m", "convert_hf_to_gguf", str(folder), "--outfile", str(whole), "--outtype", type]
        done = subprocess.run(
            line,
            env={**os.environ, "PYTHONPATH": path},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.returncode or not whole.is_file():
            said = done.stdout.strip().rpartition("\n")[2]  # of a traceback the line that names the error
            raise ModelError(
                f"{folder} cannot be converted: {said}\n"
                "Next step: mend what the converter names; a model it does not know needs a newer one."
            )
    return out


def _parser() -> argparse.ArgumentParser:
    parser = command.parser(
        "export",
        "Turn a merged model into one GGUF file with llama.cpp's converter.",
        "out/merged --out out/merged.gguf",
    )
    parser.add_argument("model", type=Path, help="folder that python -m finetune.merge wrote")
    parser.add_argument("--out", type=Path, required=True, help="the file to write")
    parser.add_argument("--type", choices=TYPES, default="auto", help="type of the weights (default: auto, 16 bits)")
    return parser


def _export(arguments: argparse.Namespace) -> None:
    export(arguments.model, arguments.out, type=arguments.type)
    print(f"wrote the model to {arguments.out}")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; see ``--help``. Returns the exit status."""
    return command.run(_parser(), _export, argv)


if __name__ == "__main__":
    sys.exit(main())
