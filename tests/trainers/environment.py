"""The trainers whose parsers read what `export` writes, beside the project's own packages, under .venvs/trainers.

python -m tests.trainers.environment
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = Path(__file__).with_name("requirements.txt")
FOLDER = ROOT / ".venvs" / "trainers"
NOTE = FOLDER / "installed.txt"


def ready() -> bool:
    """True where the folder holds what the requirements ask for."""
    return NOTE.is_file() and NOTE.read_bytes() == REQUIREMENTS.read_bytes()


def variables() -> dict[str, str]:
    """Environment of a process that sees the project's packages first, then the trainers', and no network."""
    offline = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}
    return {**os.environ, **offline, "PYTHONPATH": str(FOLDER)}


def main() -> None:
    """Installs them, unless they are there."""
    if not ready():
        shutil.rmtree(FOLDER, ignore_errors=True)
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(FOLDER)]
        subprocess.run([*pip, "--requirement", str(REQUIREMENTS)], check=True)
        NOTE.write_bytes(REQUIREMENTS.read_bytes())
    print(FOLDER)


if __name__ == "__main__":
    main()
