"""DeepSpeed's own config: one JSON file beside the YAML file of a run, and the stage of ZeRO that it asks for.

Stage 2 shares out gradients and the optimiser's state over the processes, stage 3 the weights too.
"""

from __future__ import annotations

import json
from pathlib import Path

SHARED_WEIGHTS = 3
"""The stage from which on no process holds the whole base."""


def stage(path: Path | str) -> int:
    """Read which stage the file ``path`` asks for; 0 if it asks for none.

    Raises:
        OSError: The file cannot be read.
        ValueError: It is not a config of DeepSpeed.
    """
    try:
        return int(json.loads(Path(path).read_text(encoding="utf-8")).get("zero_optimization", {}).get("stage", 0))
    except (TypeError, AttributeError, RecursionError) as error:
        raise ValueError(str(error)) from error


def problem(path: Path) -> str | None:
    """Say why ``path`` cannot be used, if it cannot."""
    if not path.is_file():
        return f"there is no file {path}"
    try:
        stage(path)
    except (OSError, ValueError) as error:
        return f"{path} cannot be read: {error}"
    return None
