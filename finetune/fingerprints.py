"""What tells a base model from another one of the same shape, wherever its files lie.

An adapter fits every model of its base's shape, and says nonsense on all but its own: on a chat version of it, or on
another release. So a run notes a fingerprint of its base.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

INDEX, WHOLE = "model.safetensors.index.json", "model.safetensors"
NUMBERS = 64
"""Numbers of each tensor that are looked at: tuning changes every tensor that it touches all over."""
REPEATED = "lm_head."
"""Some copies of a model with tied embeddings hold them twice."""


def fingerprint(name: str) -> str | None:
    """Make the fingerprint of a base model, in a fraction of a second.

    It is made of the first numbers of every tensor in bfloat16, by the tensors' names: a copy of the model in another
    number of files, or in a finer type, has the same one.

    Args:
        name: A directory, or a name on the Hub of a model that was loaded before.

    Returns:
        A hexadecimal number; nothing where there are no weights in safetensors.
    """
    folder = _folder(name)
    numbers: dict[str, bytes] = {}
    for file in _files(folder) if folder else ():
        numbers |= _beginnings(file)
    if not numbers:
        return None
    digest = hashlib.sha256()
    for tensor, content in sorted(numbers.items()):
        if not tensor.startswith(REPEATED):
            digest.update(tensor.encode() + content)
    return digest.hexdigest()


def _folder(name: str) -> Path | None:
    """Where the files of a model lie: its directory, or the Hub's cache."""
    from huggingface_hub import try_to_load_from_cache

    if Path(name).is_dir():
        return Path(name)
    found = try_to_load_from_cache(name, "config.json")
    return Path(found).parent if isinstance(found, str) else None


def _files(folder: Path) -> list[Path]:
    """The model's files of weights; a folder may hold others beside them."""
    if (folder / INDEX).is_file():
        names = json.loads((folder / INDEX).read_text(encoding="utf-8"))["weight_map"].values()
        return [folder / name for name in sorted(set(names))]
    return [folder / WHOLE] if (folder / WHOLE).is_file() else []


def _beginnings(file: Path) -> dict[str, bytes]:
    """The first numbers of each tensor of a file."""
    import torch
    from safetensors import safe_open

    untyped: Any = safe_open
    found = {}
    with untyped(file, framework="pt") as tensors:
        for name in tensors.keys():
            part = tensors.get_slice(name)
            first = part[:1] if part.get_shape() else tensors.get_tensor(name)
            numbers = first.flatten()[:NUMBERS].to(torch.bfloat16)
            found[name] = numbers.view(torch.uint8).numpy().tobytes()
    return found
