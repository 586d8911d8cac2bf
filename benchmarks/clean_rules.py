"""Pairs per second of the pair score and records per second of every rule, beside reading the columns alone.

    python -m benchmarks.clean_rules DIR [--records 50000]

DIR is a built dataset. For each task config the first records are taken; every function runs on one core, three times,
and the fastest run counts: the work is the same each time, a slower run was disturbed. The floor is decoding the
config's columns from Parquet.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.machine import describe_machine, pin_to_one_core
from builders.clean.rules import RULES, Rule
from builders.clean.rules.contradictions import CONFIGS, NAME, find_contradictions, make_keys

RUNS = 3


def read_records(config: Path, count: int) -> pa.RecordBatch:
    """The first records of a config, as one batch of strings."""
    tables, rows = [], 0
    for path in sorted(config.glob("train-*.parquet")):
        if rows < count:
            tables.append(pq.read_table(path))
            rows += tables[-1].num_rows
    table = pa.concat_tables(tables).slice(0, count)
    strings = table.cast(pa.schema([(name, pa.string()) for name in table.schema.names]))
    return strings.combine_chunks().to_batches()[0]


def fastest(work: Callable[[], object]) -> float:
    """Seconds of the fastest of some runs."""
    seconds = []
    for _ in range(RUNS):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def apply(rule: Rule, records: pa.RecordBatch) -> object:
    """Runs one rule with its defaults."""
    function = rule.find or rule.repair
    assert function is not None
    return function(records, rule.defaults())


def decide_contradictions(records: pa.RecordBatch) -> object:
    """Both steps of the rule that needs all records."""
    keys = make_keys(records)
    return find_contradictions(keys["question"], keys["answer"])


def main() -> None:
    """Measures every rule on every config that it looks at, and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path, help="a built dataset")
    parser.add_argument("--records", type=int, default=50_000, help="at most, of each config (default: %(default)s)")
    options = parser.parse_args()
    pin_to_one_core()
    pa.set_cpu_count(1)
    table = Table(title=describe_machine("pyarrow", "numpy"), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("config", "work", "records", "records/s", "x reading"):
        table.add_column(column, justify="left" if column in ("config", "work") else "right", no_wrap=True)
    for config in sorted({path.parent for path in options.directory.glob("*/train-*.parquet")}):
        records = read_records(config, options.records)
        floor = fastest(lambda config=config: read_records(config, options.records))  # type: ignore[misc]
        work: dict[str, Callable[[], object]] = {
            rule.name: lambda rule=rule, records=records: apply(rule, records)  # type: ignore[misc]
            for rule in RULES
            if rule.applies_to(config.name)
        }
        if config.name in CONFIGS:
            work[NAME] = lambda records=records: decide_contradictions(records)  # type: ignore[misc]
        figures = {"reading": floor, **{name: fastest(function) for name, function in work.items()}}
        for name, seconds in figures.items():
            rate = f"{records.num_rows / seconds:,.0f}"
            table.add_row(config.name, name, f"{records.num_rows:,}", rate, f"{seconds / floor:.1f}")
    Console().print(table)


if __name__ == "__main__":
    main()
