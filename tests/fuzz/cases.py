"""One case: a corpus's samples with damage in one file, made anew from a number, and what reading them comes to."""

from __future__ import annotations

import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

from builders.build.entries import require_rows_read
from builders.build.shards import steps
from builders.catalogue import CORPORA
from builders.commands.options import SAMPLES
from builders.corpus import Corpus
from builders.download.dates import newest_in
from builders.errors import BuildError, FormatError
from builders.schema import SCHEMA
from tests.fuzz.containers import changed_inside
from tests.fuzz.mutations import mutated

INSIDE = 0.7
"""Share of the cases whose damage is inside an archive; the others have it in the archive's own bytes."""
OUTCOMES = ("records", "rejected rows", "named error")
"""What may come of a case; anything else is a fault, and its text says which."""


@dataclass(frozen=True)
class Outcome:
    """What came of a case.

    Args:
        number: of the case.
        what: one of `OUTCOMES`, or the fault: the exception and where it was raised.
        seconds: of CPU time that reading took.
        memory: bytes that the process took at most, beyond what it had before.
    """

    number: int
    what: str
    seconds: float = 0
    memory: int = 0


def sample_files(corpus: Corpus) -> list[Path]:
    """The corpus's samples, of a dump's date if it has one."""
    folder = SAMPLES / corpus.name
    date = newest_in(folder, corpus.files) or ""
    return [folder / file.name.replace("{date}", date) for file in corpus.files]


@cache
def _all_samples() -> tuple[Path, ...]:
    return tuple(path for corpus in CORPORA.values() for path in sample_files(corpus))


def write_case(corpus: Corpus, number: int, directory: Path) -> dict[str, Path]:
    """Writes the raw files of a case into an empty directory; the same number gives the same files.

    Returns:
        Paths by name, as `Corpus.split` takes them.
    """
    chance = Random(f"{corpus.name} {number}")
    samples = sample_files(corpus)
    victim = chance.choice(samples)
    other = chance.choice(_all_samples()).read_bytes()

    def change(data: bytes) -> bytes:
        return mutated(data, chance, other)

    content = changed_inside(victim, chance, change) if chance.random() < INSIDE else change(victim.read_bytes())
    optional = {file.name.rpartition("}")[2] for file in corpus.files if file.optional}
    files = {}
    for path in samples:
        if path != victim and any(path.name.endswith(end) for end in optional) and chance.random() < 0.5:
            continue  # a dump without its index
        files[path.name] = path
    files[victim.name] = directory / victim.name
    files[victim.name].write_bytes(content)
    return files


def outcome_of(corpus: Corpus, files: dict[str, Path]) -> str:
    """Reads raw files as a build does, with every task, and says what came of it."""
    records = rejected = 0
    try:
        parts = corpus.split(files)
        for task in corpus.tasks:
            rows_read = Counter[str]()
            for step in (step for part in parts for step in steps(corpus, task, part)):
                for batch in step.records.values():
                    batch.cast(SCHEMA).validate(full=True)
                    records += batch.num_rows
                rejected += len(step.rejected)
                rows_read[step.record_type] += step.rows_read
            require_rows_read(corpus, task, rows_read, files.values())
    except (FormatError, BuildError) as error:
        if isinstance(error.__cause__, OSError):  # named too, but wrongly: the disk is sound
            raise
        return "named error"
    assert records or rejected, "rows were read, and nothing came of them"
    return "records" if records else "rejected rows"


def run_case(name: str, number: int, directory: Path, begin: Callable[[], None] = lambda: None) -> Outcome:
    """Makes and reads a case; a fault is in the outcome, not raised.

    Args:
        name: of the corpus.
        number: of the case.
        directory: the changed file goes there.
        begin: called when the files are made and the reading begins.
    """
    corpus = CORPORA[name]
    files = write_case(corpus, number, directory)
    begin()
    before = _memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # forgets how much the process had at most
    start = time.process_time()
    try:
        what = outcome_of(corpus, files)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        what = _fault(error)
    seconds = time.process_time() - start
    return Outcome(number, what, seconds, max(0, _memory("VmHWM") - before))


def _fault(error: BaseException) -> str:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "/builders/" in frame.filename]
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    return f"{type(error).__name__} at {place}: {str(error)[:100]}"


def _memory(field: str) -> int:
    """Bytes that Linux says of this process."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) << 10
    return 0
