"""From a built dataset to the Hub, so that a reader of any revision sees one publish whole, or the one before it.

    revision   holds                                                   read by
    main       all files that report.json names, and report.json       load_dataset(ORG/NAME, config), every version
    script     the loading script, builders/ and dataset_infos.json    datasets up to 3.6 with revision="script"
    v1.0.0     a tag on the commit of main                             whoever needs this version for good

Rejected rows and the report are on main too: whoever doubts a count finds there what was left out and why. The
documents are made anew for the repository, so that the card and `croissant.json` name the one they are in.

Order: large files are sent first, and are visible to nobody; then one commit moves `script`, one commit moves `main`
(files that are gone are deleted in it), and the tag comes last, so that a tag says that the whole publish is done. Each
commit names the commit it follows, and the Hub refuses it if that is no longer the head. Whatever breaks, the same
command goes on from there: content that is on the Hub is not sent again, a revision that is right is not touched.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from dataclasses import replace as replace_fields
from pathlib import Path

from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi
from huggingface_hub.errors import HFValidationError
from huggingface_hub.utils import validate_repo_id  # type: ignore[attr-defined]  # it names no exports

import builders
from builders.documents import infos, render
from builders.errors import BuildError, first_of
from builders.files import sha256
from builders.hub import repository
from builders.hub.errors import HubUnreachable, translate_hub_errors
from builders.hub.obstacles import Obstacle, obstacles
from builders.hub.repository import MARK, Change, Head, LocalFile, Repository
from builders.hub.token import find_token
from builders.tree import report
from builders.tree.report import Report
from builders.tree.verify import verify

MAIN, SCRIPT = "main", "script"
ROOT = Path(builders.__file__).parents[1]
LOADING_SCRIPT = "llm-japanese-dataset.py"
UNSTAMPED = 'BUILDERS_DIGEST = ""'
"""The line of the loading script that a publish fills in."""


@dataclass(frozen=True)
class Revision:
    """What one revision is to become.

    Args:
        name: `main` or `script`.
        head: the commit it stands at; None where it does not exist.
        files: all files it is to hold, by path.
        changes: what that takes.
    """

    name: str
    head: Head | None
    files: Mapping[str, LocalFile]
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Plan:
    """Everything a publish would do.

    Args:
        repo: `ORG/NAME`.
        version: of the dataset, from its report.
        obstacles: why it would be refused.
        reached: False where the Hub gave no answer; the plan is then that of a new repository.
        exists: False where the repository has to be made.
        revisions: in the order in which they are moved.
        tag: the tag to set; "" where it is there already.
    """

    repo: str
    version: str
    obstacles: tuple[Obstacle, ...]
    reached: bool
    exists: bool
    revisions: tuple[Revision, ...]
    tag: str

    @property
    def nothing_to_do(self) -> bool:
        """True where the Hub holds all of it."""
        return not self.tag and not any(revision.changes for revision in self.revisions)


def publish(
    directory: Path,
    repo: str,
    *,
    dry_run: bool = False,
    allowed: Collection[str] = (),
    token: str | None = None,
    replace: tuple[str, ...] = (),
    say: Callable[[str], None] = lambda step: None,
) -> Plan:
    """Publishes a built dataset.

    Args:
        directory: the output directory, as `builders.build` wrote it.
        repo: `ORG/NAME` of the dataset repository; made if it does not exist.
        dry_run: only look; without an answer from the Hub, plan for a new repository.
        allowed: obstacles that are none, by their options (see `builders.hub.obstacles`).
        token: for the Hub; None for HF_TOKEN or the one of `hf auth login`.
        replace: ids of commits that no publish made and that may be replaced all the same.
        say: called with each step before it begins.

    Returns:
        What was done, or would be.

    Raises:
        BuildError: the dataset is not sound, or not the whole real one; the Hub or the network refuses, or the repository holds what this would
            destroy. `main` is then what it was, or wholly the new one.
    """
    check_name(repo)
    content = replace_fields(_sound(directory, say), repository=repo)
    found = tuple(obstacle for obstacle in obstacles(content) if obstacle.option not in allowed)
    if found and not dry_run:
        raise _refusal(repo, found)
    api = HfApi(token=token)
    found_token = find_token(api.endpoint, token)
    if not dry_run:
        _check_token(api, repo, found_token)
    say(f"looking at {repo}")
    there = _look(api, repo, [MAIN, SCRIPT, f"v{content.version}"], dry_run)
    plan = _plan(there or Repository(repo, {}, False), content, directory, replace)
    plan = replace_fields(plan, obstacles=found, reached=there is not None)
    if not dry_run and not plan.nothing_to_do:
        _carry_out(_Run(api, plan, say))
    return plan


def _refusal(repo: str, found: Sequence[Obstacle]) -> BuildError:
    options = " ".join(dict.fromkeys(obstacle.option for obstacle in found))
    problems = "".join(f"\n  {obstacle.problem}" for obstacle in found)
    return BuildError(
        f"This dataset is not published, because a version is published once:{problems}",
        "Build the whole dataset from the real raw files (python -m builders build --out DIR); or, for a test in a "
        f"repository of your own such as {repo}-test, add {options}",
    )


def _look(api: HfApi, repo: str, revisions: list[str], dry_run: bool) -> Repository | None:
    """What the repository holds; None where a dry run gets no answer."""
    try:
        with translate_hub_errors(api.endpoint, repo, "looking at the repository"):
            return repository.look(api, repo, revisions)
    except HubUnreachable:
        if not dry_run:
            raise
        return None


def check_name(repo: str) -> None:
    """Refuses what is no `ORG/NAME`.

    Raises:
        BuildError: the name of the repository is not valid.
    """
    try:
        validate_repo_id(repo)
        valid = "/" in repo
    except HFValidationError:
        valid = False
    if not valid:
        raise BuildError(
            f'"{repo}" is no name of a repository.', "Give ORG/NAME, such as izumi-lab/llm-japanese-dataset."
        )


def _sound(directory: Path, say: Callable[[str], None]) -> Report:
    """The report of a dataset that is what its report says, and that the catalogue knows."""
    content = report.load_known(directory)
    problems = verify(directory, lambda config: say(f"checking {config}"))
    if problems:
        listed = "\n  ".join(problems)
        raise BuildError(
            f"{directory} is not what its report says, so nothing was sent:\n  {listed}",
            f"Build again what is damaged (python -m builders build --out {directory}), then publish.",
        )
    return content


def _check_token(api: HfApi, repo: str, token: str | None) -> None:
    if token is None:
        raise BuildError(
            f"There is no token for {api.endpoint}, and publishing to {repo} needs one.",
            f"Make one with write permission at {api.endpoint}/settings/tokens, then log in with it (`hf auth login`) "
            "or put it into HF_TOKEN.",
        )
    with translate_hub_errors(api.endpoint, repo, "showing the token"):
        api.whoami()


def _plan(found: Repository, content: Report, directory: Path, replace: tuple[str, ...]) -> Plan:
    wanted = {SCRIPT: script_files(), MAIN: dataset_files(content, directory)}
    for name in wanted:
        _check_history(found, name, replace)
    revisions = tuple(
        Revision(name, found.heads.get(name), files, repository.differences(found.heads.get(name), files))
        for name, files in wanted.items()
    )
    return Plan(
        repo=found.name,
        version=content.version,
        obstacles=(),
        reached=True,
        exists=found.exists,
        revisions=revisions,
        tag=_missing_tag(found, content.version, wanted[MAIN]),
    )


def dataset_files(content: Report, directory: Path) -> dict[str, LocalFile]:
    """What `main` holds, by path: data, documents and report.

    The documents are made anew, for the repository that the report names; the directory stays as it is.
    """
    described, texts = render(content, directory)
    files = {file.path: LocalFile(directory / file.path, file.bytes, file.sha256) for file in content.data_files}
    return files | {path: _made(text) for path, text in {**texts, report.NAME: report.encode(described)}.items()}


def script_files() -> dict[str, LocalFile]:
    """What `script` holds, by path: the loading script with the digest of the others in it, builders/ and the infos."""
    code = [path for path in (ROOT / "builders").rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    files = {path.relative_to(ROOT).as_posix(): _local(path) for path in [ROOT / infos.NAME, *sorted(code)]}
    digest = hashlib.sha256(repr([(name, file.sha256) for name, file in files.items()]).encode()).hexdigest()
    return {LOADING_SCRIPT: _stamped(digest), **files}


def _stamped(digest: str) -> LocalFile:
    """The loading script that names the code beside it: `datasets` keeps a script by the script's own content."""
    text = (ROOT / LOADING_SCRIPT).read_text(encoding="utf-8")
    return _made(text.replace(UNSTAMPED, f'BUILDERS_DIGEST = "{digest}"').encode())


