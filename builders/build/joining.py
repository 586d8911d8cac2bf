"""From slices that independent machines built to one dataset: the very bytes that a single build gives."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from builders.build import shards, slices
from builders.build.output import SLICE, WORK, disk_errors, link, lock, require_no_slice
from builders.build.plan import ConfigPlan
from builders.build.run import Describe, Progress, directory_of, run_build
from builders.build.slices import PlannedConfig, Slice
from builders.errors import BuildError
from builders.files import commit, sha256
from builders.tree.report import Report

ONE_VERSION = "Build and merge all slices with one version of builders, Python and pyarrow, from the same raw files."


def join(
    parts: Sequence[Path], out: Path, *, describe: Describe, chat: bool = False, progress: Progress | None = None
) -> Report:
    """Joins slices; every byte of them is compared with its checksum first, and none of them is changed.

    A row whose key a shard before its own has too is left out, for which that shard is built once more: only then are
    raw files read, where one of the slices found them.

    Args:
        parts: directories of all slices of one plan, in any order.
        out: the output directory, as for `builders.build.run.run_build`.
        describe, chat, progress: as for `run_build`.

    Raises:
        BuildError: a slice is missing, there twice, damaged, of another plan or of another version of builders; or as
            `run_build`.
    """
    found = {directory: slices.load(directory) for directory in parts}
    _require_one_plan(found)
    _require_each_once(found)
    configs = _with_files_here(list(found.values()))
    plans = [planned.to_plan() for planned in configs]
    for plan, planned in zip(plans, configs, strict=True):
        if tuple(shard.fingerprint for shard in plan.shards) != planned.fingerprints:
            raise BuildError(f"The slices of {plan.config} were built by another version.", ONE_VERSION)
    with disk_errors(out), lock(out):
        require_no_slice(out)
        for directory, content in found.items():
            _take(directory, content, plans, out)
    return run_build(plans, out, workers=1, describe=describe, chat=chat, progress=progress)


def _require_one_plan(found: Mapping[Path, Slice]) -> None:
    (first, one), *others = found.items()
    for directory, other in others:
        if other.count != one.count:
            raise BuildError(
                f"{first} is a slice of {one.count}, and {directory} is a slice of {other.count}.",
                "Give the slices of one plan: the n of --shards i/n is the same for all of them.",
            )
        here, there = ({planned.config: planned.digest for planned in content.plan} for content in (one, other))
        if here != there:
            different = ", ".join(sorted({name for name, _ in here.items() ^ there.items()}))
            raise BuildError(
                f"{first} and {directory} are slices of different plans: they differ in {different}.", ONE_VERSION
            )


def _require_each_once(found: Mapping[Path, Slice]) -> None:
    by_number: dict[int, Path] = {}
    for directory, content in found.items():
        if content.number in by_number:
            raise BuildError(
                f"{by_number[content.number]} and {directory} are both slice {content.number} of {content.count}.",
                "Name each slice once.",
            )
        by_number[content.number] = directory
    count = next(iter(found.values())).count
    if missing := [f"{number}/{count}" for number in range(1, count + 1) if number not in by_number]:
        raise BuildError(
            f"Of {count} slices these are missing: {', '.join(missing)}.",
            "Build them, each with --shards and an --out of its own, and name all of them.",
        )


def _with_files_here(found: Sequence[Slice]) -> list[PlannedConfig]:
    """The plan, each config of the first slice whose raw files are where it found them: slices may be of other machines."""
    by_name = [{planned.config: planned for planned in content.plan} for content in found]
    versions = ([configs[planned.config] for configs in by_name] for planned in found[0].plan)
    return [next((planned for planned in same if planned.has_files), same[0]) for same in versions]


def _take(directory: Path, content: Slice, plans: Sequence[ConfigPlan], out: Path) -> None:
    """Gives the finished shards of a slice a second name where a build of `out` looks for them."""
    files: dict[Path, dict[str, str]] = {}
    for path, digest in content.files.items():
        files.setdefault(directory / WORK / PurePosixPath(path).parent, {})[PurePosixPath(path).name] = digest
    for shard in slices.shards_of(plans, content.number, content.count):
        source, target = directory_of(shard, directory), directory_of(shard, out)
        if target.exists():
            continue
        temporary = target.with_name(f"{target.name}.tmp")
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(parents=True)
        named = files.get(source, {})
        if not shards.BESIDE <= named.keys():
            raise _damaged(source, directory)
        for name, digest in named.items():
            if not (source / name).is_file() or sha256(source / name) != digest:
                raise _damaged(source / name, directory)
            link(source / name, temporary / name)
        commit(temporary, target)


def _damaged(path: Path, directory: Path) -> BuildError:
    return BuildError(
        f"{path} is missing or damaged: it is not what {directory / SLICE} says.",
        f"Remove {directory} and build this slice again.",
    )
