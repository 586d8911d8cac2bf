"""From a plan to a built dataset: build the shards that are missing, put each config in place, write the report last.

    OUT/<config>/<stem>-00000-of-0000N.parquet   rejected/<config>.jsonl   report.json   README.md   dataset_infos.json ...

`builders.layout` names the Parquet files. A config without rejected rows has no file of them.

Work in progress lies in `OUT/.building/`: finished shards stay there until their config is in place, so a build that
was stopped goes on where it was. A config is put in place by renaming whole directories, never by writing into one.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np

from builders import catalogue, layout
from builders.build import engines, keys, repeats, shards
from builders.build.chat import with_chat
from builders.build.engines import Engine
from builders.build.entries import config_report, require_rows
from builders.build.output import WORK, disk_errors, link, lock, replace_directory, require_no_slice
from builders.build.plan import ConfigPlan
from builders.build.shards import Shard, ShardResult
from builders.files import replacing, sha256
from builders.tree import report
from builders.tree.report import ConfigReport, OutputFile, Report

REJECTED = "rejected"
"""Directory of the rejected rows, in the output directory."""
EDITION = (layout.CLEAN, layout.MARKS)
"""Directories of the curated edition, in the output directory."""

Describe = Callable[[Report, Path], Report]
"""Writes what stands beside the data, and the report last: `builders.documents.describe`."""


class Progress(Protocol):
    """What a build tells while it works; the command line draws it."""

    def start(self, plan: ConfigPlan) -> None:
        """Work on a config begins."""

    def records(self, config: str, count: int) -> None:
        """`count` more records of the config are written."""

    def finish(self, config: str, records: int) -> None:
        """The config is in place."""


class Silent:
    """A `Progress` that tells nobody."""

    def start(self, plan: ConfigPlan) -> None:
        """Says nothing."""

    def records(self, config: str, count: int) -> None:
        """Says nothing."""

    def finish(self, config: str, records: int) -> None:
        """Says nothing."""


def run_build(
    plans: Sequence[ConfigPlan],
    out: Path,
    *,
    workers: int,
    describe: Describe,
    chat: bool = False,
    progress: Progress | None = None,
    engine: Engine = engines.run,
) -> Report:
    """Builds configs into an output directory; those that are there with the same fingerprint are left as they are.

    A curated edition of an earlier build is taken away where the configs are others now.

    Args:
        plans: from `builders.build.plan.plan_configs`.
        out: the output directory. Configs of earlier builds that are not asked for stay in it; those that have left
            the catalogue are taken away.
        workers: processes.
        describe: writes the documents and the report.
        chat: also write the config `chat`. Without, the one of an earlier build stays if no record has changed.
        progress: told what happens.
        engine: builds the shards.

    Returns:
        The report, as written to `out/report.json`. A config without records (all its files missing under best effort)
        is in it with no shards, and has no directory.

    Raises:
        BuildError: the output directory holds something else, a file cannot be read, the disk is full, or another
            build is writing the same directory.
    """
    with disk_errors(out), lock(out):
        old = _report_before(out)
        configs = _configs(plans, old, out, partial(engine, workers=workers), progress or Silent())
        new = _with_configs(old, configs, out)
        if chat or (new.chat and not _is_whole(new.chat, (layout.CHAT,), out)):
            new = with_chat(new, out, workers)
        elif not new.chat:
            shutil.rmtree(out / layout.CHAT, ignore_errors=True)
        new = describe(new, out)
        shutil.rmtree(out / WORK, ignore_errors=True)
    return new


def _report_before(out: Path) -> Report:
    """The report of an earlier build, or an empty one; what the catalogue does not know any more is taken away."""
    require_no_slice(out)
    old = report.load(out) if (out / report.NAME).is_file() else Report()
    _remove_unknown(old, out)
    return old


def _configs(
    plans: Sequence[ConfigPlan], old: Report, out: Path, engine: Callable[..., engines.Built], progress: Progress
) -> dict[str, ConfigReport]:
    """What the directory holds then, in the catalogue's order: what is built now, and intact configs of earlier builds."""
    intact = {name: config for name, config in old.configs.items() if _is_intact(name, config, out)}
    built = {}
    for plan, results in _build([plan for plan in plans if not _is_built(plan, intact)], out, engine, progress):
        require_rows(plan, results)
        built[plan.config] = _put_in_place(plan, _with_new_keys(plan, results, out), out)
        progress.finish(plan.config, built[plan.config].records)
    found = intact | built
    return {name: found[name] for name in catalogue.TASK_CONFIGS if name in found}


def _with_configs(old: Report, configs: Mapping[str, ConfigReport], out: Path) -> Report:
    """A report of these configs; what was made of the records stays in it, and in the directory, if they are the same."""
    same = configs == old.configs
    clean = old.clean if same and old.clean and _is_whole(old.clean.output_files, EDITION, out) else None
    if clean is None:
        _remove_edition(out)
    if not same:
        return Report(configs=configs, documents=old.documents)
    return Report(configs=configs, tokens=old.tokens, chat=old.chat, documents=old.documents, clean=clean)