def _made(content: bytes) -> LocalFile:
    return LocalFile(content, len(content), hashlib.sha256(content).hexdigest())


def _local(path: Path) -> LocalFile:
    return LocalFile(path, path.stat().st_size, sha256(path))


def _check_history(found: Repository, revision: str, replace: tuple[str, ...]) -> None:
    head = found.heads.get(revision)
    if head is None or head.ours or head.commit in replace:
        return
    raise BuildError(
        f"{found.name} has a different history: its revision {revision} stands at {head.commit} "
        f'("{head.title}"), which no publish made. Publishing would replace or delete what it holds: '
        f"{first_of(head.files)}",
        f"Publish to another repository; or, if nothing there is worth keeping, add --replace {head.commit}",
    )


def _missing_tag(found: Repository, version: str, files: Mapping[str, LocalFile]) -> str:
    """The tag to set, or "" if it is set already and stands for the same files."""
    tag = f"v{version}"
    head = found.heads.get(tag)
    if head is None:
        return tag
    different = repository.differences(head, files)
    if different:
        raise BuildError(
            f"{found.name} has version {version} already (tag {tag}), and it differs from this build in "
            f"{first_of([change.path for change in different])}",
            "A version is published once. Raise __version__ in builders/__init__.py, build again, and publish that.",
        )
    return ""


