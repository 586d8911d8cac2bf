"""A made dataset of any size with the rows of a built one, for benchmarks of the curated edition.

    python -m benchmarks.made DIR MADE [--records 8393726]

First come the rows themselves. Where they do not suffice, translations are joined of two short ones, and other records
are woven of quarters of four rows, so that records are as long and as common as real ones and yet all different. Among
them are planted copies (1 % exact, 1 % with one letter or the punctuation changed) and leaks (0.1 %, questions of the
dataset's own benchmarks, which are written beside the data as a benchmark file). Translations stand in the data as a
build has them: some thousand pairs from Japanese, then the same pairs from English.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import orjson
import polars as pl
from rich.console import Console

from benchmarks.own import own_directory
from builders import catalogue, layout
from builders.build.parquet import ParquetFiles
from builders.clean.measures.edits import change_one, punctuate
from builders.clean.overlap import items
from builders.clean.overlap.items import Item
from builders.instructions import EN_TO_JA
from builders.schema import COLUMNS, SCHEMA
from builders.tree import report
from builders.tree.report import ConfigReport, OutputFile, Report

RECORDS = 8_393_726
"""The paper's."""
BENCHMARK = "planted.jsonl"
"""The file of the planted questions, in the made dataset's directory."""
ROWS = 25_000
"""Records of one template that stand together: as many as a build makes of one step of reading."""
ENOUGH_ROWS = 500
STAND_INS = {True: ("translation-tab-delimited", "translation-tanaka"), False: ("dolly-ja",)}
"""Task configs whose rows are used for the translations, and the other tasks, of which the dataset has few rows: sentences
of everyday talk for subtitles, questions and answers for titles and articles."""
TEXTS = ("instruction", "input", "output")
DIRECTIONS = ("ja-en", "en-ja")
QUARTERS, STRIDE, APART = 4, 7919, 10_000_000
SHORT = 14
"""Characters of a short Japanese sentence."""
COPIES, LEAKS = 0.02, 0.001


@dataclass(frozen=True)
class Order:
    """What is to be made of a task config.

    Args:
        config: the task config.
        entry: its entry in the report of the dataset whose rows are used.
        sources: entries of the task configs whose rows are woven.
        records: how many.
        first: number of the first that is put together, so that no two task configs are alike.
        dataset, out: directories of the two datasets.
        questions: what is planted.
    """

    config: str
    entry: ConfigReport
    sources: Sequence[ConfigReport]
    records: int
    first: int
    dataset: Path
    out: Path
    questions: Sequence[Item]


def make(dataset: Path, out: Path, records: int) -> Report:
    """Makes a dataset, or takes the one that is there.

    Args:
        dataset: a built dataset.
        out: a directory, new or made before; what it holds is overwritten, but for a made dataset of about so many records.
        records: how many are made.
    """
    own_directory(out)
    if (out / report.NAME).is_file():
        there = report.load(out)
        if abs(sum(entry.records for entry in there.configs.values()) - records) <= len(catalogue.TASK_CONFIGS):
            return there
    content = report.load(dataset)
    questions = _questions(dataset, content)
    lines = (orjson.dumps({"question": item.question, "answer": item.answer}) + b"\n" for item in questions)
    (out / BENCHMARK).write_bytes(b"".join(lines))
    orders = [
        Order(config, content.configs[config], _entries(content, config), count, place * APART, dataset, out, questions)
        for place, (config, count) in enumerate(_counts(content, records).items())
    ]
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        entries = list(pool.map(_make, orders))
    made = Report(configs={order.config: entry for order, entry in zip(orders, entries, strict=True)})
    report.dump(made, out)
    return made


def read_questions(made: Path) -> list[Item]:
    """The questions that are planted in a made dataset."""
    return items.read_jsonl(made / BENCHMARK, {"question": "question", "answer": "answer"})


def _questions(dataset: Path, content: Report) -> list[Item]:
    found: list[Item] = []
    for known in items.KNOWN:
        if not known.articles and known.config in content.built:
            templates = catalogue.TASK_CONFIGS[known.config][1].templates
            batches = _rows(dataset, content.configs[known.config]).to_arrow().cast(SCHEMA).to_batches()
            found += items.from_records(batches, known, templates)
    return found


