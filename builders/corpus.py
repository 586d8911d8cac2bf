"""The vocabulary in which a corpus describes itself: plain, typed, immutable data, no I/O.

A module in `builders/corpora/` makes one `Corpus` named `CORPUS`; nothing else in the project lists corpora.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from builders.rows import Rows


@dataclass(frozen=True)
class License:
    """A license of raw data.

    Args:
        id: SPDX identifier where there is one; the value of the records' `license` column.
        name: full name.
        url: its text.
        text: the text itself, for a license that asks to go with every copy.
        commercial: False where it forbids commercial use.
        share_alike: True where what is made from the data must be shared under the same license.
    """

    id: str
    name: str
    url: str
    text: str = ""
    commercial: bool = True
    share_alike: bool = False


@dataclass(frozen=True)
class RemoteFile:
    """One raw file as upstream offers it.

    Args:
        name: file name as upstream has it, and the file's name in a local source directory. `{date}` stands for the
            date of a dump.
        url: http, https or ftp address; may hold `{date}` too.
        size: bytes, where the file is pinned.
        sha256: hex digest of a pinned file.
        git_blob: SHA-1 git object id, for a file pinned by a git commit whose sha256 nobody has published.
        sha1_list: address of a checksum file (`<sha1>  <name>` lines) published beside the file; may hold `{date}`.
        manual_download: why a plain downloader is refused and what a person can do instead; "" where downloading works.
        optional: True for a file that only makes reading faster (a dump's index): its absence is no error.
        alternatives: other names under which upstream offers the same content, in the same directory as `url`; may hold
            `{date}`. One of them in a source directory or in the cache is as good as `name`, which is what is
            downloaded.
    """

    name: str
    url: str
    size: int | None = None
    sha256: str | None = None
    git_blob: str | None = None
    sha1_list: str | None = None
    manual_download: str = ""
    optional: bool = False
    alternatives: tuple[str, ...] = ()

    def versions(self) -> tuple[RemoteFile, ...]:
        """The file under each name that is accepted, the best first."""
        place = self.url.removesuffix(self.name)
        others = (replace(self, name=name, url=place + name, alternatives=()) for name in self.alternatives)
        return (self, *others)

    @property
    def pinned(self) -> bool:
        """True where the content cannot change without being noticed."""
        return bool(self.sha256 or self.git_blob or self.sha1_list)


@dataclass(frozen=True)
class Template:
    """How one row becomes one record: three patterns over the columns of a record type.

    A pattern is text with `{column}` in it (`{{` for a brace); "" gives an empty cell. Patterns are applied to whole
    columns at once, so they hold no format specifications.

    Args:
        name: value of the records' `task` column, and part of their ids; unique in the corpus.
        instruction, input, output: the patterns.
        record_type: the record type of `Rows` this is made from.
    """

    name: str
    instruction: str
    input: str
    output: str
    record_type: str = "rows"


def columns_of(pattern: str) -> list[str]:
    """Names of the columns in a template's pattern, in order.

    Raises:
        ValueError: a brace has no other to it.
    """
    return [name for _, name, _, _ in string.Formatter().parse(pattern) if name is not None]


@dataclass(frozen=True)
class CountDifference:
    """A reason why a build may have another number of records than the paper counts, and how much it can explain.

    Args:
        reason: in words.
        at_least, at_most: the smallest and the largest number of records that it adds to the paper's count; below 0 for
            records that the paper has and a build lacks.
    """

    reason: str
    at_least: int
    at_most: int


@dataclass(frozen=True)
class Task:
    """A task config: a corpus seen as one kind of exercise.

    Args:
        config: name of the config, as in `load_dataset(..., config)`.
        templates: the records each row gives, in order.
        paper_count: number of records the paper counts for it (arXiv 2305.12720, tables of section 3); None for a task
            that came after the paper.
        difference: why a complete build may differ from that count, and by how much; () where it must come out
            exactly.
        files: names of the raw files that its records are made from, where the corpus has others too; () for all.
        version: raised whenever an instruction text or a rule changes the task's records.
    """

    config: str
    templates: tuple[Template, ...]
    paper_count: int | None = None
    difference: tuple[CountDifference, ...] = ()
    files: tuple[str, ...] = ()
    version: int = 1


@dataclass(frozen=True)
class Part:
    """A piece of a corpus that is read by itself, and gives the same rows wherever that happens.

    Args:
        name: unique in the corpus; parts are in the dataset in the order that `Corpus.split` gives.
        files: local paths by the raw files' names (`RemoteFile.name`, with a dump's date filled in).
        span: first byte and byte after the last of the one file that this part covers; None for whole files.
    """

    name: str
    files: Mapping[str, Path]
    span: tuple[int, int] | None = None


def whole(files: Mapping[str, Path]) -> list[Part]:
    """All files of the corpus in one part: for a corpus whose rows need several files, or that is one file."""
    return [Part("all", dict(files))]


def by_file(files: Mapping[str, Path]) -> list[Part]:
    """One part per file: for a corpus whose files can be read without one another."""
    return [Part(name, {name: path}) for name, path in files.items()]


@dataclass(frozen=True)
class Corpus:
    """One upstream corpus: what it is, where its raw files are, how they are read and what they become.

    Args:
        name: identifier; the value of the records' `source` column, and the folder name under `--sources`.
        title: what its makers call it.
        homepage: where it is described.
        license: of the raw data.
        attribution: who made it, as NOTICE and the card credit them.
        citation: BibTeX, or "" where there is nothing to cite.
        files: its raw files. Files that are missing under best effort are simply absent from a part.
        tasks: the task configs it gives.
        columns: what each column of the rows holds, by its name: a language (`ja`, `en`, or `any` for what may be in
            either, such as a name), and behind it the kind of text where that matters (`ja abstract`).
            `builders.instructions.KINDS` says what an instruction asks for.
        read: pure function from a part to rows. Raises `FormatError` for a file that cannot be read.
        split: how the present files fall into parts.
        limitations: what somebody who trains on its records must know, in whole sentences; the card lists it.
        evaluation: what models are evaluated with, among its rows: name of the evaluation set by the beginning of the
            keys of its rows.
    """

    name: str
    title: str
    homepage: str
    license: License
    attribution: str
    citation: str
    files: tuple[RemoteFile, ...]
    tasks: tuple[Task, ...]
    columns: Mapping[str, str]
    read: Callable[[Part], Iterator[Rows]] = field(repr=False)
    split: Callable[[Mapping[str, Path]], list[Part]] = field(default=by_file, repr=False)
    limitations: str = ""
    evaluation: Mapping[str, str] = field(default_factory=dict)
