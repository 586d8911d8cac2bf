"""The changelog: what is read from it, and what the command may change in it."""

from __future__ import annotations

from builders.documents import changes
from builders.documents.changes import BEGIN, END, Change, read, with_lines

FOREIGN = """\
# What is new

A word of ours.

## 1.1.0 (2026-12-01)

- Better than before,
  and faster.

## 1.0.0 (2026-11-23)

- The first.
"""


def test_versions_dates_and_lines():
    assert read(FOREIGN) == {
        "1.1.0": Change("2026-12-01", ("Better than before, and faster.",)),
        "1.0.0": Change("2026-11-23", ("The first.",)),
    }


def test_the_project_s_own_changelog_is_read_whole():
    assert [version for version in changes.CHANGES][-1] == "1.0.0"
    assert all(change.lines for change in changes.CHANGES.values())


def test_a_new_file():
    text = with_lines("", "1.0.0", "2026-11-23", ["One.", "Two."])

    assert text == f"# Changelog\n\n## 1.0.0 (2026-11-23)\n\n{BEGIN}\n- One.\n- Two.\n{END}\n"
    assert read(text) == {"1.0.0": Change("2026-11-23", ("One.", "Two."))}


def test_a_new_version_stands_before_the_others():
    text = with_lines(FOREIGN, "1.2.0", "2026-12-24", ["One."])

    head, _, rest = FOREIGN.partition("## 1.1.0")
    assert text == f"{head}## 1.2.0 (2026-12-24)\n\n{BEGIN}\n- One.\n{END}\n\n## 1.1.0{rest}"


def test_a_version_that_is_there_keeps_its_date_and_what_people_wrote():
    text = with_lines(FOREIGN, "1.1.0", "2027-01-01", ["One."])

    assert text == FOREIGN.replace("faster.\n", f"faster.\n\n{BEGIN}\n- One.\n{END}\n")


def test_only_what_stands_between_the_marks_is_written_anew():
    once = with_lines(FOREIGN, "1.1.0", "2026-12-01", ["One.", "Two."])
    edited = once.replace("- The first.", "- The very first.").replace(END, f"{END}\n\nAnd thanks.")

    assert with_lines(edited, "1.1.0", "2026-12-02", ["Three."]) == edited.replace("- One.\n- Two.", "- Three.")
    assert with_lines(once, "1.1.0", "2026-12-02", ["One.", "Two."]) == once


def test_a_file_of_another_form_is_added_to():
    assert with_lines("Notes\n=====\n", "1.0.0", "2026-11-23", ["One."]).startswith("Notes\n=====\n\n## 1.0.0 (")
    keep = "## [Unreleased]\n\n- Soon.\n\n## [1.0.0] - 2026-11-23\n\n- The first.\n"
    assert with_lines(keep, "1.0.0", "2026-11-23", ["One."]) == f"{keep}\n{BEGIN}\n- One.\n{END}\n"


def test_a_version_is_not_taken_for_another():
    text = with_lines("## 1.0.10 (2026-11-23)\n\n- Ten.\n", "1.0.1", "2026-11-24", ["One."])
    assert list(read(text)) == ["1.0.1", "1.0.10"]
