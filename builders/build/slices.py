"""A slice: what one of several independent machines builds of a plan, in a directory of its own.

    OUT/.building/<config>/<fingerprint>/...   finished shards, as every build has them
    OUT/slice.json                             the whole plan, which slice this is, a checksum of each file; written last

Each machine makes the same plan from the same raw files and builds every n-th of its shards, so that the parts of a
large corpus are spread over all of them. `builders.build.joining` makes a built dataset of the slices.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from builders import catalogue
from builders.build import engines
from builders.build.fingerprints import digest
from builders.build.output import SLICE, WORK, disk_errors, lock
from builders.build.plan import ConfigPlan, plan_of_parts
from builders.build.run import Progress, directory_of
from builders.build.shards import Shard
from builders.corpus import Part
from builders.download import SourceFile
from builders.errors import BuildError
from builders.files import sha256, write_atomically
from builders.tree import report

FORMAT = 1
"""Version of the file's fields."""


@dataclass(frozen=True)
class PlannedConfig:
    """A `ConfigPlan` as the file holds it: what the catalogue knows is left out.

    Args:
        config: its name.
        files: the raw files, with what became of each.
        parts: in the dataset's order.
        fingerprints: of the parts' shards.
    """

    config: str
    files: tuple[SourceFile, ...]
    parts: tuple[Part, ...]
    fingerprints: tuple[str, ...]

    @property
    def digest(self) -> str:
        """Hex digest of all that must be the same on every machine; where the raw files lie is not in it."""
        files = [(file.name, file.sha256, file.status) for file in self.files]
        return digest([self.config, files, self.fingerprints])

    @property
    def has_files(self) -> bool:
        """True where the raw files lie on this machine as they did on the one that made the plan."""
        return all(file.path.is_file() for file in self.files if file.path is not None)

    def to_plan(self) -> ConfigPlan:
        """The plan as this version of builders makes it of the same files."""
        corpus, task = catalogue.TASK_CONFIGS[self.config]
        return plan_of_parts(corpus, task, self.files, self.parts)


@dataclass(frozen=True)
class Slice:
    """What `slice.json` says.

    Args:
        number: which slice this is, from 1.
        count: how many there are.
        plan: of all slices together.
        files: hex sha256 of each file of the slice, by path below `.building`.
        format: of these fields.
    """

    number: int
    count: int
    plan: tuple[PlannedConfig, ...]
    files: Mapping[str, str] = field(default_factory=dict)
    format: int = FORMAT


def shards_of(plans: Sequence[ConfigPlan], number: int, count: int) -> list[Shard]:
    """The shards of one slice.

    Args:
        plans: of the whole dataset, the same on every machine.
        number: of the slice, from 1.
        count: number of slices.
    """
    return [shard for plan in plans for shard in plan.shards][number - 1 :: count]


def build_slice(
    plans: Sequence[ConfigPlan],
    out: Path,
    number: int,
    count: int,
    *,
    workers: int,
    progress: Progress,
    engine: engines.Engine = engines.run,
) -> int:
    """Builds one slice into a directory of its own; what is finished there already is used again.

    Args:
        plans: of the whole dataset, the same on every machine.
        out: the slice's directory.
        number: of the slice, from 1.
        count: number of slices.
        workers, progress, engine: as for `builders.build.run.run_build`.

    Returns:
        The number of records in the slice.

    Raises:
        BuildError: `out` holds a built dataset or something else, or as `run_build`.
    """
    with disk_errors(out), lock(out):
        if (out / report.NAME).exists():
            raise BuildError(f"{out} holds a built dataset, not a slice of one.", "Give an --out that is empty.")
        shards = shards_of(plans, number, count)
        work = [(shard, directory_of(shard, out)) for shard in shards]
        _remove_others(out, {directory for _, directory in work})
        for plan in plans:
            progress.start(plan)
        records = 0
        for _, result in engine(work, workers, lambda shard, new: progress.records(shard.task.config, new)):
            records += sum(result.records.values())
        files = {
            path.relative_to(out / WORK).as_posix(): sha256(path)
            for _, directory in work
            for path in sorted(directory.iterdir())
        }
        content = msgspec.json.encode(Slice(number, count, tuple(map(_planned, plans)), files), enc_hook=_path_text)
        write_atomically(out / SLICE, msgspec.json.format(content, indent=2) + b"\n")
    return records


def load(directory: Path) -> Slice:
    """What a slice's directory says of itself.

    Raises:
        BuildError: it is no slice, an unfinished one, or its `slice.json` cannot be read.
    """
    path = directory / SLICE
    if not path.is_file():
        raise BuildError(
            f"{directory} holds no {SLICE}, so it is no slice, or an unfinished one.",
            f"Run `python -m builders build --shards i/n --out {directory}` to its end first.",
        )
    try:
        content = msgspec.json.decode(path.read_bytes(), type=Slice, dec_hook=lambda kind, text: kind(text))
    except OSError as error:
        raise BuildError(f"{path} cannot be read: {error.strerror}.", "Make it readable, then try again.") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BuildError(f"{path} is damaged: {error}.", f"Remove {directory} and build this slice again.") from None
    unknown = [planned.config for planned in content.plan if planned.config not in catalogue.TASK_CONFIGS]
    if content.format != FORMAT or unknown:
        raise BuildError(
            f"{path} was written by another version of builders.", "Build and merge all slices with one version."
        )
    return content


def _planned(plan: ConfigPlan) -> PlannedConfig:
    parts = tuple(shard.part for shard in plan.shards)
    return PlannedConfig(plan.config, plan.files, parts, tuple(shard.fingerprint for shard in plan.shards))


def _path_text(path: Path) -> str:
    return str(path.absolute())


def _remove_others(out: Path, wanted: set[Path]) -> None:
    """Takes away shards of earlier plans; what was said of them goes first."""
    (out / SLICE).unlink(missing_ok=True)
    for directory in (out / WORK).glob("*/*"):
        if directory not in wanted:
            shutil.rmtree(directory)
