"""A few disturbances of each kind; `make torture` tries hundreds at random moments."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from builders.commands.options import SAMPLES
from tests.torture import publishing
from tests.torture.disturbances import Disturbance, finish
from tests.torture.runs import FULL, Command, Outcomes, Undisturbed, fill_disk, show, suffer, undisturbed

BUILD = ("build", "easy-ja", "jsquad", "--sources", str(SAMPLES), "--workers", "2")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output directory of `build`; tests only read it."""
    return tmp_path_factory.mktemp("build") / "out"


@pytest.fixture(scope="module")
def build(built: Path) -> Undisturbed:
    return undisturbed(Command("build", (*BUILD, "--chat", "--out")), built)


def hit(run: Undisturbed, disturbances: list[Disturbance], directory: Path) -> None:
    """Disturbs a command; on a machine that is busy it may have ended before, and is disturbed once more.

    Raises:
        AssertionError: a kind of disturbance never came while it ran, or one run ended with other bytes.
    """
    outcomes, missed = Outcomes(run.command.name), disturbances
    for attempt in range(3):
        if missed:
            suffer(run, missed, directory / str(attempt), outcomes)
        missed = [disturbance for disturbance in disturbances if not outcomes.while_running[disturbance.kind]]
    assert not missed and not outcomes.other_bytes.total()


# A command that is not disturbed in time ends, and leaves the next nothing to do: first come files that stay.


def test_a_disturbed_build_ends_with_the_same_bytes(tmp_path, build):
    disturbances = [
        Disturbance("interrupt", ".building/*/*/result.json"),
        Disturbance("terminate", ".building/*/*.tmp/*.parquet"),
        Disturbance("worker", ".building/*/*/result.json"),
        Disturbance("clock", ".building/*.new"),
        Disturbance("kill", "README.md*"),
    ]
    hit(build, disturbances, tmp_path)


def test_a_disturbed_merge_ends_with_the_bytes_of_a_build(tmp_path, build):
    slices = [tmp_path / f"slice-{number}" for number in (1, 2)]
    for number, directory in enumerate(slices, 1):
        finish([*BUILD, "--shards", f"{number}/2", "--out", str(directory)])
    merge = replace(build, command=Command("merge", ("merge", *map(str, slices), "--chat", "--out")))
    disturbances = [
        Disturbance("terminate", ".building/*/*/result.json"),
        Disturbance("interrupt", "*/train-*.parquet"),
        Disturbance("kill", "README.md*"),
    ]
    hit(merge, disturbances, tmp_path)


def test_a_disturbed_clean_build_ends_with_the_same_bytes(tmp_path, build, built):
    clean = undisturbed(Command("clean", ("clean", "--workers", "2"), built), tmp_path / "undisturbed")
    disturbances = [
        Disturbance("interrupt", ".building/clean-*/found-*[0-9]"),
        Disturbance("terminate", ".building/clean-*/written-*[0-9]"),
        Disturbance("worker", ".building/clean-*/written-*.tmp/*"),
        Disturbance("kill", "README.md*"),
    ]
    hit(clean, disturbances, tmp_path)


def test_a_disturbed_publish_is_finished_by_the_next_one(tmp_path, build, built, hub):
    publisher, outcomes = publishing.Publisher(hub, tmp_path / "home"), Outcomes("publish")
    after = publisher.finish(built)
    hub.reset()
    disturbances = [
        Disturbance("interrupt", "PUT /lfs/*"),
        Disturbance("terminate", "POST */commit/script"),
        Disturbance("kill", "POST */commit/main"),
        Disturbance("kill", "POST */tag/*"),
    ]
    publisher.suffer(built, after, disturbances, outcomes)
    assert set(+outcomes.while_running) == set(publishing.KINDS) and not outcomes.other_bytes.total()


def test_a_full_disk_with_more_room_ends_with_the_same_bytes(build):
    outcomes = Outcomes("build")
    fill_disk(build, 0.3, outcomes)
    if outcomes.impossible:
        pytest.skip("this machine does not let a file system be mounted")
    assert outcomes.while_running[FULL] == 1 and not outcomes.other_bytes.total()


def test_what_cannot_be_tried_is_in_the_table():
    console = Console(record=True, width=200)
    show(console, [Outcomes("build", impossible={FULL})])
    assert any(FULL in line and "not possible here" in line for line in console.export_text().splitlines())
