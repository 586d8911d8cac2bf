"""Writes MediaWiki dumps as Wikimedia lays them out, for tests and samples."""

from __future__ import annotations

import bz2
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

NAMESPACES = {0: "", 1: "ノート", 4: "Wikipedia", 6: "ファイル", 10: "Template", 14: "Category"}
END = b"</mediawiki>\n"


@dataclass(frozen=True)
class Page:
    """One page to write.

    Args:
        title: as it is shown.
        text: wikitext; bytes are written as they are, None gives a page without text.
        namespace: number.
        redirect: title of another page.
    """

    title: str
    text: str | bytes | None
    namespace: int = 0
    redirect: str = ""


def header(site: str = "Wikipedia", database: str = "jawiki") -> bytes:
    """What a dump begins with."""
    names = "".join(
        f'      <namespace key="{key}" case="first-letter">{name}</namespace>\n'
        if name
        else f'      <namespace key="{key}" case="first-letter" />\n'
        for key, name in NAMESPACES.items()
    )
    return (
        '<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" version="0.11" xml:lang="ja">\n  <siteinfo>\n'
        f"    <sitename>{site}</sitename>\n    <dbname>{database}</dbname>\n    <namespaces>\n{names}"
        "    </namespaces>\n  </siteinfo>\n"
    ).encode()


def page_element(page: Page, number: int) -> bytes:
    """The element of a page, with that number as id."""
    redirect = f'    <redirect title="{escape(page.redirect)}" />\n' if page.redirect else ""
    start = (
        f"  <page>\n    <title>{escape(page.title)}</title>\n    <ns>{page.namespace}</ns>\n    <id>{number}</id>\n"
        f"{redirect}    <revision>\n      <id>{number + 1000}</id>\n      <timestamp>2023-03-31T00:00:00Z</timestamp>\n"
        f"      <contributor>\n        <username>例</username>\n        <id>1</id>\n      </contributor>\n"
        "      <model>wikitext</model>\n      <format>text/x-wiki</format>\n      "
    ).encode()
    if page.text is None:
        text = b'<text bytes="0" />'
    else:
        raw = page.text if isinstance(page.text, bytes) else escape(page.text, {'"': "&quot;"}).encode()
        text = b'<text bytes="%d" xml:space="preserve">%s</text>' % (len(raw), raw)
    return start + text + b"\n    </revision>\n  </page>\n"


def plain(pages: list[Page], head: bytes = header()) -> bytes:
    """A whole dump, uncompressed; ids count from 1."""
    return head + b"".join(page_element(page, number) for number, page in enumerate(pages, 1)) + END


def multistream(pages: list[Page], per_stream: int, head: bytes = header()) -> tuple[bytes, bytes]:
    """A multistream dump and its index, both bzip2.

    The header and the end of the document are streams of their own, which the index does not name.
    """
    streams, lines = [bz2.compress(head)], []
    for first in range(0, len(pages), per_stream):
        stream = pages[first : first + per_stream]
        numbered = list(enumerate(stream, first + 1))
        offset = sum(map(len, streams))
        lines += [f"{offset}:{number}:{page.title}\n" for number, page in numbered]
        streams.append(bz2.compress(b"".join(page_element(page, number) for number, page in numbered)))
    return b"".join([*streams, bz2.compress(END)]), bz2.compress("".join(lines).encode())


def written(path: Path, content: bytes) -> Path:
    """Writes a file and gives its path."""
    path.write_bytes(content)
    return path
