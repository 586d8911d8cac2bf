"""What the pages of the Space cost: seconds in a headless Chromium, and bytes that it fetches from a loopback Hub.

    python -m benchmarks.space build/full

`MB` are those of Parquet files; `of the files`, of all files that may hold what is asked for. A search for a text that
no record has reads all texts, 64 MB at a time: the row says what the first step costs.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from benchmarks.machine import describe_machine, figures_table
from builders.browse.selection import Selection, shards_of
from builders.download import cache_directory
from builders.tree import report
from builders.tree.report import Report
from tests.browse.chromium import chromium, show, wait
from tests.browse.spaces import REPO, run_space, serve
from tests.support.loopback_hub import LoopbackHub

NOWHERE = "このデータのどこにもない文"


def main() -> None:
    """Publishes to a loopback Hub, opens each page, and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path, metavar="DIR", help="output directory of `build`")
    directory: Path = parser.parse_args().directory.resolve()
    content = report.load(directory)
    with TemporaryDirectory() as temporary, LoopbackHub(Path(temporary) / "blobs") as hub:
        with _space(directory, content, hub, Path(temporary)) as (address, own):
            records = sum(config.records for config in content.built.values())
            table = figures_table(
                f"{describe_machine('duckdb')}\n{records:,} records; the Space itself: {own / 1e3:.0f} kB without compression",
                *("page", "seconds", "requests", "MB", "of the files"),
            )
            for name, cells in _measured(address, content, hub, Path(temporary) / "profile"):
                table.add_row(name, *cells)
    Console().print(table)


@contextmanager
def _space(directory: Path, content: Report, hub: LoopbackHub, temporary: Path) -> Iterator[tuple[str, int]]:
    """Serves the Space; yields its address and its bytes."""
    hub.store.add_folder("datasets", REPO, directory, f"v{content.version}")
    out = temporary / "space"
    run_space(directory, out, cache_directory(), hub.endpoint).check_returncode()
    with serve(out) as address:
        yield address, sum(path.stat().st_size for path in out.rglob("*") if path.is_file())


def _measured(address: str, content: Report, hub: LoopbackHub, profile: Path) -> Iterator[tuple[str, list[str]]]:
    largest = max(content.built, key=lambda name: content.built[name].records)
    pages = {
        "overview": ("index.html", Selection()),
        "first records": ("records.html", Selection()),
        f"first records of {largest}": ("records.html", Selection(config=largest)),
        "search: 日本": ("records.html", Selection(q="日本")),
        f"search in {largest}, found nowhere": ("records.html", Selection(config=largest, q=NOWHERE)),
        "search in all, found nowhere": ("records.html", Selection(q=NOWHERE)),
    }
    with chromium(profile) as browser:
        show(browser)
        browser.get(address)
        for name, (path, selection) in pages.items():
            hub.traffic.clear()
            start = time.perf_counter()
            browser.get(address + selection.address(path))
            wait(browser)
            seconds = time.perf_counter() - start
            asked = hub.traffic.of("GET", ".parquet")
            sent = sum(exchange.sent for exchange in asked)
            paths = {shard.path for shard in shards_of(selection, content)}
            there = sum(file.bytes for config in content.built.values() for file in config.shards if file.path in paths)
            yield name, [f"{seconds:.2f}", str(len(asked)), f"{sent / 1e6:.2f}", f"{sent / there:.1%}"]


if __name__ == "__main__":
    main()
