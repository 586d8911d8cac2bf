"""A Hub that refuses in the middle, and one that is none: a proxy, a login page, a server of something else."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from huggingface_hub import constants

from builders.errors import BuildError
from builders.hub.publish import publish
from builders.hub.revision import open_revision
from tests.support.loopback_hub import LoopbackHub
from tests.support.loopback_hub.client import TOKEN
from tests.support.loopback_hub.routes import Refusal
from tests.support.sample_build import build_samples

REPO = "izumi-lab/llm-japanese-dataset"
ALLOWED = ("--allow-samples", "--allow-partial")
LIES = (b"", b"<html>Log in</html>", b"\xff", b"null", b"[]", b"{}", b'{"sha": null, "files": [{}]}', b"[[" * 100_000)
"""Bodies of answers, all with status 200."""
NAMES_THAT_ARE_NONE = {
    "refs": b'{"branches": [{"name": "main", "ref": "refs/heads/main", "targetCommit": null}], "tags": [], "converts": []}',
    "tree": b'[{"type": "file", "path": 5, "size": 1, "oid": "x"}]',
    "info": b'{"id": "izumi-lab/llm-japanese-dataset", "sha": "main"}',
}
READING = ("refs", "commits", "tree")
WRITING = ("create", "preupload", "batch", "commit")
"""What `publish` asks, by the names that the loopback Hub has for it."""


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("built") / "sample"
    build_samples(directory, ["jsquad"])
    return directory


@pytest.fixture(autouse=True)
def client(hub: LoopbackHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This process is a client of the loopback Hub and of no other."""
    settings = {"ENDPOINT": hub.endpoint, "HF_HUB_CACHE": str(tmp_path / "cache"), "HF_HUB_OFFLINE": False}
    for name, value in (settings | {"HF_HUB_DISABLE_XET": True}).items():
        monkeypatch.setattr(constants, name, value)
    monkeypatch.setenv("HF_TOKEN", TOKEN)


def refused(sample: Path) -> BuildError:
    with pytest.raises(BuildError) as error:
        publish(sample, REPO, allowed=ALLOWED)
    return error.value


def test_a_token_that_is_revoked_before_main_has_moved(hub: LoopbackHub, sample: Path) -> None:
    def revoke(name: str, branch: str) -> None:
        if branch == "main":
            raise Refusal(401, "Invalid credentials in Authorization header")

    hub.faults.before_commit = revoke
    assert refused(sample).problem == (
        f"{hub.endpoint} refuses the token: it is wrong, has run out or was revoked. Before that, this publish has made "
        "the repository, made the revision script, moved script; the same command goes on from there."
    )
    hub.faults.before_commit = None
    publish(sample, REPO, allowed=ALLOWED)
    assert hub.store.find("datasets", REPO).tags


def test_a_token_that_may_commit_and_not_tag(hub: LoopbackHub, sample: Path) -> None:
    publish(sample, REPO, allowed=ALLOWED)
    hub.store.find("datasets", REPO).tags.clear()
    hub.faults.answers["tag"] = 403, b"{}"
    assert "Nothing was changed." in refused(sample).problem
    hub.store.clear()
    assert refused(sample).problem == (
        f"The token may not write to {REPO} on {hub.endpoint}. Before that, this publish has made the repository, made "
        "the revision script, moved script, moved main; the same command goes on from there."
    )


@pytest.mark.parametrize("request_name", [*READING, *WRITING])
def test_answers_that_are_no_hub_s(hub: LoopbackHub, sample: Path, request_name: str) -> None:
    named = 0
    for lie in (*LIES, *filter(None, [NAMES_THAT_ARE_NONE.get(request_name)])):
        hub.store.clear()
        if request_name in READING:
            hub.store.create("datasets", REPO)
        hub.faults.answers[request_name] = 200, lie
        try:
            publish(sample, REPO, allowed=ALLOWED)
        except BuildError as error:
            named += f"{hub.endpoint} answered something else than a Hub does while " in error.problem
    assert named >= len(LIES) - 2, "all but those that look like an answer"


@pytest.mark.parametrize(("request_name", "lie"), [*itertools.product(("info", "refs"), LIES)])
def test_a_revision_of_a_hub_that_is_none(hub: LoopbackHub, sample: Path, request_name: str, lie: bytes) -> None:
    hub.store.add_folder("datasets", REPO, sample)
    hub.faults.answers[request_name] = 200, lie
    with pytest.raises(BuildError) as error:
        open_revision(f"{REPO}@{'main' if request_name == 'info' else 'v9.9.9'}")
    if request_name == "info":
        assert f"{hub.endpoint} answered something else than a Hub does while reading {REPO}: " in error.value.problem
    else:
        assert error.value.next_step == "Name one that it has."


def test_a_revision_without_the_id_of_its_commit_is_not_taken_for_main(hub: LoopbackHub, sample: Path) -> None:
    hub.store.add_folder("datasets", REPO, sample)
    hub.faults.answers["info"] = 200, b'{"id": "izumi-lab/llm-japanese-dataset"}'
    with pytest.raises(BuildError, match="None for the id of a commit"):
        open_revision(f"{REPO}@v1.0.0")


@pytest.mark.parametrize("token", ["秘密", "hf_ab cd", "hf_\x1b[31m", "hf_ü"])
@pytest.mark.parametrize("act", ["publish", "dry run", "diff"])
def test_a_token_that_no_request_can_carry(
    hub: LoopbackHub, sample: Path, monkeypatch: pytest.MonkeyPatch, token: str, act: str
) -> None:
    monkeypatch.setenv("HF_TOKEN", token)
    with pytest.raises(BuildError) as error:
        if act == "diff":
            open_revision(f"{REPO}@main")
        else:
            publish(sample, REPO, allowed=ALLOWED, dry_run=act == "dry run")
    assert error.value.problem.startswith(f"The token for {hub.endpoint} is none: there are spaces, ")
    assert token not in str(error.value) and not list(hub.traffic)


def test_a_token_file_that_cannot_be_read(tmp_path: Path, sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "token").write_bytes(b"\xff\xfe")
    monkeypatch.delenv("HF_TOKEN")
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "token"))
    assert " cannot be read: " in refused(sample).problem
