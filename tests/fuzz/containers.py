"""Changes what an archive holds, and packs it again whole: most damage would else end at the first checksum."""

from __future__ import annotations

import bz2
import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random

Change = Callable[[bytes], bytes]


def changed_inside(path: Path, chance: Random, change: Change) -> bytes:
    """The content of a sample file with something in its innermost archive changed; for a plain file, its text.

    Args:
        path: of the sample; its name tells what it is.
        chance: picks the member.
        change: applied to one member's bytes.
    """
    if path.name.endswith((".zip", ".xlsx")):
        members = dict(_zip_members(path))
        name = chance.choice(list(members))
        members[name] = change(members[name])
        return _zipped(members)
    if path.name.endswith((".tar.gz", ".tgz")):
        members = dict(_tar_members(path))
        name = chance.choice(list(members))
        members[name] = change(members[name])
        return gzip.compress(tarred(members), 1)
    if path.name.endswith(".gz"):
        return gzip.compress(change(gzip.decompress(path.read_bytes())), 1)
    if path.name.endswith(".bz2"):
        return bz2.compress(change(bz2.decompress(path.read_bytes())), 1)
    return change(path.read_bytes())


@cache
def _zip_members(path: Path) -> tuple[tuple[str, bytes], ...]:
    with zipfile.ZipFile(path) as archive:
        return tuple((name, archive.read(name)) for name in archive.namelist())


def _zipped(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return packed.getvalue()


@cache
def _tar_members(path: Path) -> tuple[tuple[str, bytes], ...]:
    with tarfile.open(path) as archive:
        files = ((entry.name, archive.extractfile(entry)) for entry in archive)
        return tuple((name, file.read()) for name, file in files if file is not None)


def tarred(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()
