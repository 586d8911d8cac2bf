"""A dataset repository on the Hub: what it holds, and how that differs from local files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from huggingface_hub import HfApi
from huggingface_hub.errors import RepositoryNotFoundError
from huggingface_hub.hf_api import RepoFile

from builders.files import git_blob_hash

MARK = "Published by `python -m builders publish`."
"""Body of the commits that publishing makes: how a later publish knows that nobody else's work is at the head."""
_MADE_BY_THE_HUB = {".gitattributes"}


@dataclass(frozen=True)
class LocalFile:
    """A file to publish: where it lies or what it holds, its size in bytes and the hex sha256 it must have."""

    source: Path | bytes
    size: int
    sha256: str


@dataclass(frozen=True)
class Head:
    """The commit a revision stands at.

    Args:
        commit: its id.
        title: its first line.
        ours: True where a publish made it, or where it holds nothing that anybody put there.
        files: what it holds, by path, without what the Hub puts there itself.
    """

    commit: str
    title: str
    ours: bool
    files: Mapping[str, RepoFile]


@dataclass(frozen=True)
class Repository:
    """A dataset repository as it stands.

    Args:
        name: `ORG/NAME`.
        heads: by branch and tag.
        exists: False where there is no such repository yet; `heads` is then empty.
    """

    name: str
    heads: Mapping[str, Head]
    exists: bool


@dataclass(frozen=True)
class Change:
    """One difference between a revision and the files it is to hold: `add`, `replace` or `delete`, and bytes."""

    action: str
    path: str
    size: int


def look(api: HfApi, name: str, revisions: list[str]) -> Repository:
    """Reads what a repository holds.

    Args:
        revisions: the branches and tags to look at; those that do not exist are left out.
    """
    try:
        refs = api.list_repo_refs(name, repo_type="dataset")
    except RepositoryNotFoundError:
        return Repository(name, {}, False)
    commits = {ref.name: ref.target_commit for ref in [*refs.tags, *refs.branches]}
    heads = {revision: head_at(api, name, commits[revision]) for revision in revisions if revision in commits}
    return Repository(name, heads, True)


def head_at(api: HfApi, name: str, commit: str) -> Head:
    """Reads a commit.

    Raises:
        TypeError: the Hub names things by what is no text; the client takes them as they are.
    """
    last = api.list_repo_commits(name, repo_type="dataset", revision=commit)[0]
    listed = api.list_repo_tree(name, recursive=True, revision=commit, repo_type="dataset")
    files = {file.path: file for file in listed if isinstance(file, RepoFile) and file.path not in _MADE_BY_THE_HUB}
    for text in (commit, last.title, *files):
        if not isinstance(text, str):
            raise TypeError(f"{text} in the place of a name")
    return Head(commit, last.title, not files or MARK in last.message, files)


def differences(head: Head | None, files: Mapping[str, LocalFile]) -> tuple[Change, ...]:
    """What has to change for a revision to hold exactly these files, in the order of their paths."""
    present = head.files if head else {}
    changes = [Change("delete", path, 0) for path in present if path not in files]
    for path, file in files.items():
        if path not in present:
            changes.append(Change("add", path, file.size))
        elif not _same(present[path], file):
            changes.append(Change("replace", path, file.size))
    return tuple(sorted(changes, key=lambda change: change.path))


def _same(remote: RepoFile, local: LocalFile) -> bool:
    """Compares contents by the checksum the Hub keeps: sha256 for large files, git's blob id for the others."""
    if remote.lfs:
        return remote.lfs.sha256 == local.sha256
    if remote.size != local.size:
        return False
    content = local.source if isinstance(local.source, bytes) else local.source.read_bytes()
    blob = git_blob_hash(local.size)
    blob.update(content)
    return remote.blob_id == blob.hexdigest()
