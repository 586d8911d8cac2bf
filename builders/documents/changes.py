"""What changed from version to version: `changelog.md` beside this module, which a release of the dataset adds to.

## 1.0.1 (2026-12-01)

- What a person says of the version.

<!-- python -m builders diff -->
- What `diff` says of it.
<!-- end of diff -->
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

BEGIN, END = "<!-- python -m builders diff -->", "<!-- end of diff -->"
"""Between them stands what the command wrote; it replaces nothing else."""
_SECTION = re.compile(r"^## \[?(?P<version>[^\s\]]+)\]?(?: \((?P<date>\d{4}-\d\d-\d\d)\))?.*\n", re.MULTILINE)
_LINE = re.compile(r"^- (.+(?:\n  .+)*)", re.MULTILINE)


@dataclass(frozen=True)
class Change:
    """One version: its date (ISO 8601) and what a user of the version before notices, a line each."""

    date: str
    lines: tuple[str, ...]


def read(changelog: str) -> dict[str, Change]:
    """The versions of a changelog, in its order.

    Args:
        changelog: Markdown; sections without a version and a date are passed over.
    """
    return {
        match["version"]: Change(match["date"], tuple(" ".join(line.split()) for line in _LINE.findall(text)))
        for match, text in _sections(changelog)
        if match["date"]
    }


def with_lines(changelog: str, version: str, date: str, lines: Sequence[str]) -> str:
    """A changelog that holds what `diff` says of a version.

    Args:
        changelog: Markdown, or "".
        version: of the dataset. Its section stays as it is but for what stands between `BEGIN` and `END`; where there
            is none, one is put before the others.
        date: ISO 8601, for a new section.
        lines: Markdown, without the marks of a list.
    """
    block = "\n".join([BEGIN, *(f"- {line}" for line in lines), END])
    found = next(((match, text) for match, text in _sections(changelog) if match["version"] == version), None)
    if found is None:
        first = _SECTION.search(changelog)
        place = first.start() if first else len(changelog)
        before = changelog[:place] if changelog else "# Changelog"
        parts = (before.rstrip(), f"## {version} ({date})", block, changelog[place:].rstrip())
        return "\n\n".join(part for part in parts if part) + "\n"
    match, text = found
    start, end = match.end(), match.end() + len(text)
    begin, stop = text.find(BEGIN), text.find(END)
    if 0 <= begin < stop:
        text = text[:begin] + block + text[stop + len(END) :]
    else:
        text = f"{text.rstrip()}\n\n{block}\n\n"
    return (changelog[:start] + text + changelog[end:]).rstrip() + "\n"


def _sections(changelog: str) -> Iterator[tuple[re.Match[str], str]]:
    """Heading and text of each section."""
    headings = list(_SECTION.finditer(changelog))
    for number, match in enumerate(headings):
        end = headings[number + 1].start() if number + 1 < len(headings) else len(changelog)
        yield match, changelog[match.end() : end]


CHANGES = read(Path(__file__).with_name("changelog.md").read_text(encoding="utf-8"))
"""The dataset's versions, newest first."""


def date_of(version: str) -> str:
    """ISO 8601 date of a version; of the newest for one that has no entry yet."""
    return CHANGES.get(version, next(iter(CHANGES.values()))).date
