"""python -m tests.corpora.regenerate [CORPUS ...]: writes the golden files anew. Read the diff before committing it."""

from __future__ import annotations

import sys

from builders import catalogue
from tests.support import golden_records as golden


def main(names: list[str]) -> None:
    """Writes the golden files of the named corpora, or of all."""
    golden.DIRECTORY.mkdir(exist_ok=True)
    for name in names or catalogue.CORPORA:
        for file, content in golden.made_from_samples(catalogue.corpus_named(name)).items():
            (golden.DIRECTORY / file).write_bytes(content)
            print(f"{file}: {len(content.splitlines())} lines")


if __name__ == "__main__":
    main(sys.argv[1:])