def _is_built(plan: ConfigPlan, intact: Mapping[str, ConfigReport]) -> bool:
    there = intact.get(plan.config)
    return there is not None and there.fingerprint == plan.fingerprint


def _is_intact(name: str, config: ConfigReport, out: Path) -> bool:
    """True where the config's directory holds its shards, with the names they have now, unchanged, and nothing else."""
    known = [shard.path for shard in config.shards]
    there = sorted(path.relative_to(out).as_posix() for path in (out / name).glob("*"))
    named = layout.shard_paths(name, len(known)) if name in catalogue.TASK_CONFIGS else []
    return known == there == named and all(file.is_intact(out) for file in config.output_files)


def _is_whole(files: Iterable[OutputFile], directories: Sequence[str], out: Path) -> bool:
    """True where directories hold the files of an edition, unchanged, and nothing else."""
    known = list(files)
    there = {path.relative_to(out).as_posix() for name in directories for path in (out / name).glob("*/*")}
    return there == {file.path for file in known} and all(file.is_intact(out) for file in known)


def _remove_unknown(old: Report, out: Path) -> None:
    """Takes away what an earlier version of the catalogue built and this one does not know: the files that the report
    names, and no others, lest a report that somebody wrote removes what no build made."""
    for name, config in old.configs.items():
        if name not in catalogue.TASK_CONFIGS:
            for file in (*config.shards, config.rejected_rows):
                if file.is_intact(out):
                    (out / file.path).unlink()
            with suppress(OSError):  # something else is in it, or it is not there
                (out / name).rmdir()


def _remove_edition(out: Path) -> None:
    """Takes away a curated edition of other records, and what a `clean` that was stopped left of one."""
    for name in EDITION:
        shutil.rmtree(out / name, ignore_errors=True)


def _build(
    plans: Sequence[ConfigPlan], out: Path, engine: Callable[..., engines.Built], progress: Progress
) -> Iterator[tuple[ConfigPlan, list[ShardResult]]]:
    """Yields each config as its last shard is finished."""
    by_config = {plan.config: plan for plan in plans}
    work = [(shard, directory_of(shard, out)) for plan in plans for shard in plan.shards]
    left = Counter(shard.task.config for shard, _ in work)
    for plan in plans:
        progress.start(plan)
        if not plan.shards:
            yield plan, []
    finished: dict[str, ShardResult] = {}
    for shard, result in engine(work, progress=lambda shard, count: progress.records(shard.task.config, count)):
        finished[shard.fingerprint] = result
        left[shard.task.config] -= 1
        if not left[shard.task.config]:
            plan = by_config[shard.task.config]
            yield plan, [finished.pop(shard.fingerprint) for shard in plan.shards]


def directory_of(shard: Shard, out: Path) -> Path:
    """Where a shard lies, once it is finished, until its config is in place."""
    return out / WORK / shard.task.config / shard.fingerprint[:32]


def _with_new_keys(plan: ConfigPlan, results: list[ShardResult], out: Path) -> list[ShardResult]:
    """Builds the shards anew that have keys of earlier shards, without the rows of these."""
    found = [keys.load(directory_of(shard, out) / shards.KEYS) for shard in plan.shards]
    repeated = keys.repeated_across(found) if len(found) > 1 else {}
    if not repeated:
        return results
    taken = found[0]
    settled = results[:1]
    for shard, result, own in zip(plan.shards[1:], results[1:], found[1:], strict=True):
        common = {name: np.intersect1d(own[name], taken[name]) for name in repeated if name in own and name in taken}
        if any(hashes.size for hashes in common.values()):
            result = shards.build(shard, directory_of(shard, out), lambda records: None, common)
        settled.append(result)
        taken = keys.merge([taken, own])
    return settled


def _put_in_place(plan: ConfigPlan, results: list[ShardResult], out: Path) -> ConfigReport:
    """Puts a config's finished shards in place and returns its entry of the report."""
    new = out / WORK / f"{plan.config}.new"
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    finished = [(shard, file) for shard, result in zip(plan.shards, results, strict=True) for file in result.files]
    files = []
    for (shard, file), path in zip(finished, layout.shard_paths(plan.config, len(finished)), strict=True):
        link(directory_of(shard, out) / file.name, new / Path(path).name)
        files.append(OutputFile(path, file.bytes, file.sha256, file.rows))
    different = repeats.count_different([directory_of(shard, out) / shards.RECORDS for shard in plan.shards])
    rejected = _gather_rejected(plan, out)
    replace_directory(out / plan.config, new if files else None, out / WORK / f"{plan.config}.old")
    return config_report(plan, results, different, files, rejected)


def _gather_rejected(plan: ConfigPlan, out: Path) -> OutputFile:
    """Joins the shards' rejected rows, in order, into one file; where there are none, no file is left."""
    name = f"{REJECTED}/{plan.config}.jsonl"
    path, rows = out / name, 0
    with replacing(path) as joined:
        for shard in plan.shards:
            with open(directory_of(shard, out) / shards.REJECTED, "rb") as piece:
                while block := piece.read(1 << 20):
                    rows += block.count(b"\n")
                    joined.write(block)
    written = OutputFile(name, path.stat().st_size, sha256(path), rows)
    if not rows:
        path.unlink()
    return written
