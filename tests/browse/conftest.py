"""`browse` as a real process on loopback."""

from __future__ import annotations

import http.client
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from builders.tree import report
from tests.browse.chromium import browser  # noqa: F401
from tests.browse.spaces import libraries, make_space  # noqa: F401

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Answer:
    """What the server answers."""

    status: int
    headers: http.client.HTTPMessage
    text: str


@dataclass(frozen=True)
class Site:
    """A running `browse`."""

    process: subprocess.Popen[str]
    address: str

    def get(self, path: str, *, method: str = "GET", host: str | None = None, **arguments: object) -> Answer:
        """Asks for a page; the path goes out as it is."""
        port = int(self.address.rsplit(":", 1)[1].strip("/"))
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        target = f"{path}?{urlencode(arguments)}" if arguments else path
        try:
            connection.request(method, target, headers={"Host": host} if host else {})
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read().decode())
        finally:
            connection.close()


Start = Callable[..., Site]


@pytest.fixture(scope="session")
def start() -> Iterator[Start]:
    """Starts `browse DIRECTORY --port 0` with further arguments; all end with the session."""
    processes = []

    def start(directory: Path, *arguments: str) -> Site:
        command = [sys.executable, "-m", "builders", "browse", str(directory), "--port", "0", *arguments]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        processes.append(process)
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("http://127.0.0.1:"), process.communicate()
        return Site(process, line.split()[0])

    yield start
    for process in processes:
        process.kill()
        process.communicate()


@pytest.fixture(scope="session")
def site(start, sample_dataset) -> Site:
    """The sample dataset with its raw files."""
    return start(sample_dataset, "--sample")


@pytest.fixture(scope="session")
def curated(start, sample_dataset, tmp_path_factory) -> Site:
    """The sample dataset with marks: of every file, the second record repeats the first, and has a repair."""
    directory = tmp_path_factory.mktemp("curated [1] 100%'*") / "dataset"
    shutil.copytree(sample_dataset, directory)
    for config in report.load(directory).built.values():
        for shard in config.shards:
            ids = pq.read_table(directory / shard.path, columns=["id"]).column("id").to_pylist()
            marks = directory / "marks" / shard.path
            marks.parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(_marks(ids), marks)
    return start(directory)


def _marks(ids: list[str]) -> pa.Table:
    second = [place == 1 for place in range(len(ids))]
    repair = '[{"rule":"notes-out","column":"output","before":"<b>前</b>","after":"後"}]'
    return pa.table(
        {
            "id": ids,
            "rules": ["exact-duplicate notes-out" if yes else "" for yes in second],
            "dropped_by": ["exact-duplicate" if yes else "" for yes in second],
            "pair_score": pa.array([0.25 if yes else None for yes in second], pa.float32()),
            "representative": [ids[0] if yes else "" for yes in second],
            "repairs": [repair if yes else "" for yes in second],
        }
    )
