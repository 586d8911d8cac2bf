"""From a built dataset to its curated edition, which stands beside it in the same output directory.

    OUT/clean/<config>/<stem>-00000-of-0000N.parquet   OUT/marks/<config>/<stem>-00000-of-0000N.parquet   OUT/report.json

Every Parquet file of the dataset is one piece of work. It is looked at (`inspect`), then all records together are
decided about (`decide`), then its marks and its curated records are written (`write`). Pieces that are finished lie in
`OUT/.building/`, under the fingerprint of the whole, so a clean build that was stopped goes on where it was. Both
directories are put in place by renaming, and the report is written last. What was built is only read.
"""

from __future__ import annotations

import platform
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import Protocol

import numpy as np
import pyarrow as pa

from builders import layout
from builders.build.fingerprints import digest, import_closure, source_digest
from builders.build.output import WORK, disk_errors, link, lock, replace_directory, require_no_slice
from builders.build.parquet import ParquetFile
from builders.clean import decide
from builders.clean.decide import Decisions
from builders.clean.inspect import inspect
from builders.clean.overlap.benchmarks import Benchmark, collect
from builders.clean.overlap.index import Index
from builders.clean.pairs import table
from builders.clean.pieces import Context, Piece
from builders.clean.settings import ITEM, OVERLAP, Settings
from builders.clean.workers import Workers
from builders.clean.write import MARKS, Order, Written, write
from builders.errors import BuildError
from builders.files import sha256
from builders.tree import lengths, report
from builders.tree.hashes import distinct
from builders.tree.report import BenchmarkReport, CleanConfig, CleanReport, OutputFile, Report
from builders.tree.verify import verify_built

Describe = Callable[[Report, Path], Report]
"""As `builders.build.run.Describe`."""
HALF, FEW = 0.5, 10
"""Share of a config, and least number of its records, from which on a benchmark's hits look like a template."""
SOFTWARE = ("pyarrow", "numpy", "polars", "cjclassifier", "mecab-python3", "ipadic")
"""Libraries whose versions decide the bytes."""
LOOKING, COMPARING, WRITING = "looking at records", "comparing records", "writing"
"""The three steps, as progress names them."""


class Progress(Protocol):
    """What a clean build tells while it works."""

    def start(self, name: str, total: int | None = None) -> None:
        """A step begins, with so many records before it."""

    def advance(self, name: str, records: int) -> None:
        """So many more are done."""

    def finish(self, name: str, records: int) -> None:
        """The step has ended."""


class Silent:
    """A `Progress` that tells nobody."""

    def start(self, name: str, total: int | None = None) -> None:
        """Says nothing."""

    def advance(self, name: str, records: int) -> None:
        """Says nothing."""

    def finish(self, name: str, records: int) -> None:
        """Says nothing."""


def run_clean(
    directory: Path,
    settings: Settings,
    files: Sequence[str] = (),
    *,
    workers: int,
    describe: Describe,
    progress: Progress | None = None,
) -> Report:
    """Makes the curated edition of a built dataset, or leaves the one that is there if it would come out the same.

    Args:
        directory: the output directory.
        settings: the rules.
        files: benchmark files, as `builders.clean.overlap.benchmarks.collect` takes them.
        workers: processes.
        describe: writes the documents and the report.
        progress: told what happens.

    Returns:
        The report, as written.

    Raises:
        BuildError: the dataset is not sound, or holds nothing; a benchmark cannot be used; the disk is full; another
            build is writing the same directory.
    """
    content = require_sound(directory)
    with disk_errors(directory), lock(directory):
        benchmarks = collect(directory, content, files)
        fingerprint = _fingerprint(content, settings, benchmarks)
        there = content.clean
        if there and there.fingerprint == fingerprint and _is_intact(there, directory):
            clean = there
        else:
            work = _own_work(directory, fingerprint)
            context = _context(settings, benchmarks)
            clean = _make(content, directory, work, context, workers, progress or Silent(), benchmarks, fingerprint)
        new = describe(replace(content, clean=clean), directory)
        shutil.rmtree(directory / WORK, ignore_errors=True)
    return new


def copy_built(directory: Path, out: Path) -> None:
    """Gives another output directory the same built dataset, without a curated edition; nothing there is overwritten
    that is the same.

    Raises:
        BuildError: as `run_clean`; or something else stands at `out`.
    """
    content = require_sound(directory)
    with disk_errors(out), lock(out):
        require_no_slice(out)
        for entry in content.configs.values():
            for file in entry.output_files:
                if not file.is_intact(out):
                    target = out / file.path
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.unlink(missing_ok=True)
                    link(directory / file.path, target)
        there = report.load(out) if (out / report.NAME).is_file() else Report()
        kept = there.clean if there.configs == content.configs else None
        report.dump(replace(content, chat=(), clean=kept, documents={}), out)
        shutil.rmtree(out / WORK, ignore_errors=True)


