"""`report.json`: what a built dataset holds, where each part of it came from, and why counts differ from the paper's.

The card, `verify`, `publish` and `stats` read it; nothing in it depends on when or where the build ran. The file is the
JSON of `Report`; `FORMAT` is raised whenever a field changes its meaning or its place.
"""

from __future__ import annotations

import hashlib
import platform
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import msgspec
import pyarrow as pa

import builders
from builders import catalogue
from builders.errors import BuildError, first_of
from builders.files import is_intact, lies_in, write_atomically
from builders.tree.lengths import Lengths

NAME = "report.json"
FORMAT = 4
"""Version of the file's fields. 1 had no such number, and named the configs `leaves`; 2 had no curated edition; 3 had
`repeated` and `evaluation` in a place of their own."""
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
"""A name of a config, which is the name of a directory too: one component of a path, on every system."""

_VERSION = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9}){2}")

STATUSES = frozenset({"verified", "unpinned", "changed", "missing", "sample"})
"""What may have become of a raw file (`RawFile`)."""


@dataclass(frozen=True)
class OutputFile:
    """A file of the built dataset.

    Args:
        path: relative to the output directory, with `/`.
        bytes: its size.
        sha256: hex digest of its content.
        rows: records or rejected rows in it; None for a document.
    """

    path: str
    bytes: int
    sha256: str
    rows: int | None = None

    def is_intact(self, directory: Path) -> bool:
        """Says whether the file in the output directory is, byte for byte, this one, and not elsewhere behind a link."""
        path = directory / self.path
        return is_intact(path, self.bytes, self.sha256) and lies_in(path, directory)


@dataclass(frozen=True)
class RawFile:
    """A raw file that a config was made from, or should have been.

    Args:
        name: as upstream has it, with a dump's date filled in.
        url: where it comes from.
        bytes, sha256: of what was read; None where it was missing.
        status: `verified` (it is the pinned file), `unpinned` (upstream changes it; there is nothing to compare with),
            `changed` or `missing` (accepted by --best-effort), or `sample` (invented).
        reason: why it is missing, changed or unpinned; else "".
    """

    name: str
    url: str
    bytes: int | None
    sha256: str | None
    status: str
    reason: str


@dataclass(frozen=True)
class ConfigReport:
    """What a task config holds and where it came from.

    Args:
        corpus: name of its corpus.
        license: identifier of the corpus's license.
        version: of the task: raised whenever its instruction texts or rules change.
        fingerprint: hex digest of all that decides the bytes.
        sample: True where it was built from the invented samples.
        rows_read: raw rows met, those of record types that the task does not use left out.
        templates: number of records by template.
        rejected: number of rows and records left out, by reason.
        patches: named corrections that were met: `applied`, or `raw text differs`.
        paper_count: number of records the paper counts; None for a task that came after it.
        why: why the count differs from the paper's, in words; "" where it does not.
        plain_bytes: size of the records as plain Arrow strings.
        characters: how long the texts are, by column.
        repeated: records that are equal in instruction, input and output to one before them in the config.
        evaluation: records that models are evaluated with (`Corpus.evaluation`).
        shards: the Parquet files, in order.
        rejected_rows: the file with the rejected rows; with 0 rows, and not written, where there are none.
        files: the raw files.
    """

    corpus: str
    license: str
    version: int
    fingerprint: str
    sample: bool
    rows_read: int
    templates: Mapping[str, int]
    rejected: Mapping[str, int]
    patches: Mapping[str, str]
    paper_count: int | None
    why: str
    plain_bytes: int
    characters: Mapping[str, Lengths]
    repeated: int
    evaluation: int
    shards: tuple[OutputFile, ...]
    rejected_rows: OutputFile
    files: tuple[RawFile, ...]

    @property
    def records(self) -> int:
        """Number of records."""
        return sum(self.templates.values())

    @property
    def difference(self) -> int | None:
        """Number of records more than the paper counts; None for a task that came after the paper."""
        return None if self.paper_count is None else self.records - self.paper_count

    @property
    def output_files(self) -> tuple[OutputFile, ...]:
        """All its files in the output directory."""
        return (*self.shards, self.rejected_rows) if self.rejected_rows.rows else self.shards


@dataclass(frozen=True)
class RuleReport:
    """A rule of the curated edition, as it was used.

    Args:
        reason: one sentence: what is wrong with the records that it hits.
        kind: `drop`, `repair` or `mark`.
        enabled: False where a person switched it off.
        thresholds: by name.
    """

    reason: str
    kind: str
    enabled: bool
    thresholds: Mapping[str, float]


@dataclass(frozen=True)
class BenchmarkReport:
    """A benchmark that the records were compared with.

    Args:
        items: number of its items.
        skipped: items whose texts are too short to be told by overlap.
        sha256: hex digest of its file; "" where its items are records of the dataset itself.
        hits: records that are one of its items, or hold one, by task config.
        left: records of the curated edition that hold one of its items, as a second look at the finished files found.
    """

    items: int
    skipped: int
    sha256: str
    hits: Mapping[str, int]
    left: int


