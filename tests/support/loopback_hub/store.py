"""What the loopback Hub remembers: repositories, commits, branches and tags in memory, blobs on disk by sha256."""

from __future__ import annotations

import copy
import hashlib
import itertools
import os
import re
import shutil
import tempfile
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from tests.support.loopback_hub.chunks import Chunks

CHUNK = 1 << 16
"""Bytes read, hashed and written at a time: a blob is never held in memory."""

_LFS_NAME = re.compile(r"\.(parquet|arrow|zip|gz|tar|7z|bz2|xz|zst|bin|safetensors|png|jpe?g|webp)$")
_LFS_SIZE = 10 << 20
_ATTRIBUTES = b"*.parquet filter=lfs diff=lfs merge=lfs -text\n*.png filter=lfs diff=lfs merge=lfs -text\n"


class MissingBlob(LookupError):
    """A commit names content that was never uploaded."""


class MovedBranch(Exception):
    """A commit names a parent that is not, or no longer, the head of its branch."""


def is_lfs(path: str, size: int) -> bool:
    """Whether the Hub keeps a file outside git: by its name, as a new repository's .gitattributes say, or by its size."""
    return bool(_LFS_NAME.search(path)) or size > _LFS_SIZE


def git_blob_id(content: bytes) -> str:
    """SHA-1 by which git names a file's content (`git hash-object`)."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


@dataclass(frozen=True)
class StoredFile:
    """A file of a commit.

    Args:
        sha256: of the content, and its name in the blob folder.
        size: bytes of the content.
        lfs: True where git holds only a pointer to it.
        git_id: git's id of the content, or of the pointer.
    """

    sha256: str
    size: int
    lfs: bool
    git_id: str


def lfs_file(sha256: str, size: int) -> StoredFile:
    """A file in large storage; git's id is that of the pointer (git-lfs specification, "The Pointer")."""
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\nsize {size}\n"
    return StoredFile(sha256, size, True, git_blob_id(pointer.encode()))


@dataclass(frozen=True)
class Commit:
    """One state of a repository: path -> file, and where it came from."""

    id: str
    parent: str | None
    title: str
    message: str
    date: str
    tree: Mapping[str, StoredFile]


@dataclass
class Repository:
    """A repository and its history.

    Args:
        kind: `datasets` or `models`, as in the API's paths.
        name: `owner/name`.
    """

    kind: str
    name: str
    commits: dict[str, Commit] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)

    def resolve(self, revision: str) -> Commit | None:
        """The commit that a branch, a tag or a commit id names."""
        revision = revision.removeprefix("refs/heads/").removeprefix("refs/tags/")
        return self.commits.get(self.branches.get(revision) or self.tags.get(revision) or revision)

    def history(self, commit: Commit) -> list[Commit]:
        """The commit and its ancestors, newest first."""
        found = [commit]
        while found[-1].parent:
            found.append(self.commits[found[-1].parent])
        return found

    def last_change(self, commit: Commit, path: str) -> Commit:
        """The newest commit, from `commit` backwards, that gave the file at `path` its content."""
        history = self.history(commit)
        for newer, older in itertools.pairwise(history):
            if older.tree.get(path) != commit.tree.get(path):
                return newer
        return history[-1]


