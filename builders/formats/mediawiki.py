"""Articles out of a MediaWiki XML dump (https://www.mediawiki.org/wiki/Help:Export), read as a stream of bytes.

A dump is found its way through by its bytes, not by an XML parser: `<` and `&` are escaped in all its text, so that
`<page>` stands nowhere but where a page begins, no entity is ever expanded, and what is no article is never decoded.

Dumps come plain, as one bzip2 stream, or as a multistream: bzip2 streams of 100 pages each, with an index whose lines
are `<first byte of the stream>:<page id>:<title>`. Such a dump is cut into spans of whole streams.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from builders.errors import FormatError
from builders.formats import bzip2

SPAN = 32 << 20
"""Compressed bytes of a span, where the dump is large enough."""
LEAST_SPANS = 64
"""Spans that a smaller dump is cut into, as far as it has streams: work for many cores, and the same spans on all."""
MAX_PAGE = 64 << 20
"""Bytes after which a page that does not end is no page. MediaWiki takes 2 MiB of wikitext; escapes make it longer."""
HEAD = 4 << 10
"""Bytes before the text of nearly every page: title, numbers, who wrote it and why."""
MAX_INDEX_LINE = 4 << 10
"""Bytes after which a line of an index is none; a title has at most 255."""
NO_INDEX_LINE = "not <byte>:<page id>:<title>, or out of order"

_PAGE, _END_OF_PAGE, _REVISION, _TEXT, _END_OF_TEXT = b"<page>", b"</page>", b"<revision>", b"<text", b"</text>"
_TITLE = re.compile(rb"<title>([^<]*)</title>")
_ID = re.compile(rb"<id>([0-9]+)</id>")
_NAMESPACE = re.compile(rb"<ns>(-?[0-9]+)</ns>")
_NAMESPACES = re.compile(rb'<namespace key="-?[0-9]+"[^<>]*>([^<]+)</namespace>')
_REDIRECT = re.compile(r"\s*#(?:redirect|転送|リダイレクト)".encode(), re.IGNORECASE)
_HEADING = re.compile(rb"\n=[^\n]*=[ \t]*(?:&lt;!--[^\n]*)?(?=\n|$)")
_COMMENT, _END_OF_COMMENT = b"&lt;!--", b"--&gt;"


@dataclass(frozen=True, slots=True)
class Page:
    """An article as the dump has it.

    Args:
        id: of the page.
        title: of the page.
        text: its wikitext, UTF-8, XML escapes and all, lines end with `\\n`; None where the dump has none.
        place: of the page in the file, for errors and rejected.
    """

    id: str
    title: str
    text: bytes | None
    place: str


def articles(path: Path, span: tuple[int, int] | None = None) -> Iterator[Page]:
    """Yields the articles of a dump: the pages of namespace 0 that are no redirects.

    Args:
        path: dump, plain or bzip2, whatever its name.
        span: one of `spans`; None for the whole dump.

    Raises:
        FormatError: no MediaWiki dump, damaged, cut short, or with a page that no dump has; names the last page read.
    """
    reader = _Reader(path, span)
    try:
        yield from reader.articles()
    except FormatError as error:
        if error.place.startswith("page") or not reader.last:
            raise
        raise FormatError(error.file, f"after {reader.last}", error.reason) from None


def spans(dump: Path, index: Path) -> list[tuple[int, int]]:
    """Cuts a multistream dump into spans of about 32 MB, or 64 of them, by its index alone.

    Args:
        dump: multistream .bz2.
        index: its index, plain or .bz2.

    Returns:
        First byte, and byte after the last, of each span; together they are the dump.

    Raises:
        FormatError: the index cannot be read or belongs to another dump.
    """
    size = dump.stat().st_size
    least = min(SPAN, size // LEAST_SPANS)
    cuts = [0]
    for offset in _offsets(index):
        if offset - cuts[-1] >= least and cuts[-1] < offset:
            cuts.append(offset)
    if cuts[-1] >= size:
        named = f"{index.name} names a stream at byte {cuts[-1]:,}"
        raise FormatError(dump.name, "", f"has {size:,} bytes, but {named}: cut short, or another dump's")
    with dump.open("rb") as file:
        for cut in cuts[1:]:
            file.seek(cut)
            if file.read(len(bzip2.MAGIC)) != bzip2.MAGIC:
                raise FormatError(index.name, "", f"no stream begins at byte {cut:,} of {dump.name}: not its index")
    return list(zip(cuts, [*cuts[1:], size], strict=True))


def lead(text: bytes) -> bytes:
    """The wikitext before the first heading, a heading in a comment aside."""
    if text.startswith(b"=") and _HEADING.match(b"\n" + text[:1000]):
        return b""
    heading = _HEADING.search(text)
    while heading and (comment := text.rfind(_COMMENT, 0, heading.start())) >= 0:
        end = text.find(_END_OF_COMMENT, comment)
        if end < 0 or end <= heading.start():
            break
        heading = _HEADING.search(text, end)
    return text[: heading.start()] if heading else text


def decode(text: bytes) -> str:
    """Wikitext or a title as text, the XML escapes undone, once.

    Raises:
        UnicodeDecodeError: it is not UTF-8.
    """
    decoded = text.decode("utf-8")
    if "&" in decoded:
        decoded = decoded.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&#039;", "'")
        decoded = decoded.replace("&amp;", "&")
    return decoded


def _offsets(index: Path) -> Iterator[int]:
    """The first bytes of the streams, ascending."""
    last, rest, number = -1, b"", 0
    for block in _blocks(index, None):
        *lines, rest = (rest + block).split(b"\n")
        for line in lines:
            number += 1
            digits = line.partition(b":")[0]
            if digits.isdigit() and len(digits) < 20 and int(digits) >= last:
                if int(digits) > last:
                    last = int(digits)
                    yield last
            elif line:
                raise FormatError(index.name, f"line {number}", NO_INDEX_LINE)
        if len(rest) > MAX_INDEX_LINE:
            raise FormatError(index.name, f"line {number + 1}", NO_INDEX_LINE)


def _blocks(path: Path, span: tuple[int, int] | None) -> Iterator[bytes]:
    with path.open("rb") as file:
        if file.read(len(bzip2.MAGIC)) != bzip2.MAGIC:
            file.seek(0)
            while block := file.read(bzip2.BLOCK):
                yield block
            return
    yield from bzip2.blocks(path, span)


class _Reader:
    """One walk through a dump, or through a span of one.

    Args:
        path, span: as for `articles`.
    """

    def __init__(self, path: Path, span: tuple[int, int] | None):
        self.path, self.file = path, path.name
        self.span = span
        self._at_start = span is None or span[0] == 0
        self._to_the_end = span is None or span[1] == path.stat().st_size
        self._last_head: bytes | None = None
        self._rest = b""  # what no page has taken yet
        self._prefixes: tuple[str, ...] | None = None

    @property
    def last(self) -> str:
        """The last page read, in words; "" before the first."""
        return _place(self._last_head) if self._last_head is not None else ""

    def articles(self) -> Iterator[Page]:
        rest = b""
        for buffer in self._buffers():
            position = 0
            while (start := buffer.find(_PAGE, position)) >= 0 and (end := _end_of_page(buffer, start)) >= 0:
                position = end + len(_END_OF_PAGE)
                if page := self._article(buffer, start, end):
                    yield page
            rest = self._rest = buffer[position:]
        if _PAGE in rest:
            raise FormatError(self.file, _place(rest), "the file ends inside this page: it is cut short")
        if self._to_the_end and b"</mediawiki>" not in rest:
            raise FormatError(self.file, "", "the file ends without </mediawiki>: it is cut short")

    def _buffers(self) -> Iterator[bytes]:
        """Blocks as they come, each behind what was left of the one before; a page over many blocks is joined once."""
        waiting, size = [b""], 0
        edge, overlap = len(_END_OF_PAGE) - 1, b""  # an end of a page may begin in one block and end in the next
        first = self._at_start
        for block in _blocks(self.path, self.span):
            if first:
                _check_head(block, self.file)
                first = False
            waiting.append(block)
            size += len(block)
            if _END_OF_PAGE in block or _END_OF_PAGE in overlap + block[:edge]:
                yield b"".join(waiting)
                waiting, size = [self._rest], len(self._rest)
            overlap = (overlap + block[-edge:])[-edge:]
            if size > MAX_PAGE:
                raise FormatError(self.file, _place(b"".join(waiting)), f"does not end within {MAX_PAGE >> 20} MiB")
        if first:
            raise FormatError(self.file, "", "is empty, or no bzip2 file and no text")
        yield b"".join(waiting)

    def _article(self, buffer: bytes, start: int, end: int) -> Page | None:
        """The page between two bytes of the buffer, or None where it is no article."""
        revision = buffer.find(_REVISION, start, end)
        self._last_head = head = buffer[start : revision if revision >= 0 else end]
        if head.rfind(_PAGE):
            raise FormatError(self.file, _place(head), "does not end before the next page begins: damaged")
        namespace = _NAMESPACE.search(head)
        if b"<redirect" in head or (namespace and namespace[1] != b"0"):
            return None
        number, title = _ID.search(head), _TITLE.search(head)
        place = _place_of(number, title)
        if not number or not title:
            raise FormatError(self.file, place, "has no <id> or no <title>")
        name = self._decoded_title(title[1], place)
        if not namespace and name.startswith(self._other_namespaces(place)):
            return None
        content = _content(buffer, start + len(head), end)
        if content is not None and b"<" in content:
            raise FormatError(self.file, place, "its text holds a tag of XML: damaged, or a dump of whole histories")
        if content is not None and _REDIRECT.match(content):
            return None
        return Page(number[1].decode(), name, content, f"{self.file} {place}")

    def _decoded_title(self, title: bytes, place: str) -> str:
        try:
            return decode(title)
        except UnicodeDecodeError:
            raise FormatError(self.file, place, "its title is not UTF-8") from None

    def _other_namespaces(self, place: str) -> tuple[str, ...]:
        """What titles of other namespaces begin with; for dumps of old, whose pages have no `<ns>`."""
        if self._prefixes is None:
            head = next(_blocks(self.path, None), b"").split(_PAGE, 1)[0]
            self._prefixes = tuple(f"{decode(name)}:" for name in _NAMESPACES.findall(head))
            if not self._prefixes:
                raise FormatError(self.file, place, "has no <ns>, and the dump does not list its namespaces")
        return self._prefixes


def _end_of_page(buffer: bytes, start: int) -> int:
    """Where the first `</page>` from a byte on stands, or -1.

    A text is nearly all of its page and has no `<`: it is leapt over to the next one, which is ten times as fast as to look
    for a whole tag in it.
    """
    text = buffer.find(_TEXT, start, start + HEAD)
    if text < 0:
        return buffer.find(_END_OF_PAGE, start)
    if (end := buffer.find(_END_OF_PAGE, start, text)) >= 0:
        return end
    behind = buffer.find(b"<", text + 1)
    return buffer.find(_END_OF_PAGE, behind) if behind >= 0 else -1


def _content(buffer: bytes, revision: int, end: int) -> bytes | None:
    """What the element `<text>` of a revision holds, line ends as XML has them; None for `<text ... />` or no element.

    An XML parser hands over `\\n` for `\\r\\n` and for `\\r` (https://www.w3.org/TR/xml/#sec-line-ends).
    """
    text = buffer.find(_TEXT, revision, end)
    if text < 0:
        return None
    start = buffer.find(b">", text, end) + 1
    close = buffer.rfind(_END_OF_TEXT, start, end)
    if close < 0:
        return None
    content = buffer[start:close]
    return content.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in content else content


def _place(head: bytes) -> str:
    """`page 12 "title"` from the start of a page."""
    return _place_of(_ID.search(head, 0, 4096), _TITLE.search(head, 0, 4096))


def _place_of(number: re.Match[bytes] | None, title: re.Match[bytes] | None) -> str:
    name = title[1].decode("utf-8", "replace") if title else "?"
    return f'page {number[1].decode() if number else "?"} "{name}"'


def _check_head(block: bytes, file: str) -> None:
    """Whether a file begins as a dump does.

    Raises:
        FormatError: it does not.
    """
    if block[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in block[:256]:
        raise FormatError(file, "byte 1", "UTF-16 or UTF-32 text, or no text; a MediaWiki dump is UTF-8")
    root = block.find(b"<mediawiki")
    head = block[:root] if root >= 0 else block
    if (declared := head.find(b"<!DOCTYPE")) >= 0 or (declared := head.find(b"<!ENTITY")) >= 0:
        raise FormatError(file, f"byte {declared + 1:,}", "declares entities, as no MediaWiki dump does: refused")
    if root < 0:
        raise FormatError(file, "byte 1", "has no element <mediawiki>: not a MediaWiki dump")
