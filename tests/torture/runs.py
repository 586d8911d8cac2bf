"""Commands that are disturbed and then run to their end, and the table of what came of them."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from tests.support.digests import digests
from tests.torture.disturbances import BUILDING, KINDS, Disturbance, disturb, draw, finish, start

FULL = "disk full"
TRIES = 5
"""How many times as many kills as are asked for are tried at most: some come when the command has ended."""
ENOUGH_ROOM = "size=1g"
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
    """What came of the disturbances of one command, by kind, and the kinds that this machine does not let be tried."""

    name: str
    tried: Counter[str] = field(default_factory=Counter)
    while_running: Counter[str] = field(default_factory=Counter)
    other_bytes: Counter[str] = field(default_factory=Counter)
    impossible: set[str] = field(default_factory=set)

    def have(self, kills: int) -> bool:
        """Whether that many kills have hit the command while it ran.

        Raises:
            AssertionError: `TRIES` times as many were tried, and they have not.
        """
        hit, tried = self.while_running["kill"], self.tried["kill"]
        assert hit >= kills or tried < TRIES * kills, f"{self.name}: of {tried} kills {hit} came while it ran"
        return hit >= kills


def undisturbed(command: Command, out: Path) -> Undisturbed:
    """Runs a command once, without a disturbance."""
    command.prepare(out)
    began = time.monotonic()
    finish(command.into(out))
    seconds = time.monotonic() - began
    return Undisturbed(command, digests(out), seconds, size_of(out))


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


def torture(run: Undisturbed, kills: int, seed: int, tell: Callable[[str], None]) -> Iterator[Outcomes]:
    """Disturbs a command at random moments, two of three times by a kill, and fills its disk.

    Args:
        run: the command.
        kills: that are to hit it while it runs.
        seed: of the moments.
        tell: says how far it is.

    Yields:
        The outcomes, once, before there are any: who stops it has what was found by then.
    """
    drawn, outcomes = random.Random(seed), Outcomes(run.command.name)
    yield outcomes
    while not outcomes.have(kills):
        kinds = drawn.choices(KINDS, (8, 1, 1, 1, 1), k=drawn.randint(1, 4))
        disturbances = [draw(drawn, run.seconds, run.command.moments, kind) for kind in kinds]
        with TemporaryDirectory(prefix="torture-") as directory:
            suffer(run, disturbances, Path(directory) / "out", outcomes)
        tell(f"{run.command.name}: {outcomes.while_running['kill']} of {kills}")
    for share in SHARES:
        fill_disk(run, share, outcomes)


def fill_disk(run: Undisturbed, share: float, outcomes: Outcomes) -> None:
    """Runs a command on a file system with too little room, then on the same one with enough.

    Args:
        run: the command.
        share: of the room that it needs.
        outcomes: what came of it is added there; that it is impossible, where this machine lets nobody mount one.
    """
    with TemporaryDirectory(prefix="torture-") as directory:
        disk = Path(directory)
        if subprocess.run(
            ["mount", "-t", "tmpfs", "-o", ENOUGH_ROOM, "tmpfs", str(disk)], capture_output=True
        ).returncode:
            outcomes.impossible.add(FULL)
            return
        try:
            _fill_and_empty(run, share, disk, outcomes)
        finally:
            subprocess.run(["umount", str(disk)], check=True)


def _fill_and_empty(run: Undisturbed, share: float, disk: Path, outcomes: Outcomes) -> None:
    out = disk / "out"
    run.command.prepare(out)
    room = max(4096, int(share * (run.bytes - size_of(disk))))
    taken = os.statvfs(disk)
    _remount(disk, f"size={(taken.f_blocks - taken.f_bfree) * taken.f_frsize + room}")
    outcomes.tried[FULL] += 1
    process = start(run.command.into(out))
    _, said = process.communicate()
    assert process.returncode in (0, 1) and (process.returncode == 0 or "No room left" in said), said
    outcomes.while_running[FULL] += process.returncode
    _remount(disk, ENOUGH_ROOM)
    finish(run.command.into(out))
    outcomes.other_bytes[FULL] += digests(out) != run.digests


def _remount(disk: Path, size: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{size}", str(disk)], check=True)


def size_of(directory: Path) -> int:
    """Bytes of all files of a directory."""
    return sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())


def show(console: Console, all_outcomes: Sequence[Outcomes]) -> None:
    """Prints a line per command and kind of disturbance."""
    table = Table(title="Disturbed, then run to the end", title_justify="left")
    for column in ("command", "disturbance", "tried", "while it ran", "other bytes at the end"):
        table.add_column(column, justify="left" if column in ("command", "disturbance") else "right")
    for outcomes in all_outcomes:
        for kind, tried in outcomes.tried.items():
            counts = (tried, outcomes.while_running[kind], outcomes.other_bytes[kind])
            table.add_row(outcomes.name, kind, *map(str, counts))
        for kind in outcomes.impossible:
            table.add_row(outcomes.name, kind, "not possible here", "", "")
    console.print(table)
