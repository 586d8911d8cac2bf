"""Files whose rows would fill the memory: whatever they hold, reading a part takes no more than 1 GB."""

from __future__ import annotations

import gzip
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from builders.corpora import jwtd
from tests.corpora import test_alt, test_paranatcom, test_wordnet
from tests.fuzz import test_structured
from tests.fuzz.containers import tarred
from tests.fuzz.workers import MEMORY

PROGRAM = """
import resource, sys
from pathlib import Path
from builders.build import shards
from builders.catalogue import CORPORA
from builders.errors import BuildError
from tests.fuzz.workers import ADDRESSES
from tests.support.reading import files_in
resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
corpus, before = CORPORA[sys.argv[1]], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    for part in corpus.split(files_in(corpus, Path(sys.argv[2]))):
        for step in shards.steps(corpus, corpus.tasks[-1], part):
            pass
except BuildError as error:
    print(error.problem)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
"""Prints what the building of a corpus's last task comes to, and the kilobytes it took at most."""


def sentences_without_end(folder: Path) -> None:
    side = "".join(f"{number:x}\ta\n" for number in range(1_500_000))
    test_alt.written(folder, side, side)


def abstracts_without_end(folder: Path) -> None:
    """9 MB of text for an article, and 6 MB for each of its translations."""
    article = test_paranatcom.ONE.replace("Cells grow.", "Cells grow. " * 750_000)
    folders = ("articles", *(f"abstracts-ja-{number}" for number in (1, 2, 3)))
    texts = (article, *["題\n" + "要旨。" * 700_000] * 3)
    members = {f"{name}/{number}": text for number in range(10) for name, text in zip(folders, texts, strict=True)}
    test_paranatcom.written(folder, members)


def glosses_without_end(folder: Path) -> None:
    """Two files of 8 MB that make 80 GB of records."""
    glosses = "".join(f"1-n\t{index}\ta boat\t{'x' * (1 << 18)}\n" for index in range(32))
    words = "".join(f"1-n\tboat {number}\thand\n" for number in range(10_000))
    test_wordnet.written(folder, definitions=glosses, words=words)


def corrections_of_a_byte(folder: Path) -> None:
    """6 MB, of which each line makes a rejected row."""
    line = orjson.dumps(test_structured.CORRECTION) + b"\n"
    members = dict.fromkeys(jwtd.MEMBERS, line) | {jwtd.MEMBERS[0]: line + b"1\n" * 3_000_000}
    (folder / jwtd.ARCHIVE).write_bytes(gzip.compress(tarred(members), 1))


BOMBS: dict[str, tuple[Callable[[Path], None], str]] = {
    "alt": (sentences_without_end, "data_en.txt: more than 32 MiB or 500,000 lines: too large to be held in memory"),
    "jwtd": (corrections_of_a_byte, " can be used: another layout (Expected `object`, got `int`)"),
    "paranatcom": (
        abstracts_without_end,
        "titles and abstracts of more than 16,000,000 characters: too large to be held",
    ),
    "wordnet": (glosses_without_end, "synset 1-n: definitions of more than 2,000 characters: damaged"),
}
"""What makes the files of a corpus, and what a build says of them."""


@pytest.mark.parametrize("name", BOMBS)
def test_no_file_fills_the_memory(tmp_path, name):
    make, reason = BOMBS[name]
    make(tmp_path)
    command = [sys.executable, "-c", PROGRAM, name, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    *said, taken = done.stdout.splitlines()
    assert int(taken) << 10 < MEMORY
    assert len(said) == 1 and said[0].startswith(f"{name}: ") and said[0].endswith(reason)
