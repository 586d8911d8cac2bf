"""Writing an output directory: one at a time, under temporary names, whole directories renamed, and clear errors."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock

from builders.errors import BuildError, first_of
from builders.files import lies_in, limit_reached, remove_temporary, unwritable
from builders.tree import report

WORK = ".building"
"""Directory of the work in progress, in the output directory."""
SLICE = "slice.json"
"""What makes an output directory a slice of a dataset (`builders.build.slices`)."""


def link(finished: Path, target: Path) -> None:
    """A second name for a finished file; a copy where the file system has no hard links."""
    try:
        os.link(finished, target)
    except OSError:
        shutil.copyfile(finished, target)


def replace_directory(directory: Path, new: Path | None, old: Path) -> None:
    """Swaps a config's directory for the new one; None takes it away."""
    shutil.rmtree(old, ignore_errors=True)
    if directory.exists():
        os.rename(directory, old)
    if new:
        os.rename(new, directory)


@contextmanager
def lock(out: Path) -> Iterator[None]:
    """Keeps other builds out of an output directory, and clears away what a killed one left half written.

    Raises:
        BuildError: it holds something else or a link that leads out of it, or another build is writing it.
    """
    _require_own(out)
    _require_no_way_out(out)
    (out / WORK).mkdir(parents=True, exist_ok=True)
    own = filelock.FileLock(out / WORK / "lock")
    try:
        with own.acquire(timeout=0):
            remove_temporary(out)
            yield
    except filelock.Timeout:
        raise BuildError(
            f"Another build is writing {out}.", "Wait until it has finished, or give another --out."
        ) from None


def _require_own(out: Path) -> None:
    """Refuses a directory that holds other things than a built dataset or the work on one.

    A file of the report's name says nothing: other programs have a `report.json` too, so it is read.

    Raises:
        BuildError: it does, or its report cannot be read; nothing in it was touched.
    """
    if (out / report.NAME).is_file():
        report.load(out)
        return
    if not out.is_dir() or (out / WORK).is_dir():
        return
    others = [path.name for path in out.iterdir()]
    if others:
        raise BuildError(
            f"{out} is no built dataset, and it is not empty: it holds {first_of(others)}.",
            "Give an --out that is empty or does not exist yet.",
        )


def _require_no_way_out(out: Path) -> None:
    """Refuses a directory in which a link stands where files are written: they would replace what it leads to.

    Raises:
        BuildError: there is one.
    """
    for path in out.iterdir() if out.is_dir() else ():
        if path.is_symlink() and not lies_in(path, out):
            raise BuildError(
                f"{path} is a symbolic link that leads out of the directory.",
                "Take the link away, then run the same command again; what it leads to stays as it is.",
            )


def require_no_slice(out: Path) -> None:
    """Refuses a directory that is a slice of a dataset: a whole one is another thing.

    Raises:
        BuildError: it is one.
    """
    if (out / SLICE).exists():
        raise BuildError(f"{out} holds a slice of a dataset, for `merge`.", "Give an --out that is empty.")


@contextmanager
def disk_errors(out: Path) -> Iterator[None]:
    """Says which file or limit stopped the build.

    Raises:
        BuildError: in place of an `OSError`.
    """
    try:
        yield
    except OSError as error:
        if limit := limit_reached(error):
            raise limit from error
        place = Path(str(error.filename)) if error.filename else out
        own = place.is_relative_to(out)
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise BuildError(
                f"No room left for {out if own else place}: {error.strerror}.",
                f"Free some space{', or give another --out' if own else ' there'}, then run the same command again; "
                "finished shards are kept.",
            ) from error
        if own:
            raise unwritable(out, error) from error
        raise BuildError(
            f"{place} cannot be used: {error.strerror}.", "Mend that, then run the same command again."
        ) from error