class Store:
    """All repositories of one Hub. Every method may be called from any thread.

    Args:
        blobs: folder for file contents, made if it does not exist.

    Attributes:
        chunks: the contents that came as chunks.
    """

    def __init__(self, blobs: Path):
        self.blobs, self.chunks = blobs, Chunks(blobs / "chunks")
        self.blobs.mkdir(parents=True, exist_ok=True)
        self._repositories: dict[tuple[str, str], Repository] = {}
        self._lock = threading.RLock()

    def blob(self, sha256: str) -> Path:
        """Where content of this sha256 lies, if it has been uploaded."""
        return self.blobs / sha256

    def size_of(self, sha256: str) -> int | None:
        """Bytes of the content of this sha256; None where it has not been uploaded."""
        if self.blob(sha256).is_file():
            return self.blob(sha256).stat().st_size
        chunked = self.chunks.find(sha256)
        return chunked and chunked.size

    def content(self, sha256: str) -> Path:
        """A file with this content, put together from chunks at the first call where it came as such."""
        with self._lock:
            if not self.blob(sha256).is_file() and (chunked := self.chunks.find(sha256)):
                self.chunks.write_to(chunked, self.blob(sha256))
        return self.blob(sha256)

    def keep(self, stream: BinaryIO) -> StoredFile:
        """Copies a stream to the blobs, chunk by chunk.

        Returns:
            The file as one in large storage.
        """
        digest, size = hashlib.sha256(), 0
        with tempfile.NamedTemporaryFile(dir=self.blobs, prefix="incoming-", delete=False) as target:
            try:
                while chunk := stream.read(CHUNK):
                    digest.update(chunk)
                    size += target.write(chunk)
            except BaseException:
                os.unlink(target.name)
                raise
        os.replace(target.name, self.blob(digest.hexdigest()))
        return lfs_file(digest.hexdigest(), size)

    def keep_small(self, content: bytes) -> StoredFile:
        """Keeps the content of a file that git holds itself."""
        sha256 = hashlib.sha256(content).hexdigest()
        self.blob(sha256).write_bytes(content)
        return StoredFile(sha256, len(content), False, git_blob_id(content))

    def find(self, kind: str, name: str) -> Repository | None:
        """The repository, or None."""
        return self._repositories.get((kind, name))

    def create(self, kind: str, name: str) -> Repository:
        """A new repository with one commit that holds `.gitattributes`, as the Hub makes it."""
        with self._lock:
            repository = self._repositories[kind, name] = Repository(kind, name)
            self.commit(repository, "main", {".gitattributes": self.keep_small(_ATTRIBUTES)}, title="initial commit")
            return repository

    def commit(
        self,
        repository: Repository,
        branch: str,
        additions: Mapping[str, StoredFile],
        deletions: Iterable[str] = (),
        *,
        title: str,
        message: str = "",
        parent: str | None = None,
    ) -> Commit:
        """Adds a commit to a branch; the branch moves in one step, after everything else is in place.

        Args:
            additions: new or changed files by path.
            deletions: paths to remove; one that ends in `/` removes a folder.
            parent: the commit the caller believes to be the head of the branch; None for whatever it is.

        Raises:
            MovedBranch: the head is another one.
            MissingBlob: an addition's content was not uploaded.
        """
        with self._lock:
            head = repository.resolve(branch)
            if parent is not None and (head is None or head.id != parent):
                raise MovedBranch(branch)
            tree = dict(head.tree) if head else {}
            for gone in deletions:
                tree = {
                    path: file
                    for path, file in tree.items()
                    if path != gone and not (gone.endswith("/") and path.startswith(gone))
                }
            for path, file in additions.items():
                if self.size_of(file.sha256) is None:
                    raise MissingBlob(f"{path}: no content with sha256 {file.sha256} was uploaded")
                tree[path] = file
            date = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
            parent_id = head.id if head else None
            identity = hashlib.sha1(repr((parent_id, title, message, date, sorted(tree.items()))).encode()).hexdigest()
            commit = Commit(identity, parent_id, title, message, date, tree)
            repository.commits[identity] = commit
            repository.branches[branch] = identity
            return commit

    def add_folder(self, kind: str, name: str, folder: Path, branch: str = "main") -> Commit:
        """Makes a branch hold exactly a folder's files, as if somebody had pushed them; makes the repository if need be."""
        repository = self.find(kind, name) or self.create(kind, name)
        additions = {}
        for path in sorted(file for file in folder.rglob("*") if file.is_file()):
            relative, size = path.relative_to(folder).as_posix(), path.stat().st_size
            with path.open("rb") as stream:
                additions[relative] = self.keep(stream) if is_lfs(relative, size) else self.keep_small(stream.read())
        head = repository.resolve(branch)
        gone = [path for path in head.tree if path not in additions] if head else []
        return self.commit(repository, branch, additions, gone, title=f"Add {folder.name}")

    def start_branch(self, repository: Repository, branch: str, revision: str) -> bool:
        """Makes a branch at a revision; False where the branch is there already."""
        with self._lock:
            if branch in repository.branches:
                return False
            repository.branches[branch] = repository.resolve(revision).id
            return True

    def set_tag(self, repository: Repository, tag: str, revision: str) -> bool:
        """Tags a revision; False where the tag is there already."""
        with self._lock:
            if tag in repository.tags:
                return False
            repository.tags[tag] = repository.resolve(revision).id
            return True

    def add_all(self, other: Store) -> None:
        """Takes over every repository of a Hub to which nothing is sent meanwhile, with its history and its contents."""
        with self._lock:
            self._repositories |= copy.deepcopy(other._repositories)
            shutil.copytree(other.blobs, self.blobs, copy_function=os.link, dirs_exist_ok=True)

    def clear(self) -> None:
        """Forgets everything, blobs too."""
        with self._lock:
            self._repositories.clear()
            shutil.rmtree(self.blobs)
            self.blobs.mkdir()
