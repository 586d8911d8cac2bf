"""python -m tests.documents.regenerate: writes the `dataset_infos.json` of the repository anew."""

from __future__ import annotations

from pathlib import Path

from builders import catalogue
from builders.documents import infos
from builders.files import write_atomically

PATH = Path(__file__).resolve().parents[2] / infos.NAME

if __name__ == "__main__":
    write_atomically(PATH, infos.to_json(infos.of_catalogue()))
    print(f"Wrote {PATH.name}: {len(catalogue.CONFIGS)} configs.")