@dataclass(frozen=True)
class CleanConfig:
    """What the curated edition holds of a task config.

    Args:
        corpus, license: as in `ConfigReport`.
        records_read: records of the task config.
        templates: number of records by template.
        hits: number of records that each rule hit, whatever else hit them.
        dropped: number of records left out, by the first rule that drops them; in the rules' order.
        plain_bytes: size of the records as plain Arrow strings.
        characters: how long the texts are, by column.
        shards: the Parquet files, in order.
        marks: the files of marks, one for each Parquet file of the task config, row for row.
    """

    corpus: str
    license: str
    records_read: int
    templates: Mapping[str, int]
    hits: Mapping[str, int]
    dropped: Mapping[str, int]
    plain_bytes: int
    characters: Mapping[str, Lengths]
    shards: tuple[OutputFile, ...]
    marks: tuple[OutputFile, ...]

    @property
    def records(self) -> int:
        """Number of records."""
        return sum(self.templates.values())

    @property
    def output_files(self) -> tuple[OutputFile, ...]:
        """All its files in the output directory."""
        return (*self.shards, *self.marks)


Stored = ConfigReport | CleanConfig
"""What the report says of records that are stored: those that were built, or those of the curated edition."""


@dataclass(frozen=True)
class CleanReport:
    """The curated edition of a built dataset.

    Args:
        fingerprint: hex digest of all that decides the bytes.
        built: hex digest of the Parquet files that it was made from (see `Report.built_digest`).
        rules: by name, in the order in which they are applied.
        benchmarks: by name.
        warnings: what a person should look at, in words.
        configs: by name of the task config, in the catalogue's order.
    """

    fingerprint: str
    built: str
    rules: Mapping[str, RuleReport]
    benchmarks: Mapping[str, BenchmarkReport]
    warnings: tuple[str, ...]
    configs: Mapping[str, CleanConfig]

    @property
    def output_files(self) -> Iterator[OutputFile]:
        """All its files in the output directory."""
        for config in self.configs.values():
            yield from config.output_files


@dataclass(frozen=True)
class TokenCounts:
    """Tokens of inputs and outputs, as `stats --tokenizer DIR --card` counts them.

    Args:
        tokenizer: name of the tokenizer's directory.
        configs: number of tokens by task config.
    """

    tokenizer: str
    configs: Mapping[str, int]


def _software() -> dict[str, str]:
    return {"python": platform.python_version(), "pyarrow": pa.__version__}


@dataclass(frozen=True)
class Report:
    """What a built dataset holds.

    Args:
        version: of the dataset.
        software: versions of what decides the bytes.
        configs: by name of the task config, in the catalogue's order.
        tokens: None where none were counted.
        chat: the files of the config `chat`; none where the build was not asked for it.
        documents: what is written beside the data, by path.
        clean: the curated edition; None where none was made.
        repository: `ORG/NAME` of the dataset repository on the Hub that the documents speak of.
        format: of these fields.
    """

    version: str = builders.__version__
    software: Mapping[str, str] = field(default_factory=_software)
    configs: Mapping[str, ConfigReport] = field(default_factory=dict)
    tokens: TokenCounts | None = None
    chat: tuple[OutputFile, ...] = ()
    documents: Mapping[str, OutputFile] = field(default_factory=dict)
    clean: CleanReport | None = None
    repository: str = catalogue.REPOSITORY
    format: int = FORMAT

    @property
    def built(self) -> dict[str, ConfigReport]:
        """The configs that have records."""
        return {name: config for name, config in self.configs.items() if config.shards}

    def raw_files(self, status: str) -> list[str]:
        """Corpus and name of the raw files of a status, each once, in alphabetical order."""
        files = ((config.corpus, file) for config in self.configs.values() for file in config.files)
        return sorted({f"{corpus}/{file.name}" for corpus, file in files if file.status == status})

    @property
    def built_digest(self) -> str:
        """Hex digest of the names and contents of all Parquet files: what a curated edition is made from."""
        files = [f"{shard.path} {shard.sha256}" for config in self.configs.values() for shard in config.shards]
        return hashlib.sha256("\n".join(files).encode()).hexdigest()

    @property
    def data_files(self) -> Iterator[OutputFile]:
        """The files with records, with marks and with rejected rows."""
        for config in self.configs.values():
            yield from config.output_files
        yield from self.chat
        if self.clean:
            yield from self.clean.output_files

    @property
    def output_files(self) -> Iterator[OutputFile]:
        """All files of the output directory but the report itself."""
        yield from self.data_files
        yield from self.documents.values()


