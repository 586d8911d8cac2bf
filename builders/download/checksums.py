"""Is a file the one that a corpus was written for? Its size and digests, all from one reading."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from builders.download.progress import Bar
from builders.files import git_blob_hash

if TYPE_CHECKING:
    from rich.progress import Progress

LARGE = 64 << 20
"""From how many bytes on hashing takes long enough (a tenth of a second or more) to show a progress bar."""
BLOCK = 256 << 10
"""Bytes read at a time."""


@dataclass(frozen=True)
class Content:
    """What one reading of a file tells.

    Args:
        size: bytes.
        digests: hex digests by kind.
        head: the first bytes.
    """

    size: int
    digests: dict[str, str]
    head: bytes


def read(path: Path, kinds: Iterable[str], name: str = "", progress: Progress | None = None) -> Content:
    """Reads a file once, for all digests at the same time.

    Args:
        path: the file.
        kinds: `sha256`, `sha1`, or `git blob id` (`builders.files.git_blob_hash`).
        name: what the file is called on the screen.
        progress: shows a bar where the file is large.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        new: dict[str, Callable[[], hashlib._Hash]] = {
            "sha256": hashlib.sha256,
            "sha1": partial(hashlib.sha1, usedforsecurity=False),
            "git blob id": partial(git_blob_hash, size),
        }
        hashes = {kind: new[kind]() for kind in kinds}
        head, done = b"", 0
        with Bar(progress if size >= LARGE else None, f"checking {name}", size) as bar:
            while block := file.read(BLOCK):
                head = head or block[:256]
                for digest in hashes.values():
                    digest.update(block)
                done += len(block)
                bar.at(done)
    return Content(done, {kind: digest.hexdigest() for kind, digest in hashes.items()}, head)


def difference(content: Content, size: int | None, digests: Mapping[str, str]) -> str:
    """Why a file is not the expected one, in words; "" where it is.

    Args:
        content: what is there.
        size: expected, where known.
        digests: expected, by kind, as far as known.
    """
    if not content.size:
        return "it is empty"
    if re.match(rb"\s*<(!doctype )?html", content.head.removeprefix(b"\xef\xbb\xbf"), re.IGNORECASE):
        return "it is a web page, not the file itself"
    if size is not None and content.size != size:
        return f"{content.size:,} bytes instead of {size:,}{' (cut short?)' if content.size < size else ''}"
    for kind, digest in digests.items():
        if content.digests[kind] != digest:
            return f"its {kind} is {content.digests[kind]} instead of {digest}"
    return ""


def listed(text: str, name: str) -> str | None:
    """The digest of the file `name` in a checksum file as `sha1sum` writes it (`<digest>  <name>` lines).

    Wikimedia's list in the directory `latest` holds the dated names, so `latest` in a name stands for any date.
    """
    pattern = re.escape(name).replace("latest", r"\d{8}")
    for digest, entry in re.findall(r"^([0-9a-f]{40}) [ *](\S+)\s*$", text, re.MULTILINE):
        if entry == name or re.fullmatch(pattern, entry):
            return str(digest)
    return None
