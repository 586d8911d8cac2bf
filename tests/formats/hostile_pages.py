"""Hostile pages and headers, each of them long: python -m tests.formats.hostile_pages DIRECTORY

Whoever edits a page may write what is here, and a damaged file may hold it. Each case is cleaned or read as long as `SIZE`; where the work grew with the
square of the length, one case would take minutes of the processor, so that the operating system ends the process after
`ENOUGH` seconds of them. The case that is at work is printed first.
"""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from builders.corpora.wikinews import without_source_sections
from builders.corpora.wikipedia import is_disambiguation
from builders.errors import FormatError
from builders.formats import aozora, bzip2, mediawiki
from builders.formats.wikitext import plain_text
from samples.dumps import Page, plain

SIZE = 200_000
ENOUGH = 20
"""Seconds of the processor that a case may take; where work grows as the text does, it takes a tenth of one."""

UNITS = (
    "=", "= ", "\n=", "=\n", "a\n", "a\n\n", "海\n", " ", "\u3000", "\n", "\n \n", "[[", "]]", "[[a|", "[[w:", "w:w:", "[[(", "[[a (b)|",
    "[[File:a|", "[http:", "[http:a", "[//a ", "{{", "}}", "{{{", "}}}", "{{a|", "{{lang|en|", "{{読み仮名|", "{{{a|", "-{", "}-",
    "{|\n", "|}\n", "|", "\n|", "<", "<ref", "<ref>", "<ref/>", "</ref>", "<ref>a<ref>", "<nowiki>", "<math>", "<poem>", "</poem>", "<poem>\n",
    "<li>", "<ol><li>", "<table>", "<br>", "<!--", "-->", "<!---->", "<!-- -->\n", "''", "'''", "L'''", "''''", "__", "__A", "__TOC__",
    "（", "）", "（、", "、", "、 ", "。", "「」", "（「", "( ", "#", "# a\n", "*#\n", ";a :b\n", ":", "1. ", "1.\n", "&", "&#0", "&nbsp;", "----", "\r", "\t",
)  # fmt: skip
"""Repeated, each of them alone, and with something behind that ends or does not end what they begin."""
ENDS = ("", "x", "\n]]}}）</ref>")
HEADER_UNITS = (" ", "a ", "海 ", "海 a", "著 ", "訳注", "…", "年", "、")
"""Repeated behind a letter in a line of a work's header."""


def cases(folder: Path) -> Iterator[tuple[str, Callable[[], object]]]:
    """Yields what is done, in words, and does it when it is called."""
    for unit in UNITS:
        for end in ENDS:
            text = unit * (SIZE // len(unit)) + end
            yield f"plain_text {unit!r}...{end!r}", lambda text=text: plain_text(text)
            yield f"sections {unit!r}...{end!r}", lambda text=text: without_source_sections(text)
            yield f"lead {unit!r}...{end!r}", lambda text=text: mediawiki.lead(text.encode())
    # copies are cheap: these are long enough to see a copy for each line or prefix
    yield "many lines", lambda: plain_text("a\n" * 10 * SIZE)
    yield "a link with many prefixes", lambda: plain_text(f"[[{'w:' * 10 * SIZE}a]]")
    yield "a link with many blanks", lambda: plain_text(f"[[a{' ' * SIZE}x|]]")
    yield "a parameter without end", lambda: plain_text(f"{{{{{{a|{'b' * SIZE}")
    yield "a parameter without end or value", lambda: plain_text(f"{{{{{{{'b' * SIZE}")
    yield "charges", lambda: plain_text(f"{{{{chem2|{'(1' * SIZE}}}}}")
    yield "digits of a charge", lambda: plain_text(f"{{{{chem2|({'1' * SIZE}}}}}")
    yield "an address without end", lambda: plain_text(f"[http:{'a' * SIZE}")
    yield "disambiguation", lambda: is_disambiguation(b"{{" + b" " * SIZE)
    yield "headings in comments", lambda: mediawiki.lead(b"&lt;!--\n== a ==\n--&gt;\n" * (SIZE // 20))
    for unit in HEADER_UNITS:
        line = "海" + unit * (SIZE // 2 // len(unit)) + "（"
        yield f"header {unit!r}...", lambda line=line: header(line)
    yield "a page in small blocks", lambda: small_blocks(folder / "page.xml")
    yield "an index without line ends", lambda: endless_index(folder / "index.txt")


def header(line: str) -> None:
    """Reads a line as the only one behind the title, and as one of several."""
    aozora.author_of_short_header(("題", line))
    aozora.parse_header(("題", line, "著者"))


def small_blocks(path: Path) -> None:
    """Reads a page that goes over tens of thousands of blocks."""
    path.write_bytes(plain([Page("海", "海" * 10_000_000)]))
    bzip2.BLOCK, usual = 1 << 10, bzip2.BLOCK
    (page,) = mediawiki.articles(path)
    assert page.text and len(page.text) == 30_000_000
    bzip2.BLOCK = usual


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


def main(folder: Path) -> None:
    """Goes through all cases."""
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    for name, case in cases(folder):
        print(name, flush=True)
        used = resource.getrusage(resource.RUSAGE_SELF)
        resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + ENOUGH, hard))
        case()
    print("done")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
