"""From config names to a finished tree: plan, build what is missing, commit.

    OUT/<leaf>/train-00000-of-0000N.parquet   rejected/<leaf>.jsonl   report.json   README.md   dataset_infos.json ...

Work in progress lies in `OUT/.building/`: finished shards stay there until their leaf is committed, so a build that was
stopped goes on where it was. A leaf is put in place by renaming whole directories, never by writing into one.
"""

from __future__ import annotations

import errno
import hashlib
import os
import platform
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import filelock
import orjson
import pyarrow as pa

from builders import card, catalogue, engines, lengths, report
from builders.corpus import Corpus, Task
from builders.download import SourceFile
from builders.errors import BuildError, FormatError
from builders.shards import Shard, ShardResult, unreadable

WORK = ".building"


@dataclass(frozen=True)
class Leaf:
    """The plan of one leaf: its shards in the dataset's order, and the raw files they are read from."""

    config: str
    corpus: Corpus
    task: Task
    files: tuple[SourceFile, ...]
    shards: tuple[Shard, ...]

    @property
    def fingerprint(self) -> str:
        """Hex digest of all that decides the leaf's bytes."""
        return _digest([shard.fingerprint for shard in self.shards])


def plan(configs: Sequence[str], obtain: Callable[[Corpus], tuple[SourceFile, ...]]) -> list[Leaf]:
    """Says which shards make the configs.

    Args:
        configs: config names, groups or leaves.
        obtain: hands over a corpus's raw files (`builders.download.obtain` with its options filled in).

    Raises:
        BuildError: no such config; or what `obtain` raises, for all corpora in one.
    """
    wanted = catalogue.leaves_of(configs)
    names = dict.fromkeys(catalogue.LEAVES[config][0].name for config in wanted)
    sources = _obtain_all(names, obtain)
    code = report.code_digest()
    return [_plan_leaf(config, sources[catalogue.LEAVES[config][0].name], code) for config in wanted]


def _obtain_all(names: Iterable[str], obtain: Callable) -> dict[str, tuple[SourceFile, ...]]:
    sources, errors = {}, []
    for name in names:
        try:
            sources[name] = obtain(catalogue.CORPORA[name])
        except BuildError as error:
            errors.append(error)
    if errors:
        next_steps = dict.fromkeys(error.next_step for error in errors)
        raise BuildError("\n".join(error.problem for error in errors), "\n".join(next_steps))
    return sources


def _plan_leaf(config: str, files: tuple[SourceFile, ...], code: str) -> Leaf:
    corpus, task = catalogue.LEAVES[config]
    present = {file.name: file for file in files if file.path is not None}
    paths = {name: file.path for name, file in present.items()}
    try:
        parts = corpus.split(paths) if paths else []
    except FormatError as error:
        raise unreadable(corpus, paths, error) from error
    software = [code, platform.python_version(), pa.__version__]
    shards = []
    for part in parts:
        raw = [(name, present[name].sha256, present[name].status) for name in part.files]
        shards.append(Shard(config, part, _digest([software, config, part.name, part.span, raw])))
    return Leaf(config, corpus, task, files, tuple(shards))


def _digest(content: object) -> str:
    return hashlib.sha256(orjson.dumps(content)).hexdigest()


class Progress:
    """What a build tells while it works; the command line draws it, a test or a program may leave it out."""

    def start(self, leaf: Leaf) -> None:
        """Work on a leaf begins."""

    def records(self, leaf: Leaf, count: int) -> None:
        """`count` more records of the leaf are written."""

    def finish(self, leaf: Leaf, records: int) -> None:
        """The leaf is in place."""


def run(leaves: Sequence[Leaf], out: Path, *, workers: int, progress: Progress | None = None) -> dict:
    """Builds leaves into a tree; leaves that stand there with the same fingerprint are left as they are.

    Args:
        leaves: from `plan`.
        out: the tree's directory. Leaves of earlier builds that are not asked for stay in it.
        workers: processes.
        progress: told what happens.

    Returns:
        The report, as written to `out/report.json`. A leaf without records (all its files missing under best effort)
        is in it with no shards, and has no directory in the tree.

    Raises:
        BuildError: a file cannot be read, the disk is full, or another build is writing the same tree.
    """
    progress = progress or Progress()
    with _disk_errors(out), _locked(out):
        content = report.empty()
        old = report.read(out) if (out / report.NAME).is_file() else report.empty()
        standing = {name: entry for name, entry in old["leaves"].items() if _stands(name, entry, out)}
        to_do = [leaf for leaf in leaves if standing.get(leaf.config, {}).get("fingerprint") != leaf.fingerprint]
        built = {}
        for leaf, results in _build(to_do, out, workers, progress):
            built[leaf.config] = _commit(leaf, results, out)
            progress.finish(leaf, built[leaf.config]["records"])
        entries = {**standing, **built}
        content["leaves"] = {name: entries[name] for name in catalogue.LEAVES if name in entries}
        content["tokens"] = old.get("tokens", {}) if content["leaves"] == old["leaves"] else {}
        content["documents"] = old.get("documents", {})
        if (
            content != old
            or not content["documents"]
            or not all(_is_sound(file, out) for file in content["documents"].values())
        ):
            describe(content, out)
        shutil.rmtree(out / WORK, ignore_errors=True)
    return content


