"""The loopback Hub, through the eyes of the real `huggingface_hub`."""

from __future__ import annotations

import hashlib
import http.client
import random
import threading
from pathlib import Path

import pytest

from tests.support.loopback_hub import LoopbackHub, client_environment, python_client
from tests.support.loopback_hub.client import run_client

LARGE = bytes(range(256)) * 1024
START = """
import pathlib, sys
from huggingface_hub import *
api, repo, kind = HfApi(), "izumi-lab/some", "dataset"
"""
UPLOAD = """
api.create_repo(repo, repo_type=kind, exist_ok=True)
files = [CommitOperationAdd("data/a.parquet", sys.argv[1]), CommitOperationAdd("README.md", b"# A")]
done = api.create_commit(repo, files, commit_message="First", commit_description="why", repo_type=kind)
"""
READ = "print(hf_hub_download(repo, 'data/a.parquet', repo_type=kind))"


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A file of 256 KiB, which git does not hold itself because of its name."""
    path = tmp_path / "a.parquet"
    path.write_bytes(LARGE)
    return path


def test_what_was_committed_comes_back(hub: LoopbackHub, tmp_path: Path, large: Path) -> None:
    read_back = """
folder = pathlib.Path(snapshot_download(repo, repo_type=kind, revision=done.oid))
print(*sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()))
print((folder / "data/a.parquet").read_bytes() == open(sys.argv[1], "rb").read(), (folder / "README.md").read_text())
nodes = api.list_repo_tree(repo, repo_type=kind, recursive=True, expand=True)
print([(node.path, node.size, node.lfs is not None) for node in nodes if isinstance(node, RepoFile)])
print([(c.title, c.message) for c in api.list_repo_commits(repo, repo_type=kind)])
print(api.get_paths_info(repo, ["data", "README.md", "nothing"], repo_type=kind)[0].path)
print(api.whoami()["name"], api.file_exists(repo, "data/b.parquet", repo_type=kind))
"""
    assert python_client(hub, tmp_path / "home", START + UPLOAD + read_back, str(large)).splitlines() == [
        ".gitattributes README.md data/a.parquet",
        "True # A",
        "[('.gitattributes', 88, False), ('README.md', 3, False), ('data/a.parquet', 262144, True)]",
        "[('First', 'why'), ('initial commit', '')]",
        "data",
        "tester False",
    ]
    assert hub.store.blob(hashlib.sha256(LARGE).hexdigest()).read_bytes() == LARGE


def test_branches_tags_and_deletions(hub: LoopbackHub, tmp_path: Path, large: Path) -> None:
    program = """
first = api.list_repo_commits(repo, repo_type=kind)[-1].commit_id
api.create_branch(repo, repo_type=kind, branch="script", revision=first)
api.create_commit(repo, [CommitOperationAdd("a.py", b"pass")], commit_message="Code", repo_type=kind, revision="script")
api.create_tag(repo, repo_type=kind, tag="v1", revision=done.oid)
api.create_commit(repo, [CommitOperationDelete("data/", is_folder=True)], commit_message="Gone", repo_type=kind)
for revision in ("main", "v1", "script", "refs/heads/script"):
    print(revision, *api.list_repo_files(repo, repo_type=kind, revision=revision))
print([r.name for r in api.list_repo_refs(repo, repo_type=kind).tags])
"""
    assert python_client(hub, tmp_path / "home", START + UPLOAD + program, str(large)).splitlines() == [
        "main .gitattributes README.md",
        "v1 .gitattributes README.md data/a.parquet",
        "script .gitattributes a.py",
        "refs/heads/script .gitattributes a.py",
        "['v1']",
    ]


def test_content_that_is_there_is_not_sent_again(hub: LoopbackHub, tmp_path: Path, large: Path) -> None:
    again = UPLOAD.replace("data/a.parquet", "data/b.parquet")
    python_client(hub, tmp_path / "home", START + UPLOAD + again, str(large))
    assert [exchange.received for exchange in hub.traffic.of("PUT")] == [len(LARGE)]


def test_a_range_costs_only_its_bytes(hub: LoopbackHub, tmp_path: Path, large: Path) -> None:
    python_client(hub, tmp_path / "home", START + UPLOAD, str(large))
    program = (
        START
        + """
