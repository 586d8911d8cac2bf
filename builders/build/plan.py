"""From config names to the shards that make them: which corpora, which raw files, which parts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from builders import catalogue
from builders.build.fingerprints import digest, fingerprint
from builders.build.shards import Shard, unreadable
from builders.corpus import Corpus, Part, Task
from builders.download import SourceFile
from builders.errors import BuildError, FormatError

Obtain = Callable[[Corpus], tuple[SourceFile, ...]]
"""Hands over a corpus's raw files: `builders.download.obtain` with its options filled in."""


@dataclass(frozen=True)
class ConfigPlan:
    """The plan of one task config: its shards in the dataset's order, and the raw files they are read from."""

    config: str
    corpus: Corpus
    task: Task
    files: tuple[SourceFile, ...]
    shards: tuple[Shard, ...]

    @property
    def fingerprint(self) -> str:
        """Hex digest of all that decides the config's bytes."""
        return digest([shard.fingerprint for shard in self.shards])


def plan_configs(configs: Sequence[str], obtain: Obtain) -> list[ConfigPlan]:
    """Says which shards make the configs.

    Args:
        configs: config names, groups or task configs.
        obtain: hands over a corpus's raw files.

    Raises:
        BuildError: no such config; or what `obtain` raises, for all corpora in one.
    """
    wanted = [catalogue.TASK_CONFIGS[name] for name in catalogue.task_configs_of(configs)]
    sources = _obtain_all({corpus.name: corpus for corpus, _ in wanted}.values(), obtain)
    return [_plan(corpus, task, sources[corpus.name]) for corpus, task in wanted]


def _obtain_all(corpora: Iterable[Corpus], obtain: Obtain) -> dict[str, tuple[SourceFile, ...]]:
    sources, errors = {}, []
    for corpus in corpora:
        try:
            sources[corpus.name] = obtain(corpus)
        except BuildError as error:
            errors.append(error)
    if errors:
        next_steps = dict.fromkeys(error.next_step for error in errors)
        raise BuildError("\n".join(error.problem for error in errors), "\n".join(next_steps))
    return sources


def _plan(corpus: Corpus, task: Task, files: tuple[SourceFile, ...]) -> ConfigPlan:
    paths = {file.name: file.path for file in files if file.path is not None}
    try:
        parts = corpus.split(paths) if paths else []
    except (FormatError, OSError) as error:
        raise unreadable(corpus, paths, error) from error
    return plan_of_parts(corpus, task, files, parts)


def plan_of_parts(corpus: Corpus, task: Task, files: tuple[SourceFile, ...], parts: Iterable[Part]) -> ConfigPlan:
    """The plan of a task config whose raw files are split already.

    Args:
        corpus, task: what is made.
        files: all raw files of the corpus.
        parts: of those files that are present, in the dataset's order.
    """
    present = {file.name: file for file in files if file.path is not None}
    shards = []
    for part in _with_files_of(task, parts):
        raw = [(name, present[name].sha256, present[name].status) for name in part.files]
        snapshots = tuple(present[name].snapshot for name in part.files)
        shards.append(Shard(corpus, task, part, fingerprint(corpus, task, part, raw), snapshots))
    return ConfigPlan(task.config, corpus, task, files, tuple(shards))


def _with_files_of(task: Task, parts: Iterable[Part]) -> Iterator[Part]:
    """The parts with the files alone that the task needs: the others cost time and memory, and may be damaged."""
    for part in parts:
        files = {name: path for name, path in part.files.items() if not task.files or name in task.files}
        if files:
            yield replace(part, files=files)
