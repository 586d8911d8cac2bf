"""A dataset repository on the Hub: what it holds, how that differs from local files, what the Hub's refusals mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
from huggingface_hub import HfApi
from huggingface_hub.errors import HfHubHTTPError, RepositoryNotFoundError
from huggingface_hub.hf_api import RepoFile

from builders.errors import BuildError
from builders.files import git_blob_hash

MARK = "Published by `python -m builders publish`."
"""Body of the commits that publishing makes: how a later publish knows that nobody else's work is at the head."""
_MADE_BY_THE_HUB = {".gitattributes"}


class HubUnreachable(BuildError):
    """The Hub gives no answer."""


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
    """Reads a commit."""
    last = api.list_repo_commits(name, repo_type="dataset", revision=commit)[0]
    listed = api.list_repo_tree(name, recursive=True, revision=commit, repo_type="dataset")
    files = {file.path: file for file in listed if isinstance(file, RepoFile) and file.path not in _MADE_BY_THE_HUB}
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


@contextmanager
def translate_hub_errors(endpoint: str, repository: str, doing: str) -> Iterator[None]:
    """Turns what the Hub or the network refuses into a message with a next step.

    Args:
        endpoint: address of the Hub.
        repository: `ORG/NAME`.
        doing: what is being done, as in "the connection broke while ...".

    Raises:
        HubUnreachable: the connection broke, or there is none.
        BuildError: the Hub refuses.
    """
    try:
        yield
    except (httpx2.HTTPError, OSError, RuntimeError) as error:  # RuntimeError: the client's cover for a failed upload
        answer = next((cause for cause in causes(error) if isinstance(cause, HfHubHTTPError)), None)
        if answer is not None:
            raise _refused(answer, endpoint, repository, doing) from error
        reason = str(causes(error)[-1]) or type(error).__name__
        raise HubUnreachable(
            f"The connection to {endpoint} broke while {doing}: {reason}",
            "Run the same command again when the network is back. What has arrived is not sent again, and readers see "
            "the last complete publish until then.",
        ) from error


def causes(error: BaseException) -> list[BaseException]:
    """An exception, what caused it, and so on."""
    found = [error]
    while found[-1].__cause__:
        found.append(found[-1].__cause__)
    return found


def _refused(error: HfHubHTTPError, endpoint: str, repository: str, doing: str) -> BuildError:
    status = error.response.status_code
    if status == 401:
        return BuildError(
            f"{endpoint} refuses the token: it is wrong, has run out or was revoked. Nothing was changed.",
            f"Make a new one with write permission at {endpoint}/settings/tokens, then log in with it "
            "(`hf auth login`) or put it into HF_TOKEN.",
        )
    if status == 403:
        return BuildError(
            f"The token may not write to {repository} on {endpoint}. Nothing was changed.",
            f"Use a token with write permission, and ask an owner of {repository.partition('/')[0]} for the right to "
            "write if your account has none.",
        )
    if status == 412:
        return BuildError(
            f"Somebody else changed {repository} while {doing}. Their commit stands; readers see nothing of this "
            "publish.",
            "Run the same command again: it looks at what is there now, and says so if that is not a publish.",
        )
    return BuildError(
        f"{endpoint} answered {status} while {doing}: {error.server_message or error}",
        "Run the same command again later; what has arrived is not sent again.",
    )
