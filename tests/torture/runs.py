"""Commands that are disturbed and then run to their end, and the table of what came of them."""

from __future__ import annotations

import random
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from tests.support.digests import digests
from tests.torture.disturbances import BUILDING, KINDS, Disturbance, disturb, draw, finish, start

FULL = "disk full"
SHARES = (0.05, 0.3, 0.6, 0.95)
"""Sizes of a disk that has no room for a dataset, as shares of what it needs."""


@dataclass(frozen=True)
class Command:
    """A command that writes an output directory.

    Args:
        name: for the table.
        words: of `python -m builders`; the output directory comes behind them.
        given: what the output directory holds before; None if it does not exist.
        moments: patterns of files in it whose appearance is worth hitting.
    """

    name: str
    words: tuple[str, ...]
    given: Path | None = None
    moments: Sequence[str] = BUILDING

    def into(self, out: Path) -> list[str]:
        """The words with an output directory."""
        return [*self.words, str(out)]

    def prepare(self, out: Path) -> None:
        """Makes the output directory as it is before."""
        if self.given:
            shutil.copytree(self.given, out)


@dataclass(frozen=True)
class Undisturbed:
    """What a command gives when nothing happens.

    Args:
        command: the command.
        digests: sha256 by path of the output directory.
        seconds: that it took.
        bytes: of all files together.
    """

    command: Command
    digests: dict[str, str]
    seconds: float
    bytes: int


@dataclass
class Outcomes:
    """What came of the disturbances of one command, by kind."""

    name: str
    tried: Counter[str] = field(default_factory=Counter)
    while_running: Counter[str] = field(default_factory=Counter)
    other_bytes: Counter[str] = field(default_factory=Counter)


def undisturbed(command: Command, out: Path) -> Undisturbed:
    """Runs a command once, without a disturbance."""
    command.prepare(out)
    began = time.monotonic()
    finish(command.into(out))
    seconds = time.monotonic() - began
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    return Undisturbed(command, digests(out), seconds, size)


def suffer(run: Undisturbed, disturbances: Sequence[Disturbance], out: Path, outcomes: Outcomes) -> None:
    """Disturbs a command several times in one output directory, then runs it to its end and compares the bytes."""
    run.command.prepare(out)
    command = run.command.into(out)
    for disturbance in disturbances:
        outcomes.tried[disturbance.kind] += 1
        outcomes.while_running[disturbance.kind] += disturb(command, out, disturbance)
    finish(command)
    if digests(out) != run.digests:
        outcomes.other_bytes.update({disturbance.kind for disturbance in disturbances})


def torture(run: Undisturbed, kills: int, seed: int, tell: Callable[[str], None]) -> Outcomes:
    """Disturbs a command that many times at random moments; two of three disturbances are kills."""
    drawn, outcomes = random.Random(seed), Outcomes(run.command.name)
    left = kills
    while left:
        count = min(left, drawn.randint(1, 4))
        kinds = drawn.choices(KINDS, (8, 1, 1, 1, 1), k=count)
        disturbances = [draw(drawn, run.seconds, run.command.moments, kind) for kind in kinds]
        with TemporaryDirectory(prefix="torture-") as directory:
            suffer(run, disturbances, Path(directory) / "out", outcomes)
        left -= count
        tell(f"{run.command.name}: {kills - left} of {kills}")
    return outcomes


def fill_disk(run: Undisturbed, share: float, disk: Path, outcomes: Outcomes) -> bool:
    """Runs a command on a file system with too little room, then on the same one with enough.

    Args:
        run: the command.
        share: of the room that it needs.
        disk: an empty directory, where the file system is mounted.
        outcomes: what came of it is added there.

    Returns:
        False where this machine does not let a file system be mounted.
    """
    options = f"size={max(4096, int(run.bytes * share))}"
    mount = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True).returncode:
        return False
    try:
        outcomes.tried[FULL] += 1
        process = start(run.command.into(disk / "out"))
        _, said = process.communicate()
        assert process.returncode in (0, 1) and (process.returncode == 0 or "No room left" in said), said
        outcomes.while_running[FULL] += process.returncode
        subprocess.run(["mount", "-o", "remount,size=1g", str(disk)], check=True)
        finish(run.command.into(disk / "out"))
        outcomes.other_bytes[FULL] += digests(disk / "out") != run.digests
    finally:
        subprocess.run(["umount", str(disk)], check=True)
    return True


def show(console: Console, all_outcomes: Sequence[Outcomes]) -> None:
    """Prints a line per command and kind of disturbance."""
    table = Table(title="Disturbed, then run to the end", title_justify="left")
    for column in ("command", "disturbance", "tried", "while it ran", "other bytes at the end"):
        table.add_column(column, justify="left" if column in ("command", "disturbance") else "right")
    for outcomes in all_outcomes:
        for kind, tried in outcomes.tried.items():
            counts = (tried, outcomes.while_running[kind], outcomes.other_bytes[kind])
            table.add_row(outcomes.name, kind, *map(str, counts))
    console.print(table)
