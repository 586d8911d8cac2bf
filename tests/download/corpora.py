"""A corpus that has nothing but files."""

from __future__ import annotations

import hashlib

from builders.corpus import Corpus, RemoteFile
from builders.licenses import PUBLIC_DOMAIN


def corpus(*files: RemoteFile, name: str = "birds") -> Corpus:
    """A corpus of these files; it cannot be read."""
    return Corpus(name, "Birds", "", PUBLIC_DOMAIN, "", "", files, (), {}, read=lambda part: iter(()))


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def git_blob(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def sha1_line(content: bytes, name: str) -> bytes:
    """A line of a checksum file."""
    return f"{hashlib.sha1(content).hexdigest()}  {name}\n".encode()
