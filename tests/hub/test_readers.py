"""Readers beside a publisher: each load gets one version whole, the old or the new.

`huggingface_hub` reads README.md of `main` in two requests, one for its size and one for its text. Where a publish
falls between the two, the client itself refuses what it got ("Consistency check failed ... please retry"), and that is
the only thing a reader may see beside the old version and the new one.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from builders.tree import report
from tests.matrix import environments
from tests.support.editions import edition
from tests.support.loopback_hub import LoopbackHub, client_environment
from tests.support.loopback_hub.client import TOKEN
from tests.support.sample_build import build_samples

REPO = "izumi-lab/llm-japanese-dataset"
EDITIONS = 6
PUBLISHER = """
import sys
from pathlib import Path
from builders.hub.publish import publish
for line in sys.stdin:
    publish(Path(line.strip()), sys.argv[1], allowed=("--allow-samples", "--allow-partial"))
    print("done", flush=True)
"""
READER = """
import json, sys, tempfile
from datasets import load_dataset

while True:
    for streaming in (False, True):
        try:
            with tempfile.TemporaryDirectory() as cache:
                data = load_dataset(sys.argv[1], "all", split="train", streaming=streaming, cache_dir=cache)
                outputs = [record["output"] for record in data]
        except OSError as error:
            if "Consistency check failed" not in str(error) or "README.md" not in str(error):
                raise
        else:
            print(json.dumps([len(outputs), sorted(set(outputs))]), flush=True)
"""


@pytest.fixture(scope="module")
def editions(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Versions that differ in every record, in the number of records and in the names of the files."""
    folder = tmp_path_factory.mktemp("editions")
    build_samples(folder / "sample", ["jsquad", "translation-coursera"])
    return [
        edition(folder / "sample", folder / f"{number}", f"2.{number}.0", shards=1 + number % 3)
        for number in range(EDITIONS)
    ]


@pytest.fixture
def start(hub: LoopbackHub, tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen]]:
    """Starts clients of the Hub that are talked to through pipes; they end with the test."""
    running: list[subprocess.Popen] = []

    def start(python: Path | str, program: str, *arguments: str, token: str | None) -> subprocess.Popen:
        environment = client_environment(hub, tmp_path / f"client-{len(running)}", token)
        command = [python, "-c", program, *arguments]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        running.append(subprocess.Popen(command, env=environment, text=True, **pipes))
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("version", environments.VERSIONS)
def test_a_reader_gets_the_old_version_or_the_new_one(
    version: str, hub: LoopbackHub, editions: list[Path], start: Callable[..., subprocess.Popen]
) -> None:
    if not environments.ready(version):
        pytest.skip(f"no environment with datasets {version}; make it: python tests/matrix/environments.py {version}")
    publisher = start(sys.executable, PUBLISHER, REPO, token=TOKEN)
    reader = None
    for number, directory in enumerate(editions):
        print(directory, file=publisher.stdin, flush=True)
        assert publisher.stdout.readline() == "done\n"
        reader = reader or start(environments.python(version), READER, REPO, token=None)
        while (newest := _next_load(reader, editions)) < number:
            pass  # a load that began before the publish was done
        assert newest == number


def _next_load(reader: subprocess.Popen, editions: list[Path]) -> int:
    """The edition that the reader's next load gave it; every record of it was of that edition."""
    line = reader.stdout.readline()
    assert line, "the reader stopped with an error"
    count, outputs = json.loads(line)
    assert len(outputs) == 1, f"a mixture of {outputs}"
    number = int(outputs[0].split(".")[1])
    assert count == sum(config.records for config in report.load(editions[number]).configs.values())
    return number
