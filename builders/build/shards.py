"""One shard: the records that one part of a corpus gives to one task config, built by a pure function.

A shard is built in a directory of its own under a temporary name, flushed, and renamed when it is whole; so a
directory with a shard's name is a finished shard, whatever happened in between.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec
import orjson
import pyarrow as pa

from builders.build import patches
from builders.build.keys import KeyFilter, KeyHashes, repeated_in, save
from builders.build.parquet import ParquetFile, ParquetFiles
from builders.build.plausible import RowCount
from builders.build.records import make_records, plain_size
from builders.build.repeats import RecordHashes
from builders.corpus import Corpus, Part, Task
from builders.errors import BuildError, FormatError, first_of
from builders.files import SUMS, Snapshot, finishing, is_finished, limit_reached
from builders.rows import RejectedRow, Rows
from builders.tree import evaluation, lengths
from builders.tree.hashes import Hashes
from builders.tree.lengths import Lengths

RAW_TEXT_KEPT = 500
"""Characters of a rejected row that are kept: enough to find it."""
RESULT, REJECTED, KEYS, RECORDS = "result.json", "rejected.jsonl", "keys.npz", "records.npz"
BESIDE = frozenset({RESULT, REJECTED, KEYS, RECORDS, SUMS})
"""What a finished shard's directory holds beside the Parquet files."""


@dataclass(frozen=True)
class Shard:
    """One piece of work.

    Args:
        corpus: what is read.
        task: what its rows become.
        part: the piece of the corpus.
        fingerprint: hex digest of all that decides the shard's bytes; a finished shard is used again if it is equal.
        raw_files: the part's files as they were when the fingerprint was taken.
    """

    corpus: Corpus
    task: Task
    part: Part
    fingerprint: str
    raw_files: tuple[Snapshot, ...] = ()

    @property
    def size(self) -> int:
        """Bytes to read, about: those of the part's span, or of its files."""
        size = sum(file.size for file in self.raw_files)
        return min(size, self.part.span[1] - self.part.span[0]) if self.part.span else size


@dataclass(frozen=True)
class ShardResult:
    """What building a shard counted.

    Args:
        rows_read: raw rows met, by record type.
        records: records written, by template.
        rejected: rows and records left out, by reason.
        patches: what became of the named corrections whose rows were met (see `builders.build.patches`).
        plain_bytes: size of the records as plain Arrow strings.
        characters: how long the texts are, by column.
        evaluation: records that models are evaluated with (`Corpus.evaluation`).
        files: the Parquet files, in order.
    """

    rows_read: Mapping[str, int]
    records: Mapping[str, int]
    rejected: Mapping[str, int]
    patches: Mapping[str, str]
    plain_bytes: int
    characters: Mapping[str, Lengths]
    evaluation: int
    files: tuple[ParquetFile, ...]


@dataclass(frozen=True)
class Step:
    """What one step of reading gives.

    Args:
        record_type: of its rows.
        rows_read: number of raw rows that it took.
        records: by template.
        rejected: rows and records that cannot be used.
        patches: corrections that were met.
    """

    record_type: str
    rows_read: int
    records: dict[str, pa.RecordBatch]
    rejected: tuple[RejectedRow, ...]
    patches: dict[str, str]


def steps(
    corpus: Corpus, task: Task, part: Part, look_at: Callable[[Rows], Rows] = lambda rows: rows
) -> Iterator[Step]:
    """Reads a part and makes the records of one task from it, a batch at a time.

    Args:
        corpus, task, part: what is read, and what its rows become.
        look_at: given the rows before they are records; returns those that are to be used.

    Raises:
        BuildError: a file of the part cannot be read; names the corpus, the file, the place, the reason. Or this machine
            has no descriptor or no memory left.
    """
    count = RowCount(first_of(part.files))
    record_types = {template.record_type for template in task.templates}
    try:
        for rows in corpus.read(part):
            count.add(rows)
            if rows.record_type not in record_types:
                continue
            rows, corrected = patches.apply(look_at(rows), corpus.name)
            records, rejected = {}, list(rows.rejected)
            for template, batch, blank in make_records(rows, corpus, task):
                records[template.name] = batch
                rejected.extend(blank)
            rows_read = rows.batch.num_rows + len(rows.rejected)
            yield Step(rows.record_type, rows_read, records, tuple(rejected), corrected)
    except (FormatError, OSError) as error:
        raise unreadable(corpus, part.files, error) from error


