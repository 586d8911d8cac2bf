"""A model in llama.cpp's GGUF format as an ordinary folder, in full precision, that everything here can tune.

    python -m finetune.gguf model.Q4_1.gguf --out models/model

A GGUF file holds weights, shapes and tokenizer at once. Quantised weights are turned into float32; what quantising lost
stays lost. transformers does the reading.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from finetune import checkpoints, command
from finetune.errors import ModelError

MAGIC = b"GGUF"


def convert(file: Path, out: Path) -> Path:
    """Write the model in ``file`` to the folder ``out``.

    Args:
        file: A GGUF file of an architecture that transformers reads.
        out: The folder, which must not exist.

    Returns:
        ``out``.

    Raises:
        ModelError: The file cannot be read, or ``out`` exists or cannot be written.
    """
    file, out = Path(file), Path(out)
    if out.exists():
        raise ModelError(f"{out} exists already\nNext step: remove it, or give another --out.")
    _check_magic(file)
    out.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f"{out.name}.", dir=out.parent) as partial:
        whole = Path(partial) / out.name
        _write(file, whole)
        checkpoints.share(whole)
        whole.rename(out)
    return out


def _check_magic(file: Path) -> None:
    """Raise unless ``file`` begins as a GGUF file does."""
    try:
        with file.open("rb") as stream:
            found = stream.read(len(MAGIC))
    except OSError as error:
        raise ModelError(f"{file} cannot be read: {error.strerror}\nNext step: give a GGUF file.") from error
    if found != MAGIC:
        raise ModelError(f"{file} is not a GGUF file: it begins with {found!r}\nNext step: give a GGUF file.")


def _write(file: Path, out: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    place = {"pretrained_model_name_or_path": str(file.parent), "gguf_file": file.name}
    try:
        tokenizer = AutoTokenizer.from_pretrained(**place)
        model = AutoModelForCausalLM.from_pretrained(
            **place, dtype=torch.float32, quantization_config=GgufConfig(dequantize=True)
        )
    except Exception as error:  # the reader of a damaged file raises whatever its bytes happen to mean
        raise ModelError(
            f"{file} cannot be read: {' '.join(str(error).split()) or repr(error)}\n"
            "Next step: copy it anew, or give a GGUF file of an architecture that transformers reads."
        ) from error
    # The weights are plain numbers now, but the model still says that they are quantised, and so cannot be saved.
    untyped: Any = model
    untyped.hf_quantizer = None
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    model.save_pretrained(out)
    tokenizer.save_pretrained(out)


def _parser() -> argparse.ArgumentParser:
    parser = command.parser(
        "gguf", "Turn a GGUF file into a model folder in float32.", "model.Q4_1.gguf --out models/model"
    )
    parser.add_argument("file", type=Path, help="the GGUF file")
    parser.add_argument("--out", type=Path, required=True, help="folder to write the model and tokenizer to")
    return parser


def _convert(arguments: argparse.Namespace) -> None:
    print(f"wrote {convert(arguments.file, arguments.out)}")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; see ``--help``. Returns the exit status."""
    return command.run(_parser(), _convert, argv)


if __name__ == "__main__":
    sys.exit(main())
