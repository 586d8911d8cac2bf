"""Japanese Wikinews: news articles with their titles.

One page of the dump, as far as it is read:

    <title>霧ヶ浜で新しい橋が開通</title> <ns>0</ns> <id>77</id> ... <text bytes="870">{{日付|2011年5月3日}}
    【2011年5月3日】 [[w:東京新聞|地元紙]]によると、霧ヶ浜市で3日、湾を渡る橋が開通した。
    == 情報源 ==
    *{{情報源|...}}</text>

The body is the whole page without the line of the date that opens it and without the sections that name sources or lead
elsewhere. Headings inside the body vanish.

As for Wikipedia, old dumps leave the server: without a date the newest finished one is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from builders.corpus import Corpus, CountDifference, Part, RemoteFile, Task, Template
from builders.formats.articles import article_rows, cleaned, reject
from builders.formats.mediawiki import Page
from builders.formats.wikitext import plain_text
from builders.instructions import NEWS_TITLE
from builders.licenses import CC_BY_2_5
from builders.rows import RejectedRow, Rows

DUMP = "jawikinews-{date}-pages-articles.xml.bz2"
MULTISTREAM = "jawikinews-{date}-pages-articles-multistream.xml.bz2"
"""The same pages; so few that they are read in one part all the same."""
CHECKSUMS = "https://dumps.wikimedia.org/jawikinews/{date}/jawikinews-{date}-sha1sums.txt"
DIGEST = "短信:"
"""Titles of the daily lists of short items begin with it."""

_HEADING = re.compile(r"^=[^\n]*=[ \t]*(?:<!--[^\n]*)?$", re.MULTILINE)
_NOT_NEWS = re.compile(
    r"(?:情報源|出典|ソース|参考|注|脚注|注釈|関連|外部|他の|ウィキペディア|姉妹|References|Sources|External|See also)",
    re.IGNORECASE,
)
_DATE = r"(?:[0-9０-９]{4}年)?[ ]?[0-9０-９]{1,2}月[ ]?[0-9０-９]{1,2}日"
_DATE_LINE = re.compile(
    rf"(?:【[^】\n]{{0,40}}{_DATE}[^】\n]{{0,40}}】|{_DATE}(?:[ ]?[（(][^（）()\n]{{1,8}}[）)])?[ 　]*(?:\n|$))[ 　\n]*"
)


def read(part: Part) -> Iterator[Rows]:
    """Reads the articles; a key is the page's id."""
    (path,) = part.files.values()
    yield from article_rows(path, part.span, "body", report)


def report(page: Page) -> str | RejectedRow | None:
    """The body of an article as plain text."""
    if page.title.startswith(DIGEST):
        return None
    if page.text is None:
        return reject(page, "page without text")
    return cleaned(page, page.text, "body", body)


def body(source: str, title: str = "") -> str:
    """Wikitext of a whole page as the text of the news."""
    text = plain_text(without_source_sections(source), title)
    opening = _DATE_LINE.match(text)
    return text[opening.end() :] if opening else text


def without_source_sections(source: str) -> str:
    """Leaves out the sections on sources and related pages, with the sections below them."""
    pieces, position = [], 0
    leaving = 0  # level of the section that is being left out
    for heading in _HEADING.finditer(source):
        line = heading[0].partition("<!--")[0].strip()
        name = line.strip("= \t'")
        level = len(line) - len(line.lstrip("="))
        if leaving and level > leaving:
            continue
        if not leaving:
            pieces.append(source[position : heading.start()])
        leaving = level if _NOT_NEWS.match(name) else 0
        position = heading.start()
    if not leaving:
        pieces.append(source[position:])
    return "".join(pieces)


CORPUS = Corpus(
    name="wikinews",
    title="Japanese Wikinews",
    homepage="https://ja.wikinews.org/",
    license=CC_BY_2_5,
    attribution="the authors of the Japanese Wikinews; each article's page history names them",
    citation="",
    files=(
        RemoteFile(
            DUMP,
            f"https://dumps.wikimedia.org/jawikinews/{{date}}/{DUMP}",
            sha1_list=CHECKSUMS,
            alternatives=(MULTISTREAM,),
        ),
    ),
    tasks=(
        Task(
            "wikinews",
            (Template("title", NEWS_TITLE, "{body}", "{title}"),),
            paper_count=4_265,
            difference=(
                CountDifference("the paper counts a crawl of its day, this is a dump of another day", -1_000, 2_000),
            ),
            version=2,
        ),
    ),
    columns={"title": "ja title", "body": "ja news"},
    read=read,
)
