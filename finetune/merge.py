"""The adapter's weights added into the base model's: one model that needs no PEFT, saved with its tokenizer.

    python -m finetune.merge out/adapter --out out/merged

The adapter's folder stays as it is.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from finetune import adapter, checkpoints, command
from finetune.errors import AdapterError


def merge(folder: Path, out: Path, *, base: str | None = None) -> Path:
    """Write base + adapter of ``folder`` to ``out``, in the type of the base's weights.

    ``W + (alpha / r) B A`` replaces each adapted weight ``W``. ``out`` appears only when it is complete.

    Args:
        folder: The adapter's folder.
        out: Folder for the merged model; must not exist.
        base: Where the base model is, if it is not where the adapter remembers it.

    Returns:
        ``out``.

    Raises:
        AdapterError: The adapter or its base cannot be used, the merge gives NaN, ``out`` exists, or there is no room.
    """
    out = Path(out)
    with checkpoints.whole_folder(out, AdapterError) as whole:
        tuned = adapter.load(folder, base)
        try:
            merged = tuned.model.merge_and_unload(safe_merge=True)
        except ValueError as error:
            raise AdapterError(
                f"the adapter {folder} cannot be merged: {error}\n"
                "Next step: train it anew, or go on from an earlier checkpoint."
            ) from error
        merged.save_pretrained(whole)
        tuned.tokenizer.save_pretrained(whole)
    return out


def _parser() -> argparse.ArgumentParser:
    parser = command.parser(
        "merge",
        "Add an adapter into its base model and save the result with the tokenizer.",
        "out/adapter --out out/merged",
    )
    parser.add_argument("adapter", type=Path, help="output folder of python -m finetune.train")
    parser.add_argument("--out", type=Path, required=True, help="folder to write the merged model to")
    parser.add_argument("--base", help="the base model, if it is not where it was during training")
    return parser


def _merge(arguments: argparse.Namespace) -> None:
    merge(arguments.adapter, arguments.out, base=arguments.base)
    print(f"wrote the merged model to {arguments.out}")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; see ``--help``. Returns the exit status."""
    return command.run(_parser(), _merge, argv)


if __name__ == "__main__":
    sys.exit(main())