def require_sound(directory: Path) -> Report:
    """The report of a built dataset that is what its report says.

    Raises:
        BuildError: it is not, it holds no record, or a config that the catalogue does not know.
    """
    content = report.load_known(directory)
    problems = verify_built(content, directory)
    if problems:
        listed = "\n  ".join(problems)
        raise BuildError(
            f"{directory} is not what its report says, so nothing was cleaned:\n  {listed}",
            f"Build again what is damaged: python -m builders build --out {directory}",
        )
    if not content.built:
        raise BuildError(f"{directory} holds no records.", f"Build some: python -m builders build --out {directory}")
    return content


def _fingerprint(content: Report, settings: Settings, benchmarks: Sequence[Benchmark]) -> str:
    """Hex digest of all that decides the bytes: records, rules, benchmarks, code, what was learnt, and versions."""
    package = __name__.rpartition(".")[0]
    modules = import_closure([f"{package}.run"])
    return digest(
        [
            [platform.python_version(), *(metadata.version(name) for name in SOFTWARE), sha256(table.FILE)],
            [[name, source_digest(name)] for name in sorted(modules) if ".corpora." not in name],
            content.built_digest,
            {name: dict(values) for name, values in settings.thresholds.items()},
            [[one.name, one.sha256, [[item.key, *item.telling] for item in one.items]] for one in benchmarks],
        ]
    )


def _is_intact(clean: CleanReport, directory: Path) -> bool:
    known = {file.path for file in clean.output_files}
    there = {
        path.relative_to(directory).as_posix()
        for name in (layout.CLEAN, layout.MARKS)
        for path in (directory / name).glob("*/*")
    }
    return known == there and all(file.is_intact(directory) for file in clean.output_files)


def _own_work(directory: Path, fingerprint: str) -> Path:
    """The directory of the pieces of this clean build; those of others are taken away."""
    own = directory / WORK / f"clean-{fingerprint[:32]}"
    for other in (directory / WORK).glob("clean-*"):
        if other != own:
            shutil.rmtree(other)
    own.mkdir(exist_ok=True)
    return own


def _context(settings: Settings, benchmarks: Sequence[Benchmark]) -> Context:
    items = [item for benchmark in benchmarks for item in benchmark.items]
    number_of = np.repeat(np.arange(len(benchmarks)), [len(benchmark.items) for benchmark in benchmarks])
    bare = tuple(replace(benchmark, items=()) for benchmark in benchmarks)
    index = Index(items) if items else None
    return Context(settings, bare, number_of, index if index is not None and len(index.item) else None)


def _pieces(content: Report, directory: Path) -> list[Piece]:
    return [
        Piece(name, number, directory / shard.path, shard.rows or 0)
        for name, entry in content.built.items()
        for number, shard in enumerate(entry.shards)
    ]


def _make(
    content: Report,
    directory: Path,
    work: Path,
    context: Context,
    workers: int,
    progress: Progress,
    benchmarks: Sequence[Benchmark],
    fingerprint: str,
) -> CleanReport:
    pieces = _pieces(content, directory)
    found = [work / f"found-{piece.name}" for piece in pieces]
    records = sum(piece.rows for piece in pieces)
    with Workers(workers, decide.start, (context,)) as pool:
        progress.start(LOOKING, records)
        for piece, _ in zip(pieces, pool.map(_inspect, zip(pieces, found, strict=True)), strict=True):
            progress.advance(LOOKING, piece.rows)
        progress.finish(LOOKING, records)
    with Workers(workers, decide.start, (context,)) as pool:  # new ones, without what the rules had loaded
        progress.start(COMPARING, records)
        decisions = decide.decide(pieces, found, context, pool)
        progress.finish(COMPARING, records)
        progress.start(WRITING, records)
        written = []
        for order, one in zip(pieces, pool.map(write, _orders(pieces, found, decisions, work, pool)), strict=True):
            written.append(one)
            progress.advance(WRITING, order.rows)
        progress.finish(WRITING, records)
    configs = _put_in_place(content, directory, work, pieces, written, decisions)
    by_config = _by_config(pieces, written)
    return CleanReport(
        fingerprint=fingerprint,
        built=content.built_digest,
        rules=context.settings.report(),
        benchmarks={one.name: _benchmark(one, context, by_config) for one in benchmarks},
        warnings=tuple(_warnings(benchmarks, context, configs, by_config)),
        configs=configs,
    )


def _inspect(task: tuple[Piece, Path]) -> Path:
    return inspect(task[0], decide.here(), task[1])