def _build(
    leaves: Sequence[Leaf], out: Path, workers: int, progress: Progress
) -> Iterator[tuple[Leaf, list[ShardResult]]]:
    """Yields each leaf as its last shard is finished."""
    by_config = {leaf.config: leaf for leaf in leaves}
    work = [(shard, _directory(shard, out)) for leaf in leaves for shard in leaf.shards]
    left = Counter(shard.config for shard, _ in work)
    for leaf in leaves:
        progress.start(leaf)
        if not leaf.shards:
            yield leaf, []
    finished: dict[str, ShardResult] = {}
    for shard, result in engines.run(work, workers, lambda s, n: progress.records(by_config[s.config], n)):
        finished[shard.fingerprint] = result
        left[shard.config] -= 1
        if not left[shard.config]:
            leaf = by_config[shard.config]
            yield leaf, [finished.pop(shard.fingerprint) for shard in leaf.shards]


def _directory(shard: Shard, out: Path) -> Path:
    return out / WORK / shard.config / shard.fingerprint[:32]


def _commit(leaf: Leaf, results: list[ShardResult], out: Path) -> dict:
    """Puts a leaf's finished shards in place and returns its entry of the report."""
    new = out / WORK / f"{leaf.config}.new"
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    total = sum(len(result.files) for result in results)
    shards = []
    for shard, result in zip(leaf.shards, results, strict=True):
        for file in result.files:
            name = f"train-{len(shards):05d}-of-{total:05d}.parquet"
            _place(_directory(shard, out) / file.name, new / name)
            shards.append(
                {"path": f"{leaf.config}/{name}", "rows": file.rows, "bytes": file.bytes, "sha256": file.sha256}
            )
    rejected = _gather_rejects(leaf, out)
    _replace(out / leaf.config, new if shards else None, out / WORK / f"{leaf.config}.old")
    return _entry(leaf, results, shards, rejected)


def _place(finished: Path, target: Path) -> None:
    """A second name for a finished file; a copy where the file system has no hard links."""
    try:
        os.link(finished, target)
    except OSError:
        shutil.copyfile(finished, target)


def _replace(directory: Path, new: Path | None, old: Path) -> None:
    """Swaps a leaf's directory for the new one; None takes it away."""
    shutil.rmtree(old, ignore_errors=True)
    if directory.exists():
        os.rename(directory, old)
    if new:
        os.rename(new, directory)


def _gather_rejects(leaf: Leaf, out: Path) -> dict:
    """Joins the shards' rejects, in order, into `rejected/<leaf>.jsonl`."""
    path = out / "rejected" / f"{leaf.config}.jsonl"
    path.parent.mkdir(exist_ok=True)
    temporary = path.with_name(path.name + ".tmp")
    with open(temporary, "wb") as joined:
        for shard in leaf.shards:
            with open(_directory(shard, out) / "rejects.jsonl", "rb") as piece:
                shutil.copyfileobj(piece, joined)
    os.replace(temporary, path)
    with open(path, "rb") as file:
        rows = sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))
    name = path.relative_to(out).as_posix()
    return {"path": name, "rows": rows, "bytes": path.stat().st_size, "sha256": report.sha256(path)}


def _entry(leaf: Leaf, results: list[ShardResult], shards: list[dict], rejected: dict) -> dict:
    rows_read, templates, rejects = Counter(), Counter(), Counter()
    for result in results:
        rows_read.update(result.rows_read)
        templates.update(result.records)
        rejects.update(result.rejects)
    records = templates.total()
    return {
        "corpus": leaf.corpus.name,
        "licence": leaf.corpus.licence.id,
        "fingerprint": leaf.fingerprint,
        "sample": any(file.status == "sample" for file in leaf.files),
        "rows_read": rows_read.total(),
        "records": records,
        "templates": {template.name: templates[template.name] for template in leaf.task.templates},
        "rejects": dict(rejects.most_common()),
        "patches": {name: outcome for result in results for name, outcome in result.patches.items()},
        "paper": leaf.task.paper,
        "difference": records - leaf.task.paper,
        "why": report.why(leaf.task, records, leaf.files),
        "plain_bytes": sum(result.plain_bytes for result in results),
        "characters": lengths.add(result.characters for result in results),
        "shards": shards,
        "rejected": rejected,
        "files": [
            {name: getattr(file, name) for name in ("name", "url", "bytes", "sha256", "status", "reason")}
            for file in leaf.files
        ],
    }


def _stands(config: str, entry: dict, out: Path) -> bool:
    """True where the leaf's directory holds its shards, unchanged, and nothing else."""
    named = {shard["path"] for shard in entry["shards"]}
    there = {path.relative_to(out).as_posix() for path in (out / config).glob("*")}
    return named == there and all(_is_sound(file, out) for file in [*entry["shards"], entry["rejected"]])


def _is_sound(file: dict, out: Path) -> bool:
    """True where a file of the tree is, byte for byte, the one that the report names."""
    path = out / file["path"]
    return path.is_file() and path.stat().st_size == file["bytes"] and report.sha256(path) == file["sha256"]


def describe(content: dict, out: Path) -> None:
    """Writes what is made from the report, and the report last: it is what says that a tree is whole.

    Args:
        content: the report; its `documents` are filled in.
        out: the tree.
    """
    content["documents"] = {}
    for name, text in card.documents(content, out).items():
        report.write_atomically(out / name, text)
        digest = hashlib.sha256(text).hexdigest()
        content["documents"][name] = {"path": name, "bytes": len(text), "sha256": digest}
    report.write(out, content)


@contextmanager
def _locked(out: Path) -> Iterator[None]:
    (out / WORK).mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(out / WORK / "lock")
    try:
        with lock.acquire(timeout=0):
            yield
    except filelock.Timeout:
        raise BuildError(
            f"Another build is writing {out}.", "Wait until it has finished, or give another --out."
        ) from None


@contextmanager
def _disk_errors(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise BuildError(
                f"No room left for {out}: {error.strerror}.",
                "Free some space, or give another --out, then run the same command again; finished shards are kept.",
            ) from error
        raise BuildError(f"{out} cannot be written: {error}.", "Give an --out that can be written.") from error
