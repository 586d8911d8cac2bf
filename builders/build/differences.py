"""Why a config has another number of records than the paper counts, checked: a reason explains no more than its size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from builders.corpus import CountDifference, Task
from builders.download import SourceFile

NOT_EXPLAINED = "not explained"


def why(task: Task, records: int, rejected: int, files: Sequence[SourceFile]) -> str:
    """Why a config's count differs from the paper's, in words.

    Args:
        task: what was built; it names the paper's count and what may change it.
        records: number of records built.
        rejected: number of rows and records left out.
        files: the raw files, with what became of each.

    Returns:
        The reasons that work in the direction of the difference, and how many records all of them together leave
        unexplained; "" where the count is the paper's, or the paper has none.
    """
    if task.paper_count is None or records == task.paper_count:
        return ""
    if any(file.status == "sample" for file in files):
        return "built from the invented samples"
    difference = records - task.paper_count
    reasons = list(_reasons(task, task.paper_count, rejected, files))
    words = [cause.reason for cause in reasons if (cause.at_most > 0 if difference > 0 else cause.at_least < 0)]
    if left := unexplained(difference, reasons):
        words.append(f"{NOT_EXPLAINED}: {left:+,} records")
    return "; ".join(words)


def unexplained(difference: int, reasons: Sequence[CountDifference]) -> int:
    """What some reasons together leave of a difference: 0 where they can explain all of it, else with its sign."""
    at_most = sum(cause.at_most for cause in reasons)
    at_least = sum(cause.at_least for cause in reasons)
    return max(difference - at_most, 0) + min(difference - at_least, 0)


def _reasons(task: Task, paper_count: int, rejected: int, files: Sequence[SourceFile]) -> Iterator[CountDifference]:
    for file in files:
        if file.status == "missing":
            yield CountDifference(f"{file.name} is missing", -paper_count, 0)
        elif file.status == "changed":
            yield CountDifference(f"{file.name} is not the file that was pinned", -paper_count, paper_count)
    if rejected:
        yield CountDifference(f"{rejected:,} rows were rejected", -rejected * len(task.templates), 0)
    yield from task.difference
