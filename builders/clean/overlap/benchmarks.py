"""The benchmarks that a dataset is compared with: those that its corpora bring, and files that a person names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from builders import catalogue
from builders.clean.overlap import items
from builders.clean.overlap.items import Item, Known
from builders.clean.texts.payload import CELLS
from builders.errors import BuildError, FormatError
from builders.files import sha256, why_no_file
from builders.formats.json_records import read_lines
from builders.tree import reader
from builders.tree.report import Report

FIELDS = {
    "question": ("question", "original_question", "query", "instruction"),
    "answer": ("answer", "original_answer", "output"),
    "passage": ("context", "passage", "input"),
    "side": ("ja", "en", "japanese", "english", "source_text", "target_text"),
}
"""Names of fields that benchmark files have, by what they hold; for a file whose fields nobody names."""


@dataclass(frozen=True)
class Benchmark:
    """A benchmark.

    Args:
        name: unique among those that are looked for.
        items: its items.
        sha256: hex digest of the file it was read from; "" for one that is part of the dataset.
        known: how the records are recognized that are its own items; None for a file.
        articles: numbers of its articles, where it is a list of articles.
    """

    name: str
    items: tuple[Item, ...]
    sha256: str = ""
    known: Known | None = None
    articles: frozenset[str] = field(default=frozenset(), repr=False)


def collect(directory: Path, report: Report, files: Sequence[str]) -> list[Benchmark]:
    """All benchmarks to look for.

    Args:
        directory: the output directory.
        report: its report.
        files: each a path, or a path with the roles of its fields (`FILE:question=q,answer=a`). A file with the name of
            one of ALT's lists of articles stands for that part of ALT.

    Raises:
        BuildError: a file is missing, is no JSON Lines, holds no item, lacks a field, or has the name of another one.
    """
    lists = {known.articles: known for known in items.KNOWN if known.articles}
    named = {Path(file).name: Path(file) for file in files if Path(file).name in lists}
    found = [_part(directory, report, known, named) for known in items.KNOWN]
    benchmarks = [benchmark for benchmark in found if benchmark]
    benchmarks += [read(file) for file in files if Path(file).name not in lists]
    names = [benchmark.name for benchmark in benchmarks]
    for name in names:
        if names.count(name) > 1:
            raise BuildError(f'Two benchmarks have the name "{name}".', "Give one of the files another name.")
    return benchmarks


def _part(directory: Path, report: Report, known: Known, lists: Mapping[str, Path]) -> Benchmark | None:
    """A benchmark that is part of the dataset; None where its config is not built, or its list is not given."""
    entry = report.built.get(known.config)
    if entry is None or (known.articles and known.articles not in lists):
        return None
    articles, digest = frozenset[str](), ""
    if known.articles:
        _require_file(lists[known.articles])
        articles, digest = _articles(lists[known.articles]), sha256(lists[known.articles])
    templates = catalogue.TASK_CONFIGS[known.config][1].templates
    batches = reader.batches(directory, entry, (*CELLS, "task", "id"))
    return Benchmark(
        known.name, tuple(items.from_records(batches, known, templates, articles)), digest, known, articles
    )


def _articles(path: Path) -> frozenset[str]:
    try:
        return items.read_articles(path)
    except (FormatError, OSError) as error:
        raise BuildError(f"This list of articles cannot be read: {error}.", "Take it from ALT's page.") from error


def read(file: str) -> Benchmark:
    """A benchmark out of a file.

    Args:
        file: as `collect` takes it.

    Raises:
        BuildError: as `collect`.
    """
    name, separator, given = file.rpartition(":")
    named = bool(separator) and "=" in given
    path = Path(name if named else file)
    _require_file(path)
    try:
        roles = _named_roles(given) if named else _guessed_roles(path)
        return Benchmark(path.stem, tuple(items.read_jsonl(path, roles)), sha256(path))
    except (FormatError, OSError) as error:
        raise BuildError(
            f"This benchmark cannot be read: {error}.", "Give a JSON Lines file, an item a line."
        ) from error


def _require_file(path: Path) -> None:
    if reason := why_no_file(path):
        raise BuildError(f"The benchmark file {path} cannot be used: {reason}.", "Name a file with --benchmark FILE.")


def _named_roles(given: str) -> dict[str, str]:
    """Role by field, out of `question=q,answer=a`; a role may have several fields."""
    pairs = [part.partition("=") for part in given.split(",")]
    return {name: role for role, _, name in pairs}


def _guessed_roles(path: Path) -> dict[str, str]:
    """Role by field, for the fields of the first line that have a usual name.

    Raises:
        BuildError: the file is empty, or no field has such a name.
    """
    for _, value in read_lines(path):
        if not isinstance(value, dict):
            raise FormatError(path.name, "line 1", "not a JSON object")
        roles = {name: role for role, names in FIELDS.items() for name in names if name in value}
        if not {"question", "passage", "side"} & set(roles.values()):
            raise BuildError(
                f"{path}: no field with a usual name. The first line has: {', '.join(value) or 'none'}.",
                f"Name the fields: --benchmark {path}:question=FIELD,answer=FIELD (roles: {', '.join(items.ROLES)}).",
            )
        return roles
    raise BuildError(f"{path} is empty: a benchmark without items.", "Name a JSON Lines file that holds items.")


def own_items(ids: pa.Array, config: str, benchmarks: Sequence[Benchmark]) -> Iterator[tuple[int, np.ndarray]]:
    """Which records are items of benchmarks that are part of the dataset.

    Args:
        ids: of records of one task config.
        config: the task config.
        benchmarks: all that are looked for.

    Yields:
        Number of the benchmark, and a boolean mask, for each that has items in this config.
    """
    for number, benchmark in enumerate(benchmarks):
        if benchmark.known and benchmark.known.config == config:
            mask = pc.fill_null(items.belongs(ids, benchmark.known, benchmark.articles), False)
            yield number, mask.to_numpy(zero_copy_only=False)
