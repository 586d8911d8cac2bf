"""A revision on the Hub as one side of a comparison: `python -m builders diff` in a process of its own."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from builders.documents import describe
from builders.tree import report
from tests.diff.datasets import PAIRS, build
from tests.support.editions import output_file
from tests.support.loopback_hub import LoopbackHub
from tests.support.loopback_hub.client import run_client
from tests.support.pairs import CONFIG
from tests.support.sample_build import build_samples

REPO = "izumi-lab/llm-japanese-dataset"


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two versions with three configs, of which one differs."""
    directory = tmp_path_factory.mktemp("versions")
    old, new = directory / "old", directory / "new"
    build_samples(old, ["jsquad", "translation-coursera", CONFIG])
    shutil.copytree(old, new)
    edited = build(directory / "edited", PAIRS)
    shutil.rmtree(new / CONFIG)
    shutil.copytree(edited / CONFIG, new / CONFIG)
    content = report.load(new)
    configs = {**content.configs, CONFIG: report.load(edited).configs[CONFIG]}
    describe(replace(content, version="1.0.1", configs=configs), new)
    return old, new


@pytest.fixture
def published(hub: LoopbackHub, versions: tuple[Path, Path]) -> LoopbackHub:
    """A Hub with both: the first under the tag v1.0.0, the second on main."""
    old, new = versions
    hub.store.add_folder("datasets", REPO, old)
    hub.store.set_tag(hub.store.find("datasets", REPO), "v1.0.0", "main")
    hub.store.add_folder("datasets", REPO, new)
    return hub


def diff(hub: LoopbackHub, home: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    return run_client(hub, home, ["-m", "builders", "diff", *map(str, arguments)], token=None)


def fetched(hub: LoopbackHub) -> list[str]:
    """The files that were sent, by path."""
    paths = [exchange.path for exchange in hub.traffic.of("GET") if "/resolve/" in exchange.path and exchange.sent]
    return sorted(path.split("/resolve/")[1].partition("/")[2] for path in paths)


def told(done: subprocess.CompletedProcess[str]) -> str:
    """What was printed, without the names of the two sides."""
    assert done.returncode == 0, done.stderr
    return done.stdout.partition("\n\n")[2]


def test_a_revision_is_compared_like_a_directory(published: LoopbackHub, versions: tuple[Path, Path], tmp_path: Path):
    old, new = versions
    (shard,) = report.load(old).configs[CONFIG].shards

    done = diff(published, tmp_path / "home", f"{REPO}@v1.0.0", new)

    assert done.stdout.startswith(f"old: {REPO}@v1.0.0, version 1.0.0\nnew: {new}, version 1.0.1\n")
    assert re.search(rf"{CONFIG} +\d+ +14 ", done.stdout)
    assert told(done) == told(diff(published, tmp_path / "home", old, new))
    assert fetched(published) == ["report.json", shard.path], "no file that both sides have"


def test_two_revisions_and_a_cache(published: LoopbackHub, versions: tuple[Path, Path], tmp_path: Path):
    done = diff(published, tmp_path / "home", f"{REPO}@v1.0.0", f"{REPO}@main")
    assert told(done) == told(diff(published, tmp_path / "home", *versions))
    published.traffic.clear()

    assert told(diff(published, tmp_path / "home", f"{REPO}@v1.0.0", f"{REPO}@main")) == told(done)

    assert not fetched(published), "the second comparison finds all of it in the cache"


def refused(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 1 and "Traceback" not in done.stderr, done.stderr
    return done.stderr[done.stderr.index("Error: ") :]


def test_what_the_hub_does_not_have(published: LoopbackHub, versions: tuple[Path, Path], tmp_path: Path):
    old, _ = versions
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "README.md").write_text("nothing")
    published.store.add_folder("datasets", REPO, empty, "script")
    home = tmp_path / "home"

    revision = refused(diff(published, home, old, f"{REPO}@v9.9.9"))
    repository = refused(diff(published, home, old, "izumi-lab/another@main"))
    other = refused(diff(published, home, old, f"{REPO}@script"))

    assert f"{REPO} on {published.endpoint} has no revision v9.9.9." in revision
    assert "Next step: Name one that it has: main, script, v1.0.0." in revision
    assert f"There is no dataset repository izumi-lab/another on {published.endpoint}" in repository
    assert f"{REPO}@script holds no report.json" in other


def test_a_file_of_a_revision_that_is_not_the_report_s(
    published: LoopbackHub, versions: tuple[Path, Path], tmp_path: Path
):
    old, new = versions
    damaged = shutil.copytree(new, tmp_path / "damaged")
    (shard,) = report.load(new).configs[CONFIG].shards
    (damaged / shard.path).write_bytes((new / shard.path).read_bytes()[:-1] + b"!")
    assert output_file(damaged, shard.path).sha256 != shard.sha256
    published.store.add_folder("datasets", REPO, damaged)

    assert f"{shard.path} cannot be compared" in refused(diff(published, tmp_path / "home", old, f"{REPO}@main"))


def test_no_network(published: LoopbackHub, versions: tuple[Path, Path], tmp_path: Path, monkeypatch):
    monkeypatch.setattr(published, "endpoint", "http://127.0.0.1:9")

    message = refused(diff(published, tmp_path / "home", f"{REPO}@v1.0.0", versions[1]))

    assert "http://127.0.0.1:9 gives no answer: " in message
    assert "Next step: Run the same command again when the network is back" in message
