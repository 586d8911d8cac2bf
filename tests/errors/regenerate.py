"""python -m tests.errors.regenerate: writes the golden messages anew. Read the diff before committing it."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from tests.errors import cases


def main() -> None:
    """Writes one file per case."""
    cases.DIRECTORY.mkdir(exist_ok=True)
    for name in cases.CASES:
        with TemporaryDirectory() as directory:
            _, text = cases.message(name, Path(directory))
        (cases.DIRECTORY / f"{name}.txt").write_text(text, encoding="utf-8")
        print(f"--- {name}\n{text}")


if __name__ == "__main__":
    main()