file = HfFileSystem().open(f"datasets/{repo}/data/a.parquet", block_size=1000)
file.seek(256)
print(file.read(256) == bytes(range(256)))
"""
    )
    hub.traffic.clear()
    assert python_client(hub, tmp_path / "home", program) == "True\n"
    ranged = hub.traffic.of("GET", "a.parquet")
    read_ahead = 1000
    assert [(exchange.status, exchange.sent) for exchange in ranged] == [(206, 256 + read_ahead)]


@pytest.mark.parametrize(
    ("program", "error"),
    [
        ("api.repo_info('izumi-lab/none', repo_type=kind)", "RepositoryNotFoundError"),
        ("api.list_repo_files(repo, repo_type=kind, revision='none')", "RevisionNotFoundError"),
        ("hf_hub_download(repo, 'none', repo_type=kind)", "EntryNotFoundError"),
        (
            "api.create_commit(repo, [CommitOperationAdd('a', b'')], commit_message='x', repo_type=kind, "
            "parent_commit='0' * 40)",
            "412",
        ),
    ],
)
def test_what_is_not_there(hub: LoopbackHub, tmp_path: Path, program: str, error: str) -> None:
    hub.store.create("datasets", "izumi-lab/some")
    done = run_client(hub, tmp_path / "home", ["-c", START + program])
    assert done.returncode == 1 and error in done.stderr.splitlines()[-1] + done.stderr


def test_a_refused_token(hub: LoopbackHub, tmp_path: Path) -> None:
    hub.faults.refuse_token = True
    done = run_client(hub, tmp_path / "home", ["-c", START + "api.whoami()"])
    assert "Invalid user token" in done.stderr


def test_a_token_that_cannot_write(hub: LoopbackHub, tmp_path: Path, large: Path) -> None:
    hub.store.create("datasets", "izumi-lab/some")
    hub.faults.forbid_writing = True
    done = run_client(hub, tmp_path / "home", ["-c", START + UPLOAD, str(large)])
    assert "403 Forbidden: Forbidden: you must use a write token" in done.stderr
    assert not hub.traffic.of("PUT")


def test_a_race_for_the_branch_is_lost_cleanly(hub: LoopbackHub, tmp_path: Path) -> None:
    repository = hub.store.create("datasets", "izumi-lab/some")
    head = repository.branches["main"]

    def rival(name: str, branch: str) -> None:
        hub.faults.before_commit = None
        hub.store.commit(repository, branch, {"rival": hub.store.keep_small(b"")}, title="Rival")

    hub.faults.before_commit = rival
    program = f"""
api.create_commit(repo, [CommitOperationAdd("README.md", b"# A")], commit_message="x", repo_type=kind,
    parent_commit="{head}")
"""
    done = run_client(hub, tmp_path / "home", ["-c", START + program])
    assert "412" in done.stderr
    assert sorted(repository.resolve("main").tree) == [".gitattributes", "rival"]


def test_an_upload_that_breaks_leaves_nothing(hub: LoopbackHub, large: Path) -> None:
    """Spoken by hand: the real client would try five more times, for half a minute."""
    hub.store.create("datasets", "izumi-lab/some")
    hub.faults.uploads_left = 0
    connection = http.client.HTTPConnection(hub.endpoint.removeprefix("http://"))
    with pytest.raises(ConnectionError):
        connection.request("PUT", f"/lfs/{hashlib.sha256(LARGE).hexdigest()}", body=LARGE)
        connection.getresponse()
    (upload,) = hub.traffic.of("PUT")
    assert (upload.status, upload.received) == (0, 65536)
    assert len(list(hub.store.blobs.iterdir())) == 1, "only .gitattributes"


def test_what_comes_as_chunks_is_stored_once_and_read_whole(hub: LoopbackHub, tmp_path: Path) -> None:
    """The first upload is new; of the second, with one byte put into its middle, only the chunks around that byte."""
    hub.store.create("datasets", "izumi-lab/some")
    first = random.Random(7).randbytes(4_000_000)
    sent = []
    for content in (first, first[:2_000_000] + b"!" + first[2_000_000:]):
        (tmp_path / "a.parquet").write_bytes(content)
        before = hub.store.chunks.bytes
        done = run_client(hub, tmp_path / "home", ["-c", START + UPLOAD, str(tmp_path / "a.parquet")], chunks=True)
        assert done.returncode == 0, done.stderr
        sent.append(hub.store.chunks.bytes - before)
        hub.store.chunks.forget_clients()  # the next one is another machine
        path = python_client(hub, tmp_path / "reader", START + READ, token=None).strip()
        assert Path(path).read_bytes() == content
    assert len(first) < sent[0] < 1.01 * len(first)
    assert 0 < sent[1] < 0.1 * len(first)
    assert not hub.traffic.of("PUT")


def test_the_environment_names_no_other_hub(hub: LoopbackHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_of_the_developer")
    monkeypatch.setenv("HF_DATASETS_CACHE", "/somewhere")
    environment = client_environment(hub, tmp_path, token=None)
    assert environment["HF_ENDPOINT"] == hub.endpoint
    assert "HF_TOKEN" not in environment and "HF_DATASETS_CACHE" not in environment


def test_commits_from_many_threads_are_all_there(hub: LoopbackHub) -> None:
    repository = hub.store.create("datasets", "izumi-lab/some")

    def commit(number: int) -> None:
        hub.store.commit(repository, "main", {f"{number}": hub.store.keep_small(b"%d" % number)}, title=f"{number}")

    threads = [threading.Thread(target=commit, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(repository.resolve("main").tree) == 21
    assert len(repository.history(repository.resolve("main"))) == 21
