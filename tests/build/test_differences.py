"""A reason explains a difference in its direction, up to its size; what is left is said to be unexplained."""

from __future__ import annotations

import pytest

from builders import catalogue
from builders.build.differences import unexplained, why
from builders.corpus import CountDifference, Task, Template
from builders.download import SourceFile

TEMPLATES = (Template("a", "x", "", "{y}"), Template("b", "x", "", "{y}"))
GROWS = CountDifference("the file grows", -10, 100)
LOST = CountDifference("the paper's parser lost rows", 0, 20)


def task(*difference: CountDifference) -> Task:
    return Task("config", TEMPLATES, paper_count=1_000, difference=difference)


def file(status: str) -> SourceFile:
    return SourceFile("words.txt", "https://example.org/words.txt", None, None, None, status, "")


@pytest.mark.parametrize(
    ("records", "rejected", "statuses", "difference", "reason"),
    [
        (1_000, 5, ["verified"], (GROWS,), ""),
        (3, 0, ["sample"], (), "built from the invented samples"),
        (1_100, 0, ["unpinned"], (GROWS, LOST), "the file grows; the paper's parser lost rows"),
        (
            1_121,
            0,
            ["unpinned"],
            (GROWS, LOST),
            "the file grows; the paper's parser lost rows; not explained: +1 records",
        ),
        (995, 0, ["unpinned"], (GROWS, LOST), "the file grows"),
        (985, 0, ["unpinned"], (GROWS, LOST), "the file grows; not explained: -5 records"),
        (900, 0, ["verified"], (LOST,), "not explained: -100 records"),
        (1_010, 50, ["verified"], (), "not explained: +10 records"),
        (900, 50, ["verified"], (), "50 rows were rejected"),
        (898, 50, ["verified"], (), "50 rows were rejected; not explained: -2 records"),
        (0, 0, ["missing"], (), "words.txt is missing"),
        (1_001, 0, ["missing"], (), "not explained: +1 records"),
        (1_500, 0, ["changed"], (), "words.txt is not the file that was pinned"),
    ],
)
def test_why(records, rejected, statuses, difference, reason):
    assert why(task(*difference), records, rejected, [file(status) for status in statuses]) == reason


def test_a_task_that_came_after_the_paper_differs_from_nothing():
    assert why(Task("config", TEMPLATES), 5, 0, [file("verified")]) == ""


def test_what_is_left():
    assert unexplained(130, [GROWS, LOST]) == 10
    assert unexplained(-30, [GROWS, LOST]) == -20
    assert unexplained(50, [GROWS, LOST]) == unexplained(-10, [GROWS, LOST]) == 0


def test_two_pairs_of_jesc_are_not_explained_by_rows_that_the_paper_lost():
    _, jesc = catalogue.TASK_CONFIGS["translation-jesc"]
    assert why(jesc, 4, 0, [file("unpinned")]) == "not explained: -5,396,200 records"
    assert why(jesc, 5_596_204, 0, [file("unpinned")]) == "the paper's parser lost rows to CSV quoting"


def test_the_sizes_of_reasons_are_in_order():
    for _, task in catalogue.TASK_CONFIGS.values():
        for cause in task.difference:
            assert cause.reason and cause.at_least <= cause.at_most and (cause.at_least or cause.at_most)
            assert task.paper_count is None or max(-cause.at_least, cause.at_most) <= task.paper_count, task.config
