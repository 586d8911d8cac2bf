"""Publishing to a loopback Hub, as a person does it: `python -m builders publish` in a process of its own."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from builders import layout
from builders.documents import infos
from builders.files import sha256
from builders.hub import publish
from builders.hub.obstacles import obstacles
from builders.tree import report
from builders.tree.verify import verify
from tests.support.editions import edition
from tests.support.loopback_hub import LoopbackHub, Store, client_environment
from tests.support.loopback_hub.client import ROOT, run_client
from tests.support.loopback_hub.faults import Disconnected
from tests.support.reports import with_config, with_statuses
from tests.support.sample_build import build_samples

REPO = "izumi-lab/llm-japanese-dataset"
ALLOWED = ("--allow-samples", "--allow-partial")
LOADING_SCRIPT = "llm-japanese-dataset.py"


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small dataset from the samples: two task configs, version as in the code."""
    directory = tmp_path_factory.mktemp("built") / "sample"
    build_samples(directory, ["jsquad", "translation-coursera"])
    return directory


@pytest.fixture
def built(sample: Path, tmp_path: Path) -> Path:
    """A copy of it that a test may change."""
    shutil.copytree(sample, tmp_path / "built")
    return tmp_path / "built"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The client's caches."""
    return tmp_path / "home"


@pytest.fixture(scope="module")
def first(
    sample: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[LoopbackHub, subprocess.CompletedProcess[str]]]:
    """A Hub to which the dataset was published once, and what that printed; tests only read it."""
    directory = tmp_path_factory.mktemp("first")
    with LoopbackHub(directory / "blobs") as hub:
        yield hub, run_publish(hub, directory / "home", sample)