@dataclass(frozen=True)
class _Run:
    """A publish that is being carried out.

    Args:
        api: the client.
        plan: what is to be done.
        say: called with each step before it begins.
        done: what has been changed so far, in words; a Hub may refuse in the middle.
    """

    api: HfApi
    plan: Plan
    say: Callable[[str], None]
    done: list[str] = field(default_factory=list)

    def translating(self, doing: str) -> AbstractContextManager[None]:
        """As `translate_hub_errors`, for one step."""
        return translate_hub_errors(self.api.endpoint, self.plan.repo, doing, self.done)


def _carry_out(run: _Run) -> None:
    api, plan = run.api, run.plan
    script, main = plan.revisions
    if not plan.exists:
        run.say(f"making the repository {plan.repo}")
        with run.translating("making the repository"):
            api.create_repo(plan.repo, repo_type="dataset", exist_ok=True)
        run.done.append("made the repository")
    operations = _operations(main)
    additions = [operation for operation in operations if isinstance(operation, CommitOperationAdd)]
    run.say(f"sending {sum(change.size for change in main.changes):,} bytes for {len(additions)} files")
    with run.translating("sending the files"):
        api.preupload_lfs_files(plan.repo, additions, repo_type="dataset")
    _move(run, script, _operations(script))
    commit = _move(run, main, operations)
    _check_arrived(run, main, commit)
    if plan.tag:
        run.say(f"setting the tag {plan.tag}")
        with run.translating(f"setting the tag {plan.tag}"):
            api.create_tag(plan.repo, tag=plan.tag, revision=commit, repo_type="dataset")


def _operations(revision: Revision) -> list[CommitOperationAdd | CommitOperationDelete]:
    """What a commit consists of; every file is checked once more on the way."""
    operations: list[CommitOperationAdd | CommitOperationDelete] = []
    for change in revision.changes:
        if change.action == "delete":
            operations.append(CommitOperationDelete(change.path))
            continue
        file = revision.files[change.path]
        addition = CommitOperationAdd(change.path, file.source)
        if addition.upload_info.sha256.hex() != file.sha256:
            raise BuildError(
                f"{change.path} changed while it was being published.",
                "Wait until the build is finished, then publish.",
            )
        operations.append(addition)
    return operations


def _move(run: _Run, revision: Revision, operations: list[CommitOperationAdd | CommitOperationDelete]) -> str:
    """Moves a revision with one commit, or leaves it where it is if it is right; returns the id of its commit."""
    if revision.head and not operations:
        return revision.head.commit
    doing = f"committing to {revision.name}"
    run.say(doing)
    with run.translating(doing):
        done = run.api.create_commit(
            run.plan.repo,
            operations,
            commit_message=f"Version {run.plan.version}",
            commit_description=MARK,
            repo_type="dataset",
            revision=revision.name,
            parent_commit=revision.head.commit if revision.head else _start(run, revision.name),
        )
    run.done.append(f"moved {revision.name}")
    return done.oid


def _start(run: _Run, revision: str) -> str:
    """The first commit of a repository; a revision that does not exist yet is made there."""
    repo = run.plan.repo
    first = run.api.list_repo_commits(repo, repo_type="dataset")[-1].commit_id
    if revision != MAIN:
        run.api.create_branch(repo, branch=revision, revision=first, repo_type="dataset", exist_ok=True)
        run.done.append(f"made the revision {revision}")
    return first


def _check_arrived(run: _Run, main: Revision, commit: str) -> None:
    """Asserts that `main` holds what it should, and no loading script: one would stop `datasets` 4 and newer."""
    repo = run.plan.repo
    with run.translating("checking what has arrived"):
        head = repository.head_at(run.api, repo, commit)
    wrong = repository.differences(head, main.files)
    scripts = [path for path in head.files if "/" not in path and path.endswith(".py")]
    if wrong or scripts:
        listed = ", ".join([change.path for change in wrong] + scripts)
        raise BuildError(
            f"{repo} does not hold what was sent to it: {listed}",
            f"Look at commit {commit} of {repo}; please report this as a fault, with this message.",
        )
