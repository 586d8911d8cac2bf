"""Counts tokens with the tokenizer of a model, from the files that lie in the model's directory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from builders.errors import BuildError
from builders.tree.stats import LengthOf

FAST, SENTENCEPIECE = "tokenizer.json", "tokenizer.model"


def counter(directory: Path) -> LengthOf:
    """A function that counts the tokens of texts, without the special ones that begin or end a sequence.

    Args:
        directory: holds `tokenizer.json` (of the library `tokenizers`; taken first) or `tokenizer.model`
            (of SentencePiece).

    Raises:
        BuildError: it holds neither, or the file is damaged, or the library that reads it is not installed.
    """
    for name, load in ((FAST, _fast), (SENTENCEPIECE, _sentencepiece)):
        path = directory / name
        if not path.is_file():
            continue
        try:
            return load(path)
        except ImportError as error:
            raise BuildError(f"{path} cannot be read: {error}.", "pip install -r requirements.txt") from error
        except Exception as error:  # both libraries raise what their cores throw: bare Exception, RuntimeError
            raise BuildError(f"{path} is no tokenizer: {error}", "Replace the file by a fresh copy.") from error
    raise BuildError(
        f"{directory} holds no tokenizer.", f"Name a model's directory with {FAST} or {SENTENCEPIECE} in it."
    )


def _fast(path: Path) -> LengthOf:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_truncation()
    tokenizer.no_padding()

    def count(texts: pa.StringArray) -> np.ndarray:
        encoded = tokenizer.encode_batch_fast(texts.to_pylist(), add_special_tokens=False)
        return np.fromiter(map(len, encoded), np.int64, len(texts))

    return count


def _sentencepiece(path: Path) -> LengthOf:
    from sentencepiece import SentencePieceProcessor

    processor = SentencePieceProcessor(model_file=str(path))

    def count(texts: pa.StringArray) -> np.ndarray:
        return np.fromiter(map(len, processor.encode(texts.to_pylist())), np.int64, len(texts))

    return count
