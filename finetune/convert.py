"""A model in one GGUF file, as a directory in the Hugging Face layout that ``model.base`` can name.

    python -m finetune.convert model.Q4_1.gguf --out build/model

Weights in 4 or 8 bits become what they stand for, in the type asked for. The reading is transformers' own.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from finetune import checkpoints, command
from finetune.errors import ModelError

MAGIC = b"GGUF"


def convert(file: Path, out: Path, *, dtype: str = "float32") -> Path:
    """Write the model and the tokenizer of the GGUF ``file`` to the directory ``out``.

    Args:
        file: The GGUF file.
        out: The directory; must not exist. It appears only when it is complete.
        dtype: Type of the weights, ``float32`` or ``bfloat16``.

    Returns:
        ``out``.

    Raises:
        ModelError: ``file`` cannot be read, ``out`` exists, or there is no room.
    """
    with checkpoints.whole_folder(out, ModelError) as whole:
        _check_beginning(file)
        model, tokenizer = _read(file, dtype)
        model.save_pretrained(whole)
        tokenizer.save_pretrained(whole)
    return out


def _check_beginning(file: Path) -> None:
    try:
        with file.open("rb") as stream:
            beginning = stream.read(len(MAGIC))
    except OSError as error:
        raise ModelError(f"{file} cannot be read: {error.strerror}\nNext step: give a GGUF file.") from error
    if beginning != MAGIC:
        raise ModelError(f"{file} is no GGUF file: it does not begin with GGUF\nNext step: give a GGUF file.")


def _read(file: Path, dtype: str) -> tuple[Any, Any]:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    untyped_model: Any = AutoModelForCausalLM
    untyped_config: Any = GgufConfig
    try:
        tokenizer = AutoTokenizer.from_pretrained(str(file.parent), gguf_file=file.name)
        model = untyped_model.from_pretrained(
            str(file.parent),
            gguf_file=file.name,
            dtype=getattr(torch, dtype),
            quantization_config=untyped_config(dequantize=True),
        )
    except Exception as error:  # each kind of damage raises something else
        raise ModelError(
            f"{file} cannot be read: {' '.join(str(error).split()) or type(error).__name__}\n"
            "Next step: take a whole file of an architecture that transformers reads from GGUF."
        ) from error
    model.hf_quantizer = None  # the weights are plain numbers now, and saving would refuse quantised ones
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    return model, tokenizer


def _parser() -> argparse.ArgumentParser:
    parser = command.parser(
        "convert",
        "Turn a GGUF file into a directory in the Hugging Face layout.",
        "model.Q4_1.gguf --out build/model",
    )
    parser.add_argument("file", type=Path, help="the GGUF file")
    parser.add_argument("--out", type=Path, required=True, help="directory to write the model and its tokenizer to")
    parser.add_argument("--dtype", choices=("float32", "bfloat16"), default="float32", help="type of the weights")
    return parser


def _convert(arguments: argparse.Namespace) -> None:
    convert(arguments.file, arguments.out, dtype=arguments.dtype)
    print(f"wrote the model to {arguments.out}")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; see ``--help``. Returns the exit status."""
    return command.run(_parser(), _convert, argv)


if __name__ == "__main__":
    sys.exit(main())