@pytest.fixture(scope="module")
def version_1_8(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """What a Hub holds after a publish of version 1.8.0, in two shards a config; `Store.add_all` brings it to a test's."""
    directory = tmp_path_factory.mktemp("old")
    with LoopbackHub(directory / "blobs") as hub:
        published(hub, directory / "home", edition(sample, directory / "old", "1.8.0", shards=2))
    return hub.store


def run_publish(
    hub: LoopbackHub, home: Path, built: Path, *options: str, token: str | None = "hf_loopback"
) -> subprocess.CompletedProcess[str]:
    """Publishes the two configs of the samples, which the options allow."""
    command = ["-m", "builders", "publish", str(built), "--repo", REPO, *ALLOWED, *options]
    return run_client(hub, home, command, token=token)


def published(hub: LoopbackHub, home: Path, built: Path, *options: str) -> str:
    """Publishes, expects it to work, and returns what was printed."""
    done = run_publish(hub, home, built, *options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def state(hub: LoopbackHub) -> tuple:
    """Everything a reader can see of the repository."""
    repository = hub.store.find("datasets", REPO)
    return repository and (dict(repository.branches), dict(repository.tags))


def files(hub: LoopbackHub, revision: str) -> list[str]:
    return sorted(hub.store.find("datasets", REPO).resolve(revision).tree)


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """The message of a publish that ended with exit code 1 and no traceback; the client's retries come before it."""
    assert done.returncode == 1 and "Traceback" not in done.stderr, done.stderr
    return done.stderr[done.stderr.index("Error: ") :].strip()


# What is published


def test_main_holds_the_dataset_and_no_loading_script(first, sample: Path) -> None:
    hub, done = first
    local = [path.relative_to(sample).as_posix() for path in sample.rglob("*") if path.is_file()]
    assert files(hub, "main") == sorted([".gitattributes", *local])
    assert {"README.md", "NOTICE", "croissant.json", "dataset_infos.json", "report.json"} <= set(files(hub, "main"))
    assert not [path for path in files(hub, "main") if path.endswith(".py")]
    assert f"Published: {hub.endpoint}/datasets/{REPO}" in done.stdout


def test_script_holds_the_loading_script_and_builders(first) -> None:
    hub, _ = first
    written = [path for path in (ROOT / "builders").rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    code = {path.relative_to(ROOT).as_posix() for path in written}
    assert set(files(hub, "script")) == {".gitattributes", LOADING_SCRIPT, infos.NAME} | code


def test_the_tag_stands_at_main(first, sample: Path) -> None:
    hub, _ = first
    branches, tags = state(hub)
    assert tags == {f"v{report.load(sample).version}": branches["main"]}


def test_every_revision_moves_with_one_commit(first, sample: Path) -> None:
    hub, _ = first
    repository = hub.store.find("datasets", REPO)
    for revision in ("main", "script"):
        titles = [commit.title for commit in repository.history(repository.resolve(revision))]
        assert titles == [f"Version {report.load(sample).version}", "initial commit"]


def test_a_second_publish_changes_nothing(hub: LoopbackHub, home: Path, sample: Path, first) -> None:
    hub.store.add_all(first[0].store)
    before = state(hub)
    out = published(hub, home, sample)
    version = report.load(sample).version
    assert f"Nothing to do: {hub.endpoint}/datasets/{REPO} holds version {version} as it is here." in out
    assert state(hub) == before
    assert {exchange.method for exchange in hub.traffic} == {"GET"}


def test_a_new_version_replaces_the_old_and_deletes_its_shards(
    hub: LoopbackHub, home: Path, sample: Path, version_1_8: Store, tmp_path: Path
) -> None:
    hub.store.add_all(version_1_8)
    out = published(hub, home, edition(sample, tmp_path / "three", "1.9.0", shards=3))
    assert "main: 6 added, 8 replaced, 4 deleted, 3 unchanged" in out
    assert "script: unchanged" in out
    parquet = [path for path in files(hub, "main") if path.endswith(".parquet")]
    assert parquet == [path for config in ("jsquad", "translation-coursera") for path in layout.shard_paths(config, 3)]
    assert len(hub.traffic.of("POST", "commit/main")) == 1
    branches, tags = state(hub)
    assert tags["v1.9.0"] == branches["main"] != tags["v1.8.0"]


def test_a_dry_run_shows_everything_and_changes_nothing(hub: LoopbackHub, home: Path, sample: Path) -> None:
    done = run_publish(hub, home, sample, "--dry-run", token=None)
    assert done.returncode == 0, done.stderr
    assert "Would be refused" not in done.stdout and "gave no answer" not in done.stdout
    assert state(hub) is None
    assert {exchange.method for exchange in hub.traffic} == {"GET"}
    for part in (
        "jsquad/train-sharealike-00000-of-00002.parquet",
        LOADING_SCRIPT,
        "builders/...",
        "would be made",
        "would be set on main",
    ):
        assert part in done.stdout


def test_a_dry_run_needs_no_network_and_says_what_would_be_refused(hub: LoopbackHub, home: Path, sample: Path) -> None:
    environment = client_environment(hub, home, token=None) | {"HF_ENDPOINT": "http://127.0.0.1:9"}
    command = [sys.executable, "-m", "builders", "publish", str(sample), "--repo", REPO, "--dry-run"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 1 and not done.stderr
    assert "jsquad/train-sharealike-00000-of-00002.parquet" in done.stdout
    assert done.stdout.endswith(
        "Note: http://127.0.0.1:9 gave no answer, so all of it is listed as new.\n"
        "Would be refused: It holds invented samples in jsquad, translation-coursera. (--allow-samples allows it)\n"
        "Would be refused: It is a part of `all`: without alpaca-ja, dolly-ja, easy-ja and 15 more. "
        "(--allow-partial allows it)\n"
    )


def test_the_documents_name_the_repository_that_they_are_in(hub: LoopbackHub, home: Path, built: Path) -> None:
    before = {path: path.read_bytes() for path in built.rglob("*") if path.is_file()}
    command = ["-m", "builders", "publish", str(built), "--repo", "someone/japanese", *ALLOWED]
    run_client(hub, home, command).check_returncode()
    repository = hub.store.find("datasets", "someone/japanese")
    copy = home / "copy"
    for path, file in repository.resolve("main").tree.items():
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(hub.store.blob(file.sha256), copy / path)
    assert {path: path.read_bytes() for path in built.rglob("*") if path.is_file()} == before
    assert verify(copy) == []
    for name in ("README.md", "croissant.json", "dataset_infos.json"):
        text = (copy / name).read_text("utf-8")
        assert "someone/japanese" in text and REPO not in text.replace(f"github.com/{REPO}", ""), name


# What breaks, and goes on


def test_a_broken_network_leaves_the_old_publish_and_is_resumed(
    hub: LoopbackHub, home: Path, sample: Path, version_1_8: Store, tmp_path: Path
) -> None:
    hub.store.add_all(version_1_8)
    before, new = state(hub), edition(sample, tmp_path / "new", "1.9.0", shards=3)
    hub.faults.uploads_left = 3
    assert re.fullmatch(
        rf"Error: The connection to {hub.endpoint} broke while sending the files: .+\n"
        "Next step: Run the same command again when the network is back. What has arrived is not sent again, and "
        "until then each revision holds one publish whole.",
        refused(run_publish(hub, home, new)),
    )
    assert state(hub) == before
    arrived = {exchange.path for exchange in hub.traffic.of("PUT") if exchange.status == 200}
    hub.faults.uploads_left = None
    hub.traffic.clear()
    published(hub, home, new)
    sent_again = {exchange.path for exchange in hub.traffic.of("PUT")}
    assert (len(arrived), len(sent_again), arrived & sent_again) == (3, 4, set())


def test_a_publisher_that_was_killed_is_resumed(
    hub: LoopbackHub, home: Path, sample: Path, version_1_8: Store, tmp_path: Path
) -> None:
    hub.store.add_all(version_1_8)
    before, new = state(hub), edition(sample, tmp_path / "new", "1.9.0", shards=3)
    hub.faults.seconds_per_chunk = 60
    publisher = subprocess.Popen(
        [sys.executable, "-m", "builders", "publish", str(new), "--repo", REPO, *ALLOWED],
        env=client_environment(hub, home),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while not hub.traffic.of("PUT"):
        assert publisher.poll() is None
        time.sleep(0.05)
    publisher.kill()
    publisher.wait()
    hub.faults.seconds_per_chunk = 0
    assert state(hub) == before
    published(hub, home, new)
    assert "v1.9.0" in state(hub)[1]


def test_a_connection_that_breaks_at_the_commit_leaves_the_old_publish(
    hub: LoopbackHub, home: Path, sample: Path, version_1_8: Store, tmp_path: Path
) -> None:
    hub.store.add_all(version_1_8)
    before, new = state(hub), edition(sample, tmp_path / "new", "1.9.0")

    def cut(name: str, branch: str) -> None:
        if branch == "main":
            raise Disconnected(branch)

    hub.faults.before_commit = cut
    message = refused(run_publish(hub, home, new))
    assert f"The connection to {hub.endpoint} broke while committing to main: " in message
    assert state(hub) == before
    hub.faults.before_commit = None
    published(hub, home, new)
    assert len(state(hub)[1]) == 2


def test_a_tag_that_is_missing_is_set_without_a_commit(hub: LoopbackHub, home: Path, sample: Path, first) -> None:
    hub.store.add_all(first[0].store)
    before = state(hub)
    hub.store.find("datasets", REPO).tags.clear()
    out = published(hub, home, sample)
    assert "main: unchanged" in out
    assert state(hub) == before


# What is refused, with the exact message


def test_samples_and_a_part_of_the_dataset(hub: LoopbackHub, home: Path, sample: Path) -> None:
    done = run_client(hub, home, ["-m", "builders", "publish", str(sample), "--repo", REPO])
    assert refused(done) == (
        "Error: This dataset is not published, because a version is published once:\n"
        "  It holds invented samples in jsquad, translation-coursera.\n"
        "  It is a part of `all`: without alpaca-ja, dolly-ja, easy-ja and 15 more.\n"
        "Next step: Build the whole dataset from the real raw files (python -m builders build --out DIR); or, for a "
        f"test in a repository of your own such as {REPO}-test, add --allow-samples --allow-partial"
    )
    assert not list(hub.traffic)


def test_a_dataset_built_with_best_effort(sample_dataset: Path) -> None:
    whole = report.load(sample_dataset)
    for name, entry in whole.configs.items():
        whole = with_statuses(with_config(whole, name, sample=False), name, *["verified"] * len(entry.files))
    assert not list(obstacles(whole))
    (found,) = obstacles(with_statuses(whole, "jsquad", "missing", "verified"))
    assert (found.problem, found.option) == (
        "It was built with --best-effort; these raw files were missing: jsquad/train-v1.1.json.",
        "--allow-partial",
    )


def test_a_log_holds_no_bars_and_no_escape_codes(first) -> None:
    _, done = first
    assert done.returncode == 0 and done.stderr == ""
    assert not re.search(r"[\x00-\x09\x0b-\x1f]", done.stdout)


def test_without_a_token(hub: LoopbackHub, home: Path, sample: Path) -> None:
    assert refused(run_publish(hub, home, sample, token=None)) == (
        f"Error: There is no token for {hub.endpoint}, and publishing to {REPO} needs one.\n"
        f"Next step: Make one with write permission at {hub.endpoint}/settings/tokens, then log in with it "
        "(`hf auth login`) or put it into HF_TOKEN."
    )
    assert state(hub) is None


def test_with_a_token_that_is_refused(hub: LoopbackHub, home: Path, sample: Path) -> None:
    hub.faults.refuse_token = True
    assert refused(run_publish(hub, home, sample)) == (
        f"Error: {hub.endpoint} refuses the token: it is wrong, has run out or was revoked. Nothing was changed.\n"
        f"Next step: Make a new one with write permission at {hub.endpoint}/settings/tokens, then log in with it "
        "(`hf auth login`) or put it into HF_TOKEN."
    )
    assert state(hub) is None


@pytest.mark.parametrize("exists", [False, True])
def test_without_permission(hub: LoopbackHub, home: Path, sample: Path, exists: bool) -> None:
    if exists:
        hub.store.create("datasets", REPO)
    before = state(hub)
    hub.faults.forbid_writing = True
    assert refused(run_publish(hub, home, sample)) == (
        f"Error: The token may not write to {REPO} on {hub.endpoint}. Nothing was changed.\n"
        "Next step: Use a token with write permission, and ask an owner of izumi-lab for the right to write if your "
        "account has none."
    )
    assert state(hub) == before


def test_a_different_history_is_kept_unless_its_commit_is_named(
    hub: LoopbackHub, home: Path, sample: Path, tmp_path: Path
) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / LOADING_SCRIPT).write_text("# the loading script of long ago\n")
    commit = hub.store.add_folder("datasets", REPO, tmp_path / "old").id
    before = state(hub)
    assert refused(run_publish(hub, home, sample)) == (
        f'Error: {REPO} has a different history: its revision main stands at {commit} ("Add old"), which no publish '
        f"made. Publishing would replace or delete what it holds: {LOADING_SCRIPT}\n"
        f"Next step: Publish to another repository; or, if nothing there is worth keeping, add --replace {commit}"
    )
    assert state(hub) == before
    published(hub, home, sample, "--replace", commit)
    assert LOADING_SCRIPT not in files(hub, "main")


def test_an_edit_on_the_web_page_is_not_overwritten(
    hub: LoopbackHub, home: Path, sample: Path, version_1_8: Store, tmp_path: Path
) -> None:
    hub.store.add_all(version_1_8)
    repository = hub.store.find("datasets", REPO)
    hub.store.commit(repository, "main", {"README.md": hub.store.keep_small(b"# Mine")}, title="Update README.md")
    before = state(hub)
    message = refused(run_publish(hub, home, edition(sample, tmp_path / "new", "1.9.0")))
    assert f'stands at {before[0]["main"]} ("Update README.md"), which no publish made' in message
    assert state(hub) == before


def test_a_commit_that_comes_in_between_wins(
    hub: LoopbackHub, home: Path, sample: Path, version_1_8: Store, tmp_path: Path
) -> None:
    hub.store.add_all(version_1_8)
    repository = hub.store.find("datasets", REPO)

    def rival(name: str, branch: str) -> None:
        if branch == "main":
            hub.faults.before_commit = None
            hub.store.commit(repository, branch, {"theirs": hub.store.keep_small(b"")}, title="Theirs")

    hub.faults.before_commit = rival
    assert refused(run_publish(hub, home, edition(sample, tmp_path / "new", "1.9.0"))) == (
        f"Error: Somebody else changed {REPO} while committing to main. Their commit stands. Nothing was "
        "changed.\n"
        "Next step: Run the same command again: it looks at what is there now, and says so if that is not a publish."
    )
    assert repository.resolve("main").title == "Theirs" and "v1.9.0" not in repository.tags


def test_a_dataset_that_changed_after_the_build(hub: LoopbackHub, home: Path, built: Path) -> None:
    with (built / "README.md").open("a") as card:
        card.write("by hand")
    size = report.load(built).documents["README.md"].bytes
    assert refused(run_publish(hub, home, built)) == (
        f"Error: {built} is not what its report says, so nothing was sent:\n"
        f"  README.md: {size + 7:,} bytes instead of {size:,}; build again\n"
        f"Next step: Build again what is damaged (python -m builders build --out {built}), then publish."
    )
    assert not list(hub.traffic)


def test_a_link_to_a_file_that_is_not_of_the_dataset(hub: LoopbackHub, home: Path, built: Path, tmp_path: Path) -> None:
    """Its size and digest are in the report, as somebody who knows the file could write them."""
    content = report.load(built)
    rejected, secret = content.configs["jsquad"].rejected_rows, tmp_path / "secret"
    secret.write_text("not to be published")
    (built / rejected.path).unlink()
    (built / rejected.path).symlink_to(secret)
    there = replace(rejected, bytes=secret.stat().st_size, sha256=sha256(secret))
    report.dump(with_config(content, "jsquad", rejected_rows=there), built)
    assert f"{rejected.path}: a link leads out of the directory to it" in refused(run_publish(hub, home, built))
    assert not list(hub.traffic)


def test_a_version_is_published_once(
    hub: LoopbackHub, home: Path, sample: Path, version_1_8: Store, tmp_path: Path
) -> None:
    hub.store.add_all(version_1_8)
    before = state(hub)
    assert refused(run_publish(hub, home, edition(sample, tmp_path / "other", "1.8.0"))) == (
        f"Error: {REPO} has version 1.8.0 already (tag v1.8.0), and it differs from this build in README.md, "
        "croissant.json, dataset.spdx.json and 10 more\n"
        "Next step: A version is published once. Raise __version__ in builders/__init__.py, build again, and publish "
        "that."
    )
    assert state(hub) == before


def test_a_directory_that_is_no_dataset(hub: LoopbackHub, home: Path, tmp_path: Path) -> None:
    assert refused(run_publish(hub, home, tmp_path)) == (
        f"Error: {tmp_path} holds no report.json, so it is no built dataset.\n"
        f"Next step: Build one: python -m builders build --out {tmp_path}"
    )


@pytest.mark.parametrize("name", ["llm-japanese-dataset", "a/b/c", "izumi lab/data"])
def test_a_name_that_is_none(hub: LoopbackHub, home: Path, sample: Path, name: str) -> None:
    done = run_client(hub, home, ["-m", "builders", "publish", str(sample), "--repo", name])
    assert refused(done) == (
        f'Error: "{name}" is no name of a repository.\n'
        "Next step: Give ORG/NAME, such as izumi-lab/llm-japanese-dataset."
    )


def test_a_hub_that_is_not_there(hub: LoopbackHub, home: Path, sample: Path) -> None:
    environment = client_environment(hub, home) | {"HF_ENDPOINT": "http://127.0.0.1:9"}
    command = [sys.executable, "-m", "builders", "publish", str(sample), "--repo", REPO, *ALLOWED]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert "Error: The connection to http://127.0.0.1:9 broke while showing the token: " in refused(done)


def test_every_file_of_the_script_revision_is_in_the_checkout() -> None:
    files = publish.script_files()
    assert isinstance(files.pop(LOADING_SCRIPT).source, bytes), "it is published with the digest of the others"
    assert all(file.source == ROOT / path and (ROOT / path).is_file() for path, file in files.items())
