"""Japanese Wikipedia: the lead section of every article.

One page of the dump, as far as it is read:

    <title>渡り鳥</title> <ns>0</ns> <id>77</id> ... <text bytes="9120">{{Redirect|渡鳥}}
    '''渡り鳥'''（わたりどり、{{lang-en-short|migratory bird}}）は、季節とともに移動する[[鳥類]]である。
    == 概要 ==
    ...</text>

An article is a page of namespace 0 that is no redirect and whose title does not end in 「(曖昧さ回避)」. Its lead section
ends at the first heading; only that is decoded and cleaned. A disambiguation page under a plain title, which its
template tells, explains no word and is a reject.

A dump leaves the server after some months, so there is none to pin: without a date in its name the newest finished one
is taken, and its own list of checksums verifies it (https://meta.wikimedia.org/wiki/Data_dumps/Dump_frequency).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from builders.corpus import Corpus, CountDifference, Part, RemoteFile, Task, Template
from builders.formats.articles import article_rows, cleaned, reject
from builders.formats.mediawiki import Page, lead, spans
from builders.formats.wikitext import plain_text
from builders.instructions import EXPLAIN
from builders.licenses import CC_BY_SA_3
from builders.rows import RejectedRow, Rows

DUMP = "jawiki-{date}-pages-articles-multistream.xml.bz2"
ONE_STREAM = "jawiki-{date}-pages-articles.xml.bz2"
"""The same pages without an index: it is read in one part. The paper used it."""
INDEX = "jawiki-{date}-pages-articles-multistream-index.txt.bz2"
CHECKSUMS = "https://dumps.wikimedia.org/jawiki/{date}/jawiki-{date}-sha1sums.txt"
DISAMBIGUATION_TITLE = "(曖昧さ回避)"
# The templates of https://ja.wikipedia.org/wiki/Category:曖昧さ回避テンプレート, which belong at the end of a page
# (https://ja.wikipedia.org/wiki/Wikipedia:曖昧さ回避) and now and then stand at its beginning.
_DISAMBIGUATION = re.compile(
    r"\{\{\s*(?:[Aa]imai|[Dd]isambig(?:uation)?|[Dd]ab|[Hh]ndis|[Gg]eodis"
    r"|(?:(?:人名|地名|姓|名|山|川|橋|島|神社|寺院?|駅|学校|道路|艦船)の)?曖昧さ回避)\s*(?:\||\}\})".encode()
)
MOST = 20_000
"""Characters of a lead section; one that is longer is a page without headings, or one whose markup is broken."""
SEARCHED = 4 << 10
"""Bytes at either end of a page that are searched for them: all of most pages, and little of the longest."""


def split(files: Mapping[str, Path]) -> list[Part]:
    """One part per span of the dump; one for the whole dump where it has no index."""
    dumps = {name: path for name, path in files.items() if name.endswith(".xml.bz2")}
    indexes = [path for name, path in files.items() if name not in dumps]
    parts = []
    for name, path in dumps.items():
        if indexes and "-multistream." in name:
            parts += [Part(f"from-{span[0]}", {name: path}, span) for span in spans(path, indexes[0])]
        else:
            parts.append(Part("all", {name: path}))
    return parts


def read(part: Part) -> Iterator[Rows]:
    """Reads the articles of a part; a key is the page's id."""
    (path,) = part.files.values()
    yield from article_rows(path, part.span, "lead", explain)


def explain(page: Page) -> str | RejectedRow | None:
    """The lead section of an article as plain text."""
    if page.title.endswith(DISAMBIGUATION_TITLE):
        return None
    if page.text is None:
        return reject(page, "page without text")
    raw = lead(page.text)
    if is_disambiguation(page.text):
        return reject(page, "disambiguation page", raw)
    text = cleaned(page, raw, "lead section", plain_text)
    if isinstance(text, str) and len(text) > MOST:
        return reject(page, f"lead section over {MOST:,} characters", raw)
    return text


def is_disambiguation(text: bytes) -> bool:
    """Whether a page bears a template of disambiguation pages."""
    at_the_end = _DISAMBIGUATION.search(text, max(0, len(text) - SEARCHED))
    return at_the_end is not None or _DISAMBIGUATION.search(text, 0, SEARCHED) is not None


CORPUS = Corpus(
    name="wikipedia",
    title="Japanese Wikipedia",
    homepage="https://ja.wikipedia.org/",
    license=CC_BY_SA_3,
    attribution="the authors of the Japanese Wikipedia; each article's page history names them",
    citation="",
    files=(
        RemoteFile(
            DUMP,
            f"https://dumps.wikimedia.org/jawiki/{{date}}/{DUMP}",
            sha1_list=CHECKSUMS,
            alternatives=(ONE_STREAM,),
        ),
        RemoteFile(INDEX, f"https://dumps.wikimedia.org/jawiki/{{date}}/{INDEX}", sha1_list=CHECKSUMS, optional=True),
    ),
    tasks=(
        Task(
            "knowledge-wikipedia",
            (Template("explain", EXPLAIN, "{title}", "{lead}"),),
            paper_count=1_347_381,
            difference=(CountDifference("a dump of another day than the paper's of 2023-04-01", -100_000, 400_000),),
            version=2,
        ),
    ),
    columns={"title": "any title", "lead": "ja lead"},
    read=read,
    split=split,
)
