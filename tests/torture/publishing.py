"""Publishes that are stopped at any moment, to a Hub on this machine, and what readers see then and after the next one."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from builders.tree import report
from tests.support.loopback_hub import LoopbackHub, client_environment
from tests.torture.disturbances import Disturbance, draw, finish, start, strike
from tests.torture.runs import Outcomes

REPO = "izumi-lab/llm-japanese-dataset"
KINDS = ("kill", "interrupt", "terminate")
MOMENTS = (
    "GET */refs",
    "POST */create",
    "POST */preupload/main",
    "PUT /lfs/*",
    "POST */branch/script",
    "POST */commit/script",
    "POST */commit/main",
    "GET */tree/*",
    "POST */tag/*",
)
"""Requests whose arrival at the Hub is a moment worth hitting."""


@dataclass(frozen=True)
class Seen:
    """What a revision holds.

    Args:
        titles: of its commits, newest first.
        files: sha256 by path, without the file that the Hub makes itself.
    """

    titles: tuple[str, ...]
    files: dict[str, str]


def seen(hub: LoopbackHub) -> dict[str, Seen]:
    """What readers of the repository see, by branch and tag."""
    repository = hub.store.find("datasets", REPO)
    found = {}
    for revision, commit in [*repository.branches.items(), *repository.tags.items()] if repository else ():
        tree = repository.commits[commit].tree
        titles = tuple(one.title for one in repository.history(repository.commits[commit]))
        found[revision] = Seen(titles, {path: file.sha256 for path, file in tree.items() if path != ".gitattributes"})
    return found


@dataclass(frozen=True)
class Publisher:
    """Publishes to one Hub.

    Args:
        hub: the Hub.
        home: folder for the client's caches.
    """

    hub: LoopbackHub
    home: Path

    def finish(self, built: Path) -> dict[str, Seen]:
        """Publishes a dataset without a disturbance; what readers see then."""
        finish(_words(built), client_environment(self.hub, self.home))
        return seen(self.hub)

    def suffer(
        self, built: Path, after: dict[str, Seen], disturbances: Sequence[Disturbance], outcomes: Outcomes
    ) -> None:
        """Disturbs a publish several times, then runs it to its end.

        Args:
            built: the dataset.
            after: what readers see after an undisturbed publish.
            disturbances: whose moments are patterns of requests, or seconds.
            outcomes: what came of it is added there.

        Raises:
            AssertionError: readers saw something between two publishes; or as `strike`.
        """
        before, tag = seen(self.hub), f"v{report.load(built).version}"
        for disturbance in disturbances:
            self.hub.traffic.clear()
            process = start(_words(built), client_environment(self.hub, self.home))
            outcomes.tried[disturbance.kind] += 1
            outcomes.while_running[disturbance.kind] += strike(process, disturbance, partial(self._came, disturbance))
            _require_whole(seen(self.hub), before, after, tag)
        if self.finish(built) != after:
            outcomes.other_bytes.update({disturbance.kind for disturbance in disturbances})

    def _came(self, disturbance: Disturbance) -> bool:
        requests = (f"{exchange.method} {exchange.path}" for exchange in self.hub.traffic)
        return any(fnmatch(request, str(disturbance.moment)) for request in requests)


def _words(built: Path) -> list[str]:
    return ["publish", str(built), "--repo", REPO, "--allow-samples", "--allow-partial"]


def _require_whole(now: dict[str, Seen], before: dict[str, Seen], after: dict[str, Seen], tag: str) -> None:
    """Every revision is the old one, the new one, or has just been made and is empty; the tag says that all is there."""
    for revision, there in now.items():
        known = [state[revision] for state in (before, after) if revision in state]
        made = revision not in before and not there.files
        assert made or there in known, f"{revision} is neither the old nor the new one"
    assert tag not in now or now == after, "the tag was set before all was there"


def torture(new: Path, old: Path, kills: int, seed: int, tell: Callable[[str], None]) -> Iterator[Outcomes]:
    """Disturbs publishes until that many kills hit one; half of them go to a repository that has an older version.

    Yields:
        The outcomes, as `runs.torture` does.
    """
    drawn, outcomes = random.Random(seed), Outcomes("publish")
    yield outcomes
    with TemporaryDirectory(prefix="torture-") as directory:
        scratch = Path(directory)
        undisturbed = [_undisturbed([new], scratch / "first"), _undisturbed([old, new], scratch / "second")]
        rounds = 0
        while not outcomes.have(kills):
            again = rounds % 2
            after, seconds = undisturbed[again]
            kinds = drawn.choices(KINDS, (8, 1, 1), k=drawn.randint(1, 4))
            disturbances = [draw(drawn, seconds, MOMENTS, kind) for kind in kinds]
            with LoopbackHub(scratch / f"hub-{rounds}") as hub:
                publisher = Publisher(hub, scratch / "home")
                if again:
                    publisher.finish(old)
                publisher.suffer(new, after, disturbances, outcomes)
            rounds += 1
            tell(f"publish: {outcomes.while_running['kill']} of {kills}")


def _undisturbed(published: Sequence[Path], blobs: Path) -> tuple[dict[str, Seen], float]:
    """What readers see after some publishes, and the seconds that the last of them took."""
    with LoopbackHub(blobs) as hub:
        for built in published:
            began = time.monotonic()
            after = Publisher(hub, blobs / "home").finish(built)
        return after, time.monotonic() - began
