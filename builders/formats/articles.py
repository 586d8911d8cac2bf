"""Articles of a MediaWiki dump as rows: id, title and text, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa

from builders.formats.blocks import CHARACTERS
from builders.formats.mediawiki import Page, articles, decode
from builders.rows import KEY, RejectedRow, Rows

BATCH = 2000
"""Articles handed over at a time: some megabytes."""
LONGEST = 2 << 20
"""Bytes of wikitext that are cleaned: MediaWiki's own limit for a page ($wgMaxArticleSize)."""
_KEPT = 2000

Extract = Callable[[Page], str | RejectedRow | None]
"""The text of a page, why it has none, or None for a page that is not meant to be a row."""


def article_rows(path: Path, span: tuple[int, int] | None, column: str, extract: Extract) -> Iterator[Rows]:
    """Reads the articles of a dump or of a span of it.

    Args:
        path, span: as for `mediawiki.articles`.
        column: name for the text.
        extract: applied to each article.

    Yields:
        Rows with `key` (the page's id), `title` and `column`.
    """
    rows: list[tuple[str, str, str]] = []
    rejected: list[RejectedRow] = []
    size = 0
    for page in articles(path, span):
        result = extract(page)
        if isinstance(result, RejectedRow):
            rejected.append(result)
        elif result is not None:
            rows.append((page.id, page.title, result))
            size += len(result)
        if len(rows) + len(rejected) == BATCH or size >= CHARACTERS:
            yield _batch(rows, rejected, column)
            rows, rejected, size = [], [], 0
    yield _batch(rows, rejected, column)


def cleaned(page: Page, raw: bytes, what: str, clean: Callable[[str, str], str]) -> str | RejectedRow:
    """The text of a piece of a page, or a reject.

    Args:
        page: where it is from.
        raw: wikitext as the dump has it.
        what: names the piece in reasons.
        clean: makes text of wikitext and the page's title.
    """
    if len(raw) > LONGEST:
        return reject(page, f"{what} over {LONGEST >> 20} MiB", raw)
    try:
        text = clean(decode(raw), page.title)
    except UnicodeDecodeError:
        return reject(page, "not UTF-8", raw)
    return text or reject(page, f"empty {what}", raw)


def reject(page: Page, reason: str, raw: bytes = b"") -> RejectedRow:
    """A reject that shows how the page's text begins."""
    return RejectedRow(page.place, reason, raw[:_KEPT].decode("utf-8", "replace"))


def _batch(rows: list[tuple[str, str, str]], rejected: list[RejectedRow], column: str) -> Rows:
    columns = zip(*rows, strict=True) if rows else ((), (), ())
    arrays = [pa.array(list(cells), pa.string()) for cells in columns]
    return Rows(pa.RecordBatch.from_arrays(arrays, [KEY, "title", column]), tuple(rejected))
