"""python -m tests.corpora.regenerate [CORPUS ...]: writes the golden files anew. Read the diff before committing it."""

from __future__ import annotations

import itertools
import sys

from builders import catalogue
from tests.support import golden_records as golden


def main(names: list[str]) -> None:
    """Writes the golden files of the named corpora, or of all; none where a version is to be raised first."""
    corpora = [catalogue.corpus_named(name) for name in names or catalogue.CORPORA]
    made = [golden.made_from_samples(corpus) for corpus in corpora]
    problems = [golden.not_raised(corpus, files) for corpus, files in zip(corpora, made, strict=True)]
    if any(problems):
        raise SystemExit("\n".join(itertools.chain(*problems)))
    golden.DIRECTORY.mkdir(exist_ok=True)
    for files in made:
        for file, content in files.items():
            (golden.DIRECTORY / file).write_bytes(content)
            print(f"{file}: {len(content.splitlines())} lines")


if __name__ == "__main__":
    main(sys.argv[1:])