def _rows(dataset: Path, *entries: ConfigReport) -> pl.DataFrame:
    return pl.read_parquet([dataset / shard.path for entry in entries for shard in entry.shards])


def _counts(content: Report, records: int) -> dict[str, int]:
    """Made records by task config, in the paper's proportions."""
    paper = {config: entry.paper_count for config, entry in content.built.items() if entry.paper_count}
    return {config: round(records * count / sum(paper.values())) for config, count in paper.items()}


def _entries(content: Report, config: str) -> list[ConfigReport]:
    """Entries of the task configs whose rows are woven to records of one: its own, if it has enough rows."""
    built = content.built
    if built[config].records >= ENOUGH_ROWS:
        return [built[config]]
    alike = [name for name in built if _is_translation(name) == _is_translation(config)]
    fullest = max(alike, key=lambda name: built[name].records)
    names = [name for name in STAND_INS[_is_translation(config)] if name in built] or [fullest]
    return [built[name] for name in names]


def _is_translation(config: str) -> bool:
    return config.startswith(catalogue.TRANSLATION)


def _make(order: Order) -> ConfigReport:
    """Makes the records of a task config, in a worker."""
    folder = order.out / order.config
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.parquet"):
        old.unlink()
    templates = Counter[str]()
    with ParquetFiles(folder) as parquet:
        for made in _tables(order):
            templates.update(dict(made["task"].value_counts().iter_rows()))
            for batch in made.to_arrow().cast(SCHEMA).to_batches():
                parquet.write(batch)
    shards = []
    for file, path in zip(parquet.files, layout.shard_paths(order.config, len(parquet.files)), strict=True):
        (folder / file.name).rename(order.out / path)
        shards.append(OutputFile(path, file.bytes, file.sha256, file.rows))
    none = replace(order.entry.rejected_rows, rows=0)
    return replace(order.entry, templates=dict(templates), rejected={}, shards=tuple(shards), rejected_rows=none)