def load(directory: Path) -> Report:
    """The report of a built dataset.

    Args:
        directory: the output directory.

    Raises:
        BuildError: there is none; or it is damaged, of another format, or not of this project.
    """
    path = directory / NAME
    try:
        content = _read(path)
        found = msgspec.json.decode(content, type=_Header).format
        if found == FORMAT:
            return _checked(msgspec.json.decode(content, type=Report), path)
    except (FileNotFoundError, NotADirectoryError):
        raise BuildError(
            f"{directory} holds no {NAME}, so it is no built dataset.",
            f"Build one: python -m builders build --out {directory}",
        ) from None
    except OSError as error:
        raise BuildError(f"{path} cannot be read: {error.strerror}.", "Make it readable, then try again.") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BuildError(
            f"{path} is damaged, or no report of a built dataset: {error}.",
            f"Build into another directory; or remove {directory}, if nothing else is in it, and build again.",
        ) from None
    raise BuildError(
        f"{path} has format {found}; this version of builders reads format {FORMAT}.",
        "Build into an empty directory, or use the version of builders that wrote it.",
    )


def load_known(directory: Path) -> Report:
    """As `load`, for what asks the catalogue about every config.

    Raises:
        BuildError: as `load`, or as `require_known`.
    """
    content = load(directory)
    require_known(content, directory)
    return content


def require_known(report: Report, directory: Path) -> None:
    """Refuses a dataset with a config that the catalogue does not know: a corpus was removed or renamed since.

    To count, compare, export and show its other records nobody needs the catalogue; a build takes the config away.

    Raises:
        BuildError: there is one.
    """
    unknown = [name for name in report.configs if name not in catalogue.TASK_CONFIGS]
    if unknown:
        raise BuildError(
            f"{directory} holds {first_of(unknown)}, which this version of builders does not know.",
            "Build again, or use the version that built it.",
        )


def _read(path: Path) -> bytes:
    """The content of a regular file; what is none counts as missing, and is not opened."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise FileNotFoundError
    return path.read_bytes()


def _checked(report: Report, path: Path) -> Report:
    """The report, if what it says can be true: commands rely on it.

    Raises:
        BuildError: names or paths lead out of the output directory, where files are read, sent and removed; or it
            contradicts itself or the catalogue.
    """
    problem = next((found for check in _CHECKS for found in check(report)), None)
    if problem:
        raise BuildError(f"{path} {problem}.", "No build writes such a report; build into an empty directory.")
    return report


def _outside(report: Report) -> Iterator[str]:
    """Names and paths that are not in the output directory, in words that go on after the name of the file."""
    for name in report.configs:
        if not _PLAIN.fullmatch(name):
            yield f'names the config "{name}", which is no plain name'
    rejected = [config.rejected_rows for config in report.configs.values()]
    for file in (*report.output_files, *rejected):
        place = PurePosixPath(file.path)
        if place.is_absolute() or ".." in place.parts or not place.parts or "\0" in file.path:
            yield f'names the file "{file.path}", which is not in the output directory'


def _wrong_counts(report: Report) -> Iterator[str]:
    """Numbers that do not fit, in the same words."""
    rejected = [config.rejected_rows for config in report.configs.values()]
    for file in (*report.data_files, *rejected):
        if file.rows is None or file.rows < 0:
            yield f"does not say how many rows {file.path} has"
    curated = report.clean.configs if report.clean else {}
    stored: list[tuple[str, Stored]] = [*report.configs.items(), *curated.items()]
    for name, config in stored:
        rows = sum(shard.rows or 0 for shard in config.shards)
        if rows != config.records or min(config.templates.values(), default=0) < 0:
            yield f"counts {config.records:,} records by template for {name}, and {rows:,} in its files"
    for built in report.configs.values():
        for raw in built.files:
            if raw.status != "missing" and (raw.bytes is None or raw.sha256 is None):
                yield f'does not say what was read of "{raw.name}"'
            if raw.status not in STATUSES:
                yield f'says of "{raw.name}" that it is "{raw.status}"'


def _unknown(report: Report) -> Iterator[str]:
    """Names that nothing has, in the same words."""
    if not _VERSION.fullmatch(report.version):
        yield f'has the version "{report.version}", which is not of three numbers'
    for name, config in report.configs.items():
        if name in catalogue.TASK_CONFIGS and config.corpus not in catalogue.CORPORA:
            yield f'says that {name} was made from the corpus "{config.corpus}", which there is not'
    for name, edition in (report.clean.configs if report.clean else {}).items():
        if name not in report.configs:
            yield f'has a curated edition of the config "{name}", which it does not hold'
        elif edition.corpus != report.configs[name].corpus:
            yield f'says that {name} was made from one corpus, and its curated edition from "{edition.corpus}"'


_CHECKS = (_outside, _wrong_counts, _unknown)


@dataclass(frozen=True)
class _Header:
    """The one field that every format has; the first format did not name it."""

    format: int = 1


def encode(report: Report) -> bytes:
    """The file's content."""
    return msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n"


def dump(report: Report, directory: Path) -> None:
    """Writes the report into the output directory, whole or not at all."""
    write_atomically(directory / NAME, encode(report))
