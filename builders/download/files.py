"""What `obtain` hands over, and what it says where it cannot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from builders.corpus import Corpus, RemoteFile
from builders.download.checksums import difference, read
from builders.errors import BuildError
from builders.files import Snapshot, stamp, why_no_file

if TYPE_CHECKING:
    from rich.progress import Progress

BAD = ("missing", "changed")


@dataclass(frozen=True)
class SourceFile:
    """A raw file of a corpus on this machine, or the place where one is missing.

    Args:
        name: as upstream has it, with a dump's date filled in.
        url: where it comes from, with the date filled in.
        path: where it lies; None where it is missing.
        bytes: its size; None where it is missing.
        sha256: hex digest of what lies there, expected or not; None where it is missing.
        status: `verified` (it is the pinned file), `unpinned` (nothing to compare with), `sample` (invented),
            `changed` (not the pinned file) or `missing`.
        reason: why it is changed, missing, or unpinned although upstream publishes checksums; else "".
        stamp: of the file before it was read (`builders.files.stamp`); () where it is missing.
    """

    name: str
    url: str
    path: Path | None
    bytes: int | None
    sha256: str | None
    status: str
    reason: str = ""
    stamp: tuple[int, ...] = field(default=(), compare=False)

    @property
    def snapshot(self) -> Snapshot:
        """What was found, for a file that is not missing."""
        assert self.path is not None and self.bytes is not None and self.sha256 is not None
        return Snapshot(self.path, self.bytes, self.sha256, self.stamp)


def as_named_in(directory: Path, file: RemoteFile) -> RemoteFile:
    """The file under the name that lies in a directory: its own, or the first of its alternatives that is there."""
    return next((version for version in file.versions() if (directory / version.name).exists()), file)


def missing(file: RemoteFile, reason: str) -> SourceFile:
    """A file that is not there."""
    return SourceFile(file.name, file.url, None, None, None, "missing", reason)


def inspect(
    file: RemoteFile, path: Path, *, sha1: str | None = None, sample: bool = False, progress: Progress | None = None
) -> SourceFile:
    """Compares a file that should lie at `path` with what its corpus says of it.

    Args:
        file: what is expected.
        path: where it should lie.
        sha1: its digest in the checksum file that upstream publishes beside it, where that is at hand.
        sample: True for an invented file, of which nothing is expected.
        progress: shows the hashing of a large file.

    Returns:
        The file; `missing` where there is none or it cannot be read.
    """
    if reason := why_no_file(path):
        return missing(file, reason)
    known = {"sha256": file.sha256, "git blob id": file.git_blob, "sha1": sha1}
    expected = {} if sample else {kind: digest for kind, digest in known.items() if digest}
    try:
        before = stamp(path)
        content = read(path, {"sha256", *expected}, file.name, progress)
    except OSError as error:
        return missing(file, f"cannot be read: {error.strerror}")
    reason = "" if sample else difference(content, file.size, expected)
    status = "sample" if sample else "changed" if reason else "verified" if expected else "unpinned"
    return SourceFile(file.name, file.url, path, content.size, content.digests["sha256"], status, reason, before)


def refusal(
    corpus: Corpus, files: Sequence[tuple[RemoteFile, SourceFile]], directory: Path, downloaded: bool
) -> BuildError:
    """One error that names every file of a corpus that is missing or not the expected one.

    Args:
        corpus: the corpus.
        files: all its files: as expected, and as found.
        directory: where they should lie.
        downloaded: True where the files were to come from the network.
    """
    bad = [pair for pair in files if pair[1].status in BAD]
    lines = [f"{corpus.name}: {len(bad)} of {len(files)} raw file{'s' * (len(files) > 1)} cannot be used."]
    for expected, found in bad:
        place = directory / expected.name
        lines.append(f"  {expected.name}: {'changed: ' if found.status == 'changed' else ''}{found.reason}")
        lines.append(f"    place:  {place}")
        lines += [f"        or: {directory / name}" for name in expected.alternatives]
        lines.append(f"    source: {expected.url}")
        if expected.manual_download:
            lines.append(f"    note:   {expected.manual_download}")
    one = len(bad) == 1
    put = f"put the file{'' if one else 's'} at the place{'' if one else 's'} named above"
    if downloaded:
        step = f"Run the same command again later (a download goes on where it stopped), or {put} yourself."
    else:
        step = f"{put.capitalize()}, or leave out --sources to have {'it' if one else 'them'} downloaded."
    return BuildError("\n".join(lines), f"{step} With --best-effort the build goes on with what there is.")