def unreadable(corpus: Corpus, files: Mapping[str, Path], error: FormatError | OSError) -> BuildError:
    """What a build says of a raw file that cannot be read: where it lies and where a fresh copy comes from.

    Args:
        corpus: whose file it is.
        files: local paths by name, as a part has them; a dump's date filled in.
        error: the place and the reason; or what the system says.
    """
    if isinstance(error, OSError):
        next_step = "Make the file readable, then run the same command again."
        return limit_reached(error) or BuildError(f"{corpus.name}: {error}", next_step)
    origin = {}
    for version in (version for file in corpus.files for version in file.versions()):
        pattern = re.escape(version.name).replace(re.escape("{date}"), r"(\w+)")
        for name in files:
            if found := re.fullmatch(pattern, name):
                origin[name] = version.url.replace("{date}", found[1] if found.groups() else "")
    lines = [f"{path} (from {origin.get(name, corpus.homepage)})" for name, path in files.items()]
    next_step = "Replace the raw file by a fresh copy, then run the same command again:\n  " + "\n  ".join(lines)
    return BuildError(f"{corpus.name}: {error}", next_step)


def build(
    shard: Shard,
    directory: Path,
    progress: Callable[[int], None],
    taken: Mapping[str, Hashes] | None = None,
) -> ShardResult:
    """Builds one shard into `directory`, or takes the result of an earlier run that is there and whole.

    Args:
        shard: what to build.
        directory: appears when the shard is whole, with the files of `BESIDE` and the Parquet files.
        progress: called with the number of records of each batch written.
        taken: hashes of keys that earlier shards have, by record type; where they are given, the shard is built anew.

    Raises:
        BuildError: as `steps`; or a raw file is not the one any more that the fingerprint is of.
    """
    if taken is None and is_finished(directory):
        return msgspec.json.decode((directory / RESULT).read_bytes(), type=ShardResult)
    _require_unchanged(shard, again=taken is not None)
    with finishing(directory) as temporary:
        result, keys = _write_with_keys(shard, temporary, progress, {}, taken or {})
        if repeated := repeated_in(keys):
            for path in list(temporary.iterdir()):
                path.unlink()
            result, keys = _write_with_keys(shard, temporary, progress, repeated, taken or {})
        _require_unchanged(shard)
        (temporary / RESULT).write_bytes(msgspec.json.encode(result))
        save(keys, temporary / KEYS)
    return result


def _require_unchanged(shard: Shard, *, again: bool = False) -> None:
    """`again` says that the files were read before: by this build, or for slices, which may be of other machines."""
    for file in shard.raw_files:
        if file.holds():
            continue
        if again:
            raise _needed_again(shard, file.path)
        raise BuildError(
            f"{shard.corpus.name}: {file.path} was changed or replaced after the build had begun.",
            "Leave the raw files alone while a build runs, and run the same command again.",
        )


def _needed_again(shard: Shard, path: Path) -> BuildError:
    what = "is another file now" if path.exists() else "is not there"
    return BuildError(
        f"{shard.corpus.name}: {path} {what}. It has to be read once more, as rows of several parts have the same key.",
        "Put the file that was read before in its place, then run the same command again; for `merge`, where any one of "
        "the slices found it.",
    )


def _write_with_keys(
    shard: Shard,
    directory: Path,
    progress: Callable[[int], None],
    suspected: Mapping[str, Hashes],
    taken: Mapping[str, Hashes],
) -> tuple[ShardResult, dict[str, Hashes]]:
    """Writes a shard's files into an empty directory; returns what was counted, and the hashes of the keys of the rows that
    were used."""
    keys, key_filter = KeyHashes(), KeyFilter(suspected, taken)

    def look_at(rows: Rows) -> Rows:
        used = key_filter.apply(rows) if suspected or taken else rows
        keys.add(used)
        return used

    return _write(shard, directory, progress, look_at), keys.together()


def _write(
    shard: Shard, directory: Path, progress: Callable[[int], None], look_at: Callable[[Rows], Rows]
) -> ShardResult:
    rows_read, counts, reasons = Counter[str](), Counter[str](), Counter[str]()
    corrections: dict[str, str] = {}
    plain_bytes, characters, evaluated, hashes = 0, lengths.zero(), 0, RecordHashes()
    with ParquetFiles(directory) as parquet, open(directory / REJECTED, "wb") as rejected:
        for step in steps(shard.corpus, shard.task, shard.part, look_at):
            rows_read[step.record_type] += step.rows_read
            corrections |= step.patches
            for template, records in step.records.items():
                counts[template] += records.num_rows
                plain_bytes += plain_size(records)
                evaluated += evaluation.count(shard.corpus, template, records.column("id"))
                parquet.write(records)
            hashes.add(step.records.values())
            characters = lengths.add([characters, lengths.count(*step.records.values())])
            for row in step.rejected:
                reasons[row.reason] += 1
                kept = {"place": row.place, "reason": row.reason, "raw": row.raw[:RAW_TEXT_KEPT]}
                rejected.write(orjson.dumps(kept, option=orjson.OPT_APPEND_NEWLINE))
            progress(sum(records.num_rows for records in step.records.values()))
    hashes.save(directory / RECORDS)
    return ShardResult(
        rows_read=dict(rows_read),
        records=dict(counts),
        rejected=dict(reasons),
        patches=corrections,
        plain_bytes=plain_bytes,
        characters=characters,
        evaluation=evaluated,
        files=tuple(parquet.files),
    )
