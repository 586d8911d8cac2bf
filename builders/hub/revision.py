"""A revision of a dataset repository on the Hub, as a built dataset: its files are fetched when they are asked for.

They lie in the cache of `huggingface_hub` (HF_HOME), where a second comparison finds them again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from huggingface_hub import HfApi, hf_hub_download
from huggingface_hub.errors import (
    EntryNotFoundError,
    HfHubHTTPError,
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from builders.diff.dataset import Dataset, require_intact
from builders.errors import BuildError, first_of
from builders.hub.errors import FAILED, UNREADABLE, HubUnreachable, is_unreadable, reason, unreadable
from builders.hub.token import find_token
from builders.tree import report
from builders.tree.report import OutputFile

_NAME = re.compile(r"[\w.-]+/[\w.-]+@[\w./-]+")
_COMMIT = re.compile(r"[0-9a-f]{40}")


def open_revision(name: str) -> Dataset:
    """A dataset that was published.

    Args:
        name: `ORG/NAME@REVISION`; a branch, a tag or the id of a commit.

    Raises:
        BuildError: the name is none; there is no such repository or revision, it holds no built dataset or one whose report has another
            format, or the Hub gives no answer.
    """
    if not _NAME.fullmatch(name):
        raise BuildError(
            f'"{name}" is no directory, and no revision on the Hub.',
            "Name an output directory of `build`, or a revision as ORG/NAME@REVISION.",
        )
    repo, _, revision = name.partition("@")
    api = HfApi()
    find_token(api.endpoint)
    with _reading(api, repo, revision):
        commit = api.dataset_info(repo, revision=revision).sha
        if not _COMMIT.fullmatch(commit or ""):  # without one the client would take main
            raise ValueError(f"{commit} for the id of a commit")
        path = hf_hub_download(repo, report.NAME, repo_type="dataset", revision=commit)
    directory = Path(path).parent

    def fetch(files: Sequence[OutputFile]) -> None:
        for file in files:
            with _reading(api, repo, revision):
                hf_hub_download(repo, file.path, repo_type="dataset", revision=commit)
        require_intact(files, directory)

    return Dataset(name, directory, report.load(directory), fetch)


@contextmanager
def _reading(api: HfApi, repo: str, revision: str) -> Iterator[None]:
    """Turns what the Hub or the network refuses into a message with a next step.

    Raises:
        BuildError: in place of the client's exceptions.
    """
    try:
        yield
    except RevisionNotFoundError as error:
        raise BuildError(
            f"{repo} on {api.endpoint} has no revision {revision}.", f"Name one that it has{_revisions(api, repo)}."
        ) from error
    except RepositoryNotFoundError as error:
        raise BuildError(
            f"There is no dataset repository {repo} on {api.endpoint}, or it is private.",
            "Look at the name; for a private one, log in with `hf auth login`, or put a token into HF_TOKEN.",
        ) from error
    except LocalEntryNotFoundError as error:
        raise _unreachable(api, error) from error
    except EntryNotFoundError as error:
        raise BuildError(
            f"{repo}@{revision} holds no {report.NAME}, or not a file that it names: it was published by other means.",
            f"Name a revision that `python -m builders publish` made{_revisions(api, repo)}.",
        ) from error
    except HfHubHTTPError as error:
        status = error.response.status_code
        raise BuildError(
            f"{api.endpoint} answered {status} while reading {repo}: {error.server_message or error}",
            "Run the same command again later; what has arrived is kept. After 401 or 403: `hf auth login`.",
        ) from error
    except (*FAILED, *UNREADABLE) as error:
        if is_unreadable(error):
            raise unreadable(api.endpoint, f"reading {repo}", error) from error
        raise _unreachable(api, error) from error


def _unreachable(api: HfApi, error: Exception) -> HubUnreachable:
    return HubUnreachable(
        f"{api.endpoint} gives no answer: {reason(error)}",
        "Run the same command again when the network is back; what has arrived is kept.",
    )


def _revisions(api: HfApi, repo: str) -> str:
    """The names of the tags and branches of a repository, behind a colon, for a message; "" where it does not tell."""
    try:
        refs = api.list_repo_refs(repo, repo_type="dataset")
        return f": {first_of(ref.name for ref in [*refs.tags, *refs.branches])}"
    except (*FAILED, *UNREADABLE):
        return ""
