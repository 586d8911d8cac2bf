"""What a release costs that corrects one raw row: bytes that `publish` sends, seconds and memory of `diff`.

    python -m benchmarks.release [--records 2800000] [--sources DIR]

Does what a maintainer does, with the commands, in a copy of the code: builds JESC from invented subtitles, publishes
it, corrects one row in patches.toml, raises the version, builds, has `diff` write the changelog, and publishes again.
With --sources, the other corpora are built too, from the real raw files that are there.

The Hub is the loopback one, the client the real one: `hf_xet` cuts the files into chunks and leaves out those that are
stored already. `chunks` are the bytes of the blocks and shards that it writes; `requests` are the bodies of all
requests, in which small files travel. Between the publishes the client forgets what it has sent, as if the second came
from another machine.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow.parquet as pq
from rich.console import Console

from benchmarks.machine import describe_machine
from builders import catalogue, download
from builders.commands import terminal
from builders.corpus import columns_of
from builders.hub.publish import LOADING_SCRIPT, ROOT
from builders.tree import report
from tests.support.loopback_hub import LoopbackHub, client_environment
from tests.support.subtitles import CONFIG, write_subtitles

REPO = "izumi-lab/llm-japanese-dataset"
VERSION = '__version__ = "{}"'
PATCH = """
[benchmark-of-one-row]
corpus = "{corpus}"
key = '{key}'
column = "{column}"
was = '''{was}'''
becomes = '''{was}!'''
reason = "the last character is missing"
"""


@dataclass(frozen=True)
class Sent:
    """What a publish sent: bytes of chunks, and of the bodies of requests."""

    chunks: int
    requests: int

    @property
    def bytes(self) -> int:
        """Both together."""
        return self.chunks + self.requests


@dataclass(frozen=True)
class Run:
    """What a command cost: seconds of the clock, and its largest memory in bytes."""

    seconds: float
    memory: int
    output: str


class Checkout:
    """A copy of the code that can be changed, and a client of a Hub that runs in it."""

    def __init__(self, directory: Path, hub: LoopbackHub):
        self.directory = directory
        shutil.copytree(ROOT / "builders", directory / "builders", ignore=shutil.ignore_patterns("__pycache__"))
        for name in (LOADING_SCRIPT, "dataset_infos.json"):
            shutil.copy(ROOT / name, directory / name)
        self._environment = client_environment(hub, directory / "home", chunks=True) | {"PYTHONPATH": str(directory)}

    def run(self, *arguments: object) -> Run:
        """Runs `python -m builders ARGUMENTS`."""
        command = [sys.executable, "-m", "builders", *map(str, arguments)]
        start = time.perf_counter()
        with open(self.directory / "output", "w+b") as output:
            process = subprocess.Popen(
                command, env=self._environment, cwd=self.directory, stdout=output, stderr=subprocess.STDOUT
            )
            _, status, used = os.wait4(process.pid, 0)
            output.seek(0)
            text = output.read().decode()
        if status:
            raise SystemExit(f"{' '.join(command)} failed:\n{text}")
        return Run(time.perf_counter() - start, used.ru_maxrss << 10, text)

    def edit(self, name: str, before: str, after: str) -> None:
        """Replaces a text in a module."""
        path = self.directory / "builders" / name
        text = path.read_text("utf-8")
        assert before in text, f"{name} has no {before}"
        path.write_text(text.replace(before, after), "utf-8")

    def add_patch(self, text: str) -> None:
        """Adds a correction."""
        with open(self.directory / "builders" / "build" / "patches.toml", "a", encoding="utf-8") as file:
            file.write(text)


def publish(checkout: Checkout, hub: LoopbackHub, built: Path) -> Sent:
    """Publishes, and counts what was sent."""
    hub.traffic.clear()
    chunks = hub.store.chunks.bytes
    checkout.run("publish", built, "--repo", REPO, "--allow-samples", "--allow-partial")
    requests = sum(exchange.received for exchange in hub.traffic)
    hub.store.chunks.forget_clients()
    return Sent(hub.store.chunks.bytes - chunks, requests)


def patch_of_the_middle(built: Path) -> str:
    """A correction of the raw row behind a record in the middle of the largest config: its input gets one character."""
    content = report.load(built)
    config = max(content.built, key=lambda name: content.built[name].records)
    corpus, task = catalogue.TASK_CONFIGS[config]
    shards = content.built[config].shards
    table = pq.read_table(built / shards[len(shards) // 2].path, columns=["id", "input", "task"])
    (row,) = table.slice(table.num_rows // 2, 1).to_pylist()
    (template,) = (template for template in task.templates if template.name == row["task"])
    key = row["id"].removeprefix(f"{corpus.name}:{template.name}:")
    (column,) = columns_of(template.input)
    return PATCH.format(corpus=corpus.name, key=key, column=column, was=row["input"])


def lay_out_sources(directory: Path, records: int, real: Path | None) -> Iterator[str]:
    """Invented subtitles beside links to real raw files; yields what to build."""
    directory.mkdir()
    write_subtitles(directory, records // 2)
    (directory / download.SAMPLE).touch()
    yield "extended" if real else CONFIG
    for path in real.iterdir() if real else ():
        if path.is_dir() and path.name != "jesc":
            (directory / path.name).symlink_to(path.resolve())


def main() -> None:
    """Builds, publishes, corrects, compares, publishes again, and prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=2_800_000, help="of JESC (default: %(default)s)")
    parser.add_argument("--sources", type=Path, metavar="DIR", help="real raw files of other corpora")
    options = parser.parse_args()
    console = Console(highlight=False)
    with TemporaryDirectory() as temporary, LoopbackHub(Path(temporary) / "blobs") as hub:
        directory = Path(temporary)
        checkout = Checkout(directory / "checkout", hub)
        sources, old, new = directory / "sources", directory / "old", directory / "new"
        build = ["build", *lay_out_sources(sources, options.records, options.sources), "--sources", sources]
        build += ["--best-effort", "--workers", 1, "--out"]
        checkout.run(*build, old)
        first = publish(checkout, hub, old)
        checkout.add_patch(patch_of_the_middle(old))
        checkout.edit("__init__.py", VERSION.format("1.0.0"), VERSION.format("1.0.1"))
        checkout.run(*build, new)
        compared = checkout.run("diff", old, new, "--changelog", checkout.directory / "builders/documents/changelog.md")
        second = publish(checkout, hub, new)
        records = sum(config.records for config in report.load(old).built.values())
    console.print(compared.output, markup=False, soft_wrap=True)
    _print(console, records, first, second, compared)


def _print(console: Console, records: int, first: Sent, second: Sent, compared: Run) -> None:
    machine = describe_machine("pyarrow", "huggingface_hub", "hf_xet")
    table = terminal.table(f"{machine}\n{records:,} records, published, one raw row corrected, published again")
    table.add_column("")
    for column in ("chunks, bytes", "requests, bytes", "together", "of the first"):
        table.add_column(column, justify="right")
    for name, sent in (("first publish", first), ("second publish", second)):
        share = f"{sent.bytes / first.bytes:.2%}"
        table.add_row(name, f"{sent.chunks:,}", f"{sent.requests:,}", f"{sent.bytes:,}", share)
    console.print(table)
    console.print(f"diff: {compared.seconds:.1f} s, {compared.memory / 2**20:,.0f} MiB at most")


if __name__ == "__main__":
    main()
