"""What keeps a built dataset from being published: it is not the real data, or not all of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from builders import catalogue
from builders.errors import first_of
from builders.tree.report import Report


@dataclass(frozen=True)
class Obstacle:
    """One reason not to publish.

    Args:
        problem: in a whole sentence.
        option: of `publish` that takes it away.
    """

    problem: str
    option: str


ALLOW_SAMPLES, ALLOW_PARTIAL = "--allow-samples", "--allow-partial"


def obstacles(report: Report) -> Iterator[Obstacle]:
    """What keeps a dataset from being published as a version.

    Args:
        report: of the built dataset.
    """
    samples = [name for name, config in report.built.items() if config.sample]
    if samples:
        yield Obstacle(f"It holds invented samples in {first_of(samples)}.", ALLOW_SAMPLES)
    absent = [name for name in catalogue.GROUPS[catalogue.DEFAULT] if name not in report.built]
    if absent:
        yield Obstacle(f"It is a part of `{catalogue.DEFAULT}`: without {first_of(absent)}.", ALLOW_PARTIAL)
    for status, what in (("missing", "were missing"), ("changed", "were not the pinned ones")):
        if files := report.raw_files(status):
            yield Obstacle(
                f"It was built with --best-effort; these raw files {what}: {first_of(files)}.", ALLOW_PARTIAL
            )