def _tables(order: Order) -> Iterator[pl.DataFrame]:
    """The records of a task config, in order, at most `ROWS` of a template at a time."""
    draw, made = random.Random(f"7 {order.config}"), 0
    rows = _rows(order.dataset, *order.sources)
    both_ways = set(rows["task"]) == set(DIRECTIONS)
    if both_ways:
        rows = rows.filter(pl.col("task") == DIRECTIONS[0])
    elif order.entry not in order.sources:
        rows = _adapted(rows, order.config)
    put_together = _joined if both_ways else _woven
    own = len(rows) if order.entry in order.sources else 0
    while made < order.records:
        number = made // (1 + both_ways)
        count = min(ROWS, -(-(order.records - made) // (1 + both_ways)), own - number if number < own else ROWS)
        if number < own:
            table = rows.slice(number, count).select(*TEXTS, "task")
        else:
            table = put_together(rows, np.arange(count) + order.first + number)
        table = _planted(table, draw, order.questions)
        for part in (table, _turned(table)) if both_ways else (table,):
            yield _with_origin(part, order.config, number)
            made += count


def _adapted(rows: pl.DataFrame, config: str) -> pl.DataFrame:
    """Questions and answers as records of another task: with its template, and the question in the place of a title."""
    template = catalogue.TASK_CONFIGS[config][1].templates[0]
    wording = pl.lit(template.instruction) if "{" not in template.instruction else pl.col("instruction")
    title = pl.col("instruction") if template.input else pl.lit("")
    return rows.with_columns(instruction=wording, input=title, task=pl.lit(template.name))


def _turned(table: pl.DataFrame) -> pl.DataFrame:
    """Translations in the other direction."""
    return table.select(
        pl.lit(EN_TO_JA).alias("instruction"),
        pl.col("output").alias("input"),
        pl.col("input").alias("output"),
        pl.lit(DIRECTIONS[1]).alias("task"),
    )


def _with_origin(table: pl.DataFrame, config: str, first: int) -> pl.DataFrame:
    corpus, _ = catalogue.TASK_CONFIGS[config]
    numbers = pl.int_range(first, first + len(table)).cast(pl.String)
    key = pl.concat_str([pl.lit(f"{corpus.name}:"), pl.col("task"), pl.lit(":made-"), numbers])
    return table.with_columns(id=key, source=pl.lit(corpus.name), license=pl.lit(corpus.license.id)).select(COLUMNS)


def _joined(rows: pl.DataFrame, numbers: np.ndarray) -> pl.DataFrame:
    """Translations of two short sentences."""
    short = rows.filter(pl.col("input").str.len_chars() <= SHORT)
    turn, row = np.divmod(numbers, len(short))
    other = short[(row + (turn + 1) * STRIDE) % len(short)]
    return short[row].select(
        "instruction", pl.col("input") + other["input"], pl.col("output") + " " + other["output"], "task"
    )


def _woven(rows: pl.DataFrame, numbers: np.ndarray) -> pl.DataFrame:
    """Records of which each quarter of a cell comes from another row; a fixed instruction stays whole."""
    texts = [name for name in TEXTS if name != "instruction" or rows["instruction"].n_unique() > 4]
    turn, row = np.divmod(numbers, len(rows))
    parts = [rows[(row + (part + turn * QUARTERS) * part * STRIDE) % len(rows)] for part in range(QUARTERS)]
    quarters = [
        part.select(
            pl.col(name).str.slice(number * pl.col(name).str.len_chars() // QUARTERS, _quarter(name, number))
            for name in texts
        )
        for number, part in enumerate(parts)
    ]
    together = pl.concat(
        [quarter.rename(lambda name, n=n: f"{name}{n}") for n, quarter in enumerate(quarters)], how="horizontal"
    )
    woven = together.select(
        pl.concat_str([f"{name}{number}" for number in range(QUARTERS)]).alias(name) for name in texts
    )
    made: pl.DataFrame = parts[0].with_columns(woven.get_columns()).select(*TEXTS, "task")
    return made


def _quarter(name: str, number: int) -> pl.Expr:
    length = pl.col(name).str.len_chars()
    return (number + 1) * length // QUARTERS - number * length // QUARTERS


def _planted(made: pl.DataFrame, draw: random.Random, questions: Sequence[Item]) -> pl.DataFrame:
    columns = {name: made[name].to_list() for name in made.columns}
    for copy in range(round(len(made) * COPIES)):
        source, target = draw.randrange(len(made)), draw.randrange(len(made))
        for name in columns:
            columns[name][target] = columns[name][source]
        if copy % 2:
            edit = change_one if copy % 4 == 1 else punctuate
            columns["output"][target] = edit(columns["output"][target], draw)
    for _ in range(round(len(made) * LEAKS) if questions else 0):
        item, target = draw.choice(questions), draw.randrange(len(made))
        columns["input"][target], columns["output"][target] = item.question, item.answer
    planted: pl.DataFrame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    return planted


def arguments(description: str | None) -> argparse.ArgumentParser:
    """The command line of every benchmark of made records: the two datasets, and how many records.

    Args:
        description: of the benchmark.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", type=Path, metavar="DIR", help="a built dataset")
    parser.add_argument("made", type=Path, metavar="MADE", help="directory of the made one; 0.6 GB for all records")
    parser.add_argument("--records", type=int, default=RECORDS, help="made records (default: %(default)s)")
    return parser


def make_as_told(options: argparse.Namespace, console: Console) -> Report:
    """As `make`, for a command line of `arguments`.

    Args:
        options: of the command line.
        console: shows what is going on.
    """
    with console.status(f"making {options.records:,} records"):
        return make(options.dataset, options.made, options.records)


def main() -> None:
    """Makes a dataset, or finds that it is there."""
    content = make_as_told(arguments(__doc__).parse_args(), Console())
    for config, entry in content.configs.items():
        print(f"{config:<28} {entry.records:10,} records, {len(entry.shards):3} files")


if __name__ == "__main__":
    main()
