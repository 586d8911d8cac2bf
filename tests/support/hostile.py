"""Runs texts that are long and hostile through what reads them, and ends where the work grows faster than the text.

Such work is done in C (patterns, pyarrow), so that no steps can be counted. A case is a function of a length, and its
time is that of the processor. One that takes next to nothing at `SIZE` is well; another is tried with a quarter of the
text, for which linear work takes a quarter of the time and quadratic work a sixteenth. Where it would take minutes, the
operating system ends the process after `ENOUGH` seconds of one trial. The case that is at work is printed first.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable, Iterable

SIZE = 200_000
"""Characters or bytes of a text."""
LITTLE = 1.0
"""Seconds that no case is blamed for; most take a tenth of it."""
ENOUGH = 20
"""Seconds after which a trial of a case is ended."""
TIMES, MOST = 4, 11
"""How many times as long the longer text is, and how many times as long it may take."""

Case = tuple[str, Callable[[int], object]]
"""What is done, in words, and what does it with a text of a length."""


def run(cases: Iterable[Case]) -> None:
    """Goes through cases; ends the process at the first whose work grows too fast."""
    before = resource.getrlimit(resource.RLIMIT_CPU)
    try:
        for name, case in cases:
            print(name, flush=True)
            _require_linear(case)
    finally:
        resource.setrlimit(resource.RLIMIT_CPU, before)  # else a process that goes on is ended by and by
    print("done")


def _require_linear(case: Callable[[int], object]) -> None:
    seconds = _seconds(case, SIZE)
    if seconds <= LITTLE:
        return
    shorter = min(_seconds(case, SIZE // TIMES) for _ in range(2))  # what disturbs it makes it longer
    if seconds > MOST * shorter:
        seconds = min(seconds, _seconds(case, SIZE))  # without what is loaded once
    if seconds > MOST * shorter:
        sys.exit(f"{seconds:.2f} s, and {shorter:.2f} s for a text of 1/{TIMES} of the length")


def _seconds(case: Callable[[int], object], size: int) -> float:
    began = time.process_time()
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(began) + ENOUGH, hard))
    case(size)
    return time.process_time() - began
