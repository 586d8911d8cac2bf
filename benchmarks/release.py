"""What a release costs that corrects little: bytes that `publish` sends, seconds and memory of `diff`.

    python -m benchmarks.release [--records 2800000] [--sources DIR]

Does what a maintainer does, with the commands, in a copy of the code: builds JESC from invented subtitles, publishes
it, corrects one row in patches.toml, raises the version, builds, has `diff` write the changelog, and publishes again;
then the same with an instruction text that half of the records have. With --sources, the other corpora are built too,
from the real raw files that are there.

The Hub is the loopback one, the client the real one: `hf_xet` cuts the files into chunks and leaves out those that are
stored already. It knows them from its own earlier uploads; on another machine, it asks the Hub for the first chunk of a
file and for one chunk in 1,024, so a file whose first chunk is another one is mostly sent again. Both are measured, each
with a Hub of its own. Bytes are those of the blocks and shards that the client writes, and the bodies of all requests,
in which small files and the code travel; shares are of all files of the dataset.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow.parquet as pq
from rich.console import Console

import builders
from benchmarks.machine import describe_machine, figures_table
from builders import catalogue, download
from builders.catalogue import REPOSITORY
from builders.corpus import columns_of
from builders.hub.obstacles import ALLOW_PARTIAL, ALLOW_SAMPLES
from builders.hub.publish import LOADING_SCRIPT, ROOT
from builders.instructions import JA_TO_EN
from builders.tree import report
from builders.tree.report import Report
from tests.support.loopback_hub import LoopbackHub, client_environment
from tests.support.subtitles import write_subtitles

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
class Run:
    """What a command cost: seconds of the clock, and its largest memory in bytes."""

    seconds: float
    memory: int
    output: str


@dataclass(frozen=True)
class Release:
    """A release: what was corrected, its report, the bytes sent, and what `diff` with the one before cost.

    Bytes are those from the machine of the release before, and from another one.
    """

    name: str
    content: Report
    sent: tuple[int, int]
    compared: Run | None


class Checkout:
    """A copy of the code that can be changed, and whose commands can be run."""

    def __init__(self, directory: Path):
        self.directory = directory
        shutil.copytree(ROOT / "builders", directory / "builders", ignore=shutil.ignore_patterns("__pycache__"))
        for name in (LOADING_SCRIPT, "dataset_infos.json"):
            shutil.copy(ROOT / name, directory / name)

    def run(self, hub: LoopbackHub, *arguments: object) -> Run:
        """Runs `python -m builders ARGUMENTS`, as a client of a Hub."""
        environment = client_environment(hub, self.directory / "home", chunks=True)
        command = [sys.executable, "-m", "builders", *map(str, arguments)]
        start = time.perf_counter()
        with open(self.directory / "output", "w+b") as output:
            process = subprocess.Popen(
                command,
                env=environment | {"PYTHONPATH": str(self.directory)},
                cwd=self.directory,
                stdout=output,
                stderr=subprocess.STDOUT,
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
        path.write_text(path.read_text("utf-8").replace(before, after), "utf-8")

    def add_patch(self, text: str) -> None:
        """Adds a correction."""
        with open(self.directory / "builders" / "build" / "patches.toml", "a", encoding="utf-8") as file:
            file.write(text)


def publish(checkout: Checkout, hub: LoopbackHub, built: Path) -> int:
    """Publishes, and counts the bytes that were sent."""
    hub.traffic.clear()
    before = hub.store.chunks.bytes
    checkout.run(hub, "publish", built, "--repo", REPOSITORY, ALLOW_SAMPLES, ALLOW_PARTIAL)
    sent: int = hub.store.chunks.bytes - before + sum(exchange.received for exchange in hub.traffic)
    return sent


def publish_to_both(checkout: Checkout, same: LoopbackHub, other: LoopbackHub, built: Path) -> tuple[int, int]:
    """Publishes from the machine of the release before, and from another one."""
    other.store.chunks.forget_clients()
    return publish(checkout, same, built), publish(checkout, other, built)


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


def lay_out_sources(directory: Path, records: int, real: Path | None) -> list[str]:
    """Writes invented subtitles beside links to real raw files; returns the configs that can be built from them."""
    directory.mkdir()
    write_subtitles(directory, records // 2)
    (directory / download.SAMPLE).touch()
    for path in real.iterdir() if real else ():
        if path.is_dir() and path.name != "jesc":
            (directory / path.name).symlink_to(path.resolve())
    present = {path.name for path in directory.iterdir()}
    return [name for name, (corpus, _) in catalogue.TASK_CONFIGS.items() if corpus.name in present]


def main() -> None:
    """Builds, publishes, corrects, compares, publishes again, and prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=2_800_000, help="of JESC (default: %(default)s)")
    parser.add_argument("--sources", type=Path, metavar="DIR", help="real raw files of other corpora")
    options = parser.parse_args()
    console = Console(highlight=False)
    with TemporaryDirectory() as temporary:
        directory = Path(temporary)
        with LoopbackHub(directory / "same") as same, LoopbackHub(directory / "other") as other:
            releases = list(release(directory, same, other, options.records, options.sources))
    _print(console, releases)


def release(
    directory: Path, same: LoopbackHub, other: LoopbackHub, records: int, real: Path | None
) -> Iterator[Release]:
    """Makes three releases: the first, one with a corrected row, one with another instruction text."""
    checkout = Checkout(directory / "checkout")
    build = ["build", *lay_out_sources(directory / "sources", records, real), "--sources", directory / "sources"]
    build += ["--best-effort", "--workers", 1, "--out"]
    built = directory / "0"
    checkout.run(same, *build, built)
    yield Release("first release", report.load(built), publish_to_both(checkout, same, other, built), None)
    corrections: dict[str, Callable[[], None]] = {
        "one raw row": lambda: checkout.add_patch(patch_of_the_middle(built)),
        "one instruction text": lambda: checkout.edit("instructions.py", JA_TO_EN, f"{JA_TO_EN}!"),
    }
    version, (minor, _, patch) = builders.__version__, builders.__version__.rpartition(".")
    for number, (name, correct) in enumerate(corrections.items(), 1):
        correct()
        before, version = version, f"{minor}.{int(patch) + number}"
        checkout.edit("__init__.py", f'"{before}"', f'"{version}"')
        new = directory / str(number)
        checkout.run(same, *build, new)
        changelog = checkout.directory / "builders" / "documents" / "changelog.md"
        compared = checkout.run(same, "diff", built, new, "--examples", 1, "--changelog", changelog)
        yield Release(name, report.load(new), publish_to_both(checkout, same, other, new), compared)
        built = new


def _print(console: Console, releases: Sequence[Release]) -> None:
    content = releases[0].content
    records = sum(config.records for config in content.built.values())
    size = sum(file.bytes for file in content.output_files)
    machine = describe_machine("pyarrow", "huggingface_hub", "hf_xet")
    columns = ("what was corrected", "same machine", "", "another", "", "diff, s", "MiB")
    table = figures_table(f"{machine}\n{records:,} records, {size:,} bytes", *columns)
    for one in releases:
        sent = [cell for number in one.sent for cell in (f"{number:,}", f"{number / size:.2%}")]
        cost = (f"{one.compared.seconds:.1f}", f"{one.compared.memory / 2**20:,.0f}") if one.compared else ("", "")
        table.add_row(one.name, *sent, *cost)
    for one in releases:
        if one.compared:
            console.print(one.compared.output, markup=False, soft_wrap=True)
    console.print(table)


if __name__ == "__main__":
    main()