def _orders(
    pieces: Sequence[Piece], found: Sequence[Path], decisions: Decisions, work: Path, pool: Workers
) -> Iterator[Order]:
    bounds = decide.bounds_of(pieces)
    stand = distinct(decisions.representative[decisions.representative >= 0])
    tasks = decide.by_piece(pieces, bounds, stand)
    ids = pa.chunked_array([pa.array([], pa.string()), *pool.map(decide.ids_of, tasks)]).combine_chunks()
    for piece, directory, first in zip(pieces, found, bounds.tolist(), strict=False):
        own = decisions.representative[first : first + piece.rows]
        theirs = ids.take(pa.array(np.searchsorted(stand, own[own >= 0])))
        rules = decisions.rules[first : first + piece.rows]
        yield Order(piece, directory, rules, theirs, own >= 0, work / f"written-{piece.name}")


def _put_in_place(
    content: Report,
    directory: Path,
    work: Path,
    pieces: Sequence[Piece],
    written: Sequence[Written],
    decisions: Decisions,
) -> dict[str, CleanConfig]:
    """Links all finished files into two new directories, and swaps these for the old ones."""
    new = work / "new"
    shutil.rmtree(new, ignore_errors=True)
    configs: dict[str, CleanConfig] = {}
    first = 0
    for name, entry in content.built.items():
        mine = [(piece, one) for piece, one in zip(pieces, written, strict=True) if piece.config == name]
        last = first + entry.records
        finished = [(work / f"written-{piece.name}" / shard.name, shard) for piece, one in mine for shard in one.shards]
        paths = layout.clean_paths(name, len(finished))
        marks = [(work / f"written-{piece.name}" / MARKS, one.marks) for piece, one in mine]
        rules = decisions.rules[first:last]
        configs[name] = CleanConfig(
            corpus=entry.corpus,
            license=entry.license,
            records_read=entry.records,
            templates={name: sum(one.templates.get(name, 0) for _, one in mine) for name in entry.templates},
            hits=decide.counts(rules),
            dropped=decide.counts(decide.first_drop(rules)),
            plain_bytes=sum(one.plain_bytes for _, one in mine),
            characters=lengths.add(one.characters for _, one in mine),
            shards=_linked(finished, paths, new),
            marks=_linked(marks, [layout.marks_path(shard.path) for shard in entry.shards], new),
        )
        first = last
    for name in (layout.CLEAN, layout.MARKS):
        there = new / name
        replace_directory(directory / name, there if there.is_dir() else None, work / f"old-{name}")
    return configs


def _linked(finished: Sequence[tuple[Path, ParquetFile]], paths: Sequence[str], new: Path) -> tuple[OutputFile, ...]:
    files = []
    for (source, file), path in zip(finished, paths, strict=True):
        (new / path).parent.mkdir(parents=True, exist_ok=True)
        link(source, new / path)
        files.append(OutputFile(path, file.bytes, file.sha256, file.rows))
    return tuple(files)


def _by_config(pieces: Sequence[Piece], written: Sequence[Written]) -> dict[str, list[Written]]:
    found: dict[str, list[Written]] = {}
    for piece, one in zip(pieces, written, strict=True):
        found.setdefault(piece.config, []).append(one)
    return found


def _benchmark(benchmark: Benchmark, context: Context, written: Mapping[str, Sequence[Written]]) -> BenchmarkReport:
    sums = {name: sum(one.benchmarks.get(benchmark.name, 0) for one in parts) for name, parts in written.items()}
    left = sum(one.left.get(benchmark.name, 0) for parts in written.values() for one in parts)
    told = 0
    if context.index is not None:
        numbers = np.unique(context.index.item)
        name = np.array([one.name for one in context.benchmarks])[context.benchmark_of[numbers]]
        told = int((name == benchmark.name).sum())
    hits = {name: count for name, count in sums.items() if count}
    return BenchmarkReport(len(benchmark.items), len(benchmark.items) - told, benchmark.sha256, hits, left)


def _warnings(
    benchmarks: Sequence[Benchmark],
    context: Context,
    configs: Mapping[str, CleanConfig],
    written: Mapping[str, Sequence[Written]],
) -> Iterator[str]:
    """What a person should look at: benchmarks that match half of a config, and benchmarks that are left."""
    texts = {(one.name, item.key): item.telling[0] for one in benchmarks for item in one.items}
    for benchmark in benchmarks:
        for config, parts in written.items():
            held = Counter[str]()
            for one in parts:
                held.update(one.held.get(benchmark.name, {}))
            if held.total() >= max(FEW, HALF * configs[config].records_read):
                key, count = held.most_common(1)[0]
                yield (
                    f"{benchmark.name} matches {held.total():,} of {configs[config].records_read:,} records of {config}: "
                    f"most likely a template. {count:,} of them match its item {key}: {texts[benchmark.name, key]}"
                )
    off = [rule.name for rule in (ITEM, OVERLAP) if rule.name not in context.settings.thresholds]
    left = sum(
        one.left.get(benchmark.name, 0) for benchmark in benchmarks for parts in written.values() for one in parts
    )
    if left:
        why = f" ({', '.join(off)} switched off)" if off else ""
        yield f"{left:,} records of the curated edition hold an item of a benchmark{why}."
