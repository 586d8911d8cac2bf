"""A published dataset on a loopback Hub, and the Space that reads it, served as files by another server."""

from __future__ import annotations

import functools
import http.server
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from builders.tree import report
from tests.support.loopback_hub import LoopbackHub

ROOT = Path(__file__).resolve().parents[2]
REPO = "an-org/a-dataset"
NO_NETWORK = "http://127.0.0.1:9"  # a port where nothing listens


def run_space(
    directory: Path, out: Path, cache: Path, endpoint: str = NO_NETWORK, repo: str = REPO, **environment: str
) -> subprocess.CompletedProcess[str]:
    """`python -m builders space`, with downloads in `cache` and the Hub at `endpoint`."""
    command = [sys.executable, "-m", "builders", "space", str(directory), "--repo", repo, "--out", str(out)]
    variables = os.environ | {"LJD_CACHE": str(cache), "HF_ENDPOINT": endpoint} | environment
    return subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, timeout=300)


@dataclass(frozen=True)
class SpaceSite:
    """A Space that is served.

    Args:
        folder: its files.
        address: where they are served.
        hub: with the dataset.
    """

    folder: Path
    address: str
    hub: LoopbackHub


MakeSpace = Callable[[Path], SpaceSite]


@pytest.fixture(scope="session")
def libraries(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, sample_dataset: Path) -> Path:
    """A cache with the JavaScript libraries: from the npm registry once, then pytest's own cache has them."""
    cache: Path = request.config.cache.mkdir("ljd-libraries")
    done = run_space(sample_dataset, tmp_path_factory.mktemp("first") / "space", cache)
    if done.returncode and "registry.npmjs.org" in done.stderr:
        pytest.skip(f"the libraries of the Space cannot be had: {done.stderr}")
    assert done.returncode == 0, done.stderr
    return cache


@pytest.fixture(scope="session")
def make_space(libraries: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MakeSpace]:
    """Puts a dataset on a Hub, and serves its Space."""
    with LoopbackHub(tmp_path_factory.mktemp("hub-of-spaces")) as hub, ExitStack() as serving:

        def make(directory: Path) -> SpaceSite:
            hub.store.add_folder("datasets", REPO, directory, f"v{report.load(directory).version}")
            out = tmp_path_factory.mktemp("space") / "space"
            done = run_space(directory, out, libraries, hub.endpoint)
            assert done.returncode == 0, done.stderr
            return SpaceSite(out, serving.enter_context(serve(out)), hub)

        yield make


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    """Serves the files of a folder on loopback."""
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        """Says nothing."""
