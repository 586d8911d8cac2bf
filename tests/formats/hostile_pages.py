"""Hostile pages, each of them long: python -m tests.formats.hostile_pages DIRECTORY

Whoever edits a page may write what is here.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from builders.corpora.wikinews import without_source_sections
from builders.corpora.wikipedia import is_disambiguation
from builders.errors import FormatError
from builders.formats import bzip2, mediawiki
from builders.formats.wikitext import plain_text
from samples.dumps import END, Page, header, plain
from tests.support.hostile import Case, run

UNITS = (
    "=", "= ", "\n=", "=\n", "a\n", "a\n\n", "海\n", " ", "\u3000", "\n", "\n \n", "[[", "]]", "[[a|", "[[w:", "w:w:", "[[(", "[[a (b)|",
    "[[File:a|", "[http:", "[http:a", "[//a ", "{{", "}}", "{{{", "}}}", "{{a|", "{{lang|en|", "{{読み仮名|", "{{{a|", "-{", "}-",
    "{|\n", "|}\n", "|", "\n|", "<", "<ref", "<ref>", "<ref/>", "</ref>", "<ref>a<ref>", "<nowiki>", "<math>", "<poem>", "</poem>", "<poem>\n",
    "<li>", "<ol><li>", "<table>", "<br>", "<!--", "-->", "<!---->", "<!-- -->\n", "''", "'''", "L'''", "''''", "__", "__A", "__TOC__",
    "（", "）", "（、", "、", "、 ", "。", "「」", "（「", "( ", "#", "# a\n", "*#\n", ";a :b\n", ":", "1. ", "1.\n", "&", "&#0", "&nbsp;", "----", "\r", "\t",
)  # fmt: skip
"""Repeated, each of them alone, and with something behind that ends or does not end what they begin."""
ENDS = ("", "x", "\n]]}}）</ref>")


def cases(folder: Path) -> Iterator[Case]:
    """Yields what is done with pages."""
    for unit in UNITS:
        for end in ENDS:

            def text(size: int, unit: str = unit, end: str = end) -> str:
                return unit * (size // len(unit)) + end

            yield f"plain_text {unit!r}...{end!r}", lambda size, text=text: plain_text(text(size))
            yield f"sections {unit!r}...{end!r}", lambda size, text=text: without_source_sections(text(size))
            yield f"lead {unit!r}...{end!r}", lambda size, text=text: mediawiki.lead(text(size).encode())
    # copies are cheap: these are long enough to see a copy for each line or prefix
    yield "many lines", lambda size: plain_text("a\n" * 10 * size)
    yield "a link with many prefixes", lambda size: plain_text(f"[[{'w:' * 10 * size}a]]")
    yield "a link with many blanks", lambda size: plain_text(f"[[a{' ' * size}x|]]")
    yield "a parameter without end", lambda size: plain_text(f"{{{{{{a|{'b' * size}")
    yield "a parameter without end or value", lambda size: plain_text(f"{{{{{{{'b' * size}")
    yield "charges", lambda size: plain_text(f"{{{{chem2|{'(1' * size}}}}}")
    yield "digits of a charge", lambda size: plain_text(f"{{{{chem2|({'1' * size}}}}}")
    yield "an address without end", lambda size: plain_text(f"[http:{'a' * size}")
    yield "disambiguation", lambda size: is_disambiguation(b"{{" + b" " * size)
    yield "headings in comments", lambda size: mediawiki.lead(b"&lt;!--\n== a ==\n--&gt;\n" * (size // 20))
    yield "a page in small blocks", lambda size: small_blocks(folder / "page.xml", 50 * size)
    yield "pages without text", lambda size: without_text(folder / "pages.xml", size // 10)
    yield "an index without line ends", lambda _: endless_index(folder / "index.txt")


def small_blocks(path: Path, length: int) -> None:
    """Reads a page that goes over tens of thousands of blocks."""
    path.write_bytes(plain([Page("海", "海" * length)]))
    bzip2.BLOCK, usual = 1 << 10, bzip2.BLOCK
    (page,) = mediawiki.articles(path)
    assert page.text and len(page.text) == 3 * length
    bzip2.BLOCK = usual


def without_text(path: Path, count: int) -> None:
    """Reads many pages that have no text to be leapt over."""
    page = b"<page><title>a</title><ns>0</ns><id>1</id></page>"
    path.write_bytes(header() + page * count + END)
    assert sum(1 for _ in mediawiki.articles(path)) == count


def endless_index(path: Path) -> None:
    """Reads an index of one line that never ends."""
    path.touch()
    os.truncate(path, 1 << 30)
    dump = path.with_name("dump.bz2")
    dump.write_bytes(b"BZh9")
    try:
        mediawiki.spans(dump, path)
    except FormatError:
        path.unlink()


if __name__ == "__main__":
    run(cases(Path(sys.argv[1])))
