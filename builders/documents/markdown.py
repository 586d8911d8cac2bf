"""The little Markdown that the card needs; texts from the corpora are escaped, so that they show as they are."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence

# ASCII marks that Markdown, or the Hub's reading of formulas in it, would take for its own
_MARKS = re.compile(r"([\\`*_\[\]|~$#!])")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; a column whose heading begins with `>` is aligned to the right.

    Args:
        columns: headings.
        rows: cells, which are Markdown already.
    """
    headings = [column.removeprefix(">") for column in columns]
    rules = ["---:" if column.startswith(">") else "---" for column in columns]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (headings, rules, *rows))


def code(names: Iterable[str]) -> str:
    """Names as code, with commas between them."""
    return ", ".join(f"`{name}`" for name in names)


def image(path: str, words: str, width: int) -> str:
    """A picture `width` points wide, or as wide as a narrower page; `words` for those who do not see it."""
    return f'<img src="{path}" alt="{words}" width="{width}">'


def plain(text: str, limit: int | None = None) -> str:
    """A text of a record as the inside of a table's cell, on one line.

    Control characters, which could give orders to the terminal of whoever looks at the file, are shown as `\\x1b`.

    Args:
        text: as it is in the record.
        limit: characters after which it is cut, with the number of those left out.
    """
    left_out = len(text) - limit if limit and len(text) > limit else 0
    shown = text[:limit] if left_out else text
    shown = _MARKS.sub(r"\\\1", html.escape(shown, quote=False))
    shown = "<br>".join(shown.splitlines())
    shown = _CONTROLS.sub(lambda control: f"\\\\x{ord(control[0]):02x}", shown)
    return f"{shown} … *({left_out:,} more characters)*" if left_out else shown
