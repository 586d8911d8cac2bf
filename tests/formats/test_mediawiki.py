"""Articles out of dumps: which pages, how a dump is cut, where a lead section ends, and dumps that are none."""

from __future__ import annotations

import bz2
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.errors import FormatError
from builders.formats import mediawiki
from builders.formats.mediawiki import articles, decode, lead, spans
from samples.dumps import END, Page, header, multistream, page_element, plain, written

PAGES = [
    Page("海", "'''海'''は広い。\n== 節 =="),
    Page("海原", "海を見よ。", redirect="海"),
    Page("うなばら", " \n#転送 [[海]]"),
    Page("Wikipedia:海", "海", namespace=4),
    Page("Q&A <入門>", 'a &amp; <b>b</b> "c"'),
    Page("空", ""),
    Page("無", None),
]
ARTICLES = [
    ("1", "海", "'''海'''は広い。\n== 節 ==".encode()),
    ("5", "Q&A <入門>", b"a &amp;amp; &lt;b&gt;b&lt;/b&gt; &quot;c&quot;"),
    ("6", "空", b""),
    ("7", "無", None),
]


def read(path, span=None):
    return [(page.id, page.title, page.text) for page in articles(path, span)]


@pytest.mark.parametrize("pack", [bytes, bz2.compress], ids=["plain", "bzip2"])
def test_articles_are_pages_of_namespace_0_that_are_no_redirects(tmp_path, pack):
    path = written(tmp_path / "d.xml.bz2", pack(plain(PAGES)))
    assert read(path) == ARTICLES
    assert [page.place for page in articles(path)][1] == 'd.xml.bz2 page 5 "Q&amp;A &lt;入門&gt;"'


def test_a_multistream_dump_gives_the_same_whole_and_in_spans(tmp_path):
    dump, index = multistream(PAGES, per_stream=2)
    path, index_path = written(tmp_path / "d.xml.bz2", dump), written(tmp_path / "i.txt.bz2", index)
    cuts = spans(path, index_path)
    assert len(cuts) == 5  # the header, then four streams of two pages; the last with the end of the document
    assert cuts[0][0] == 0 and cuts[-1][1] == len(dump)
    assert all(first[1] == second[0] for first, second in zip(cuts, cuts[1:], strict=False))
    assert [page for span in cuts for page in read(path, span)] == ARTICLES == read(path)


@pytest.mark.parametrize("size", [1, 3, 7, 700, 701])
def test_pages_across_the_edges_of_blocks(tmp_path, monkeypatch, size):
    monkeypatch.setattr(mediawiki, "_check_head", lambda block, file: None)  # which looks at the first block alone
    monkeypatch.setattr(mediawiki.bzip2, "BLOCK", size)
    path = written(tmp_path / "d.xml", plain(PAGES))
    assert read(path) == ARTICLES


@pytest.mark.parametrize("end", [b"\r\n", b"\r"], ids=["CRLF", "CR"])
@pytest.mark.parametrize("pack", [bytes, bz2.compress], ids=["plain", "bzip2"])
def test_a_dump_with_other_line_ends_gives_the_same_pages(tmp_path, end, pack):
    path = written(tmp_path / "d.xml", pack(plain(PAGES).replace(b"\n", end)))
    assert read(path) == ARTICLES
    assert lead(read(path)[0][2]).decode() == "'''海'''は広い。"


def test_a_page_that_does_not_end_is_not_taken_together_with_the_next(tmp_path):
    dump = plain(PAGES)
    in_text = dump.replace("広い。".encode(), b"", 1).replace(b"</page>", b"", 1).replace(b"</text>", b"", 1)
    with pytest.raises(FormatError, match='page 1 "海": its text holds a tag of XML: damaged, or a dump of whole'):
        read(written(tmp_path / "d.xml", in_text))
    start, end = dump.index(b"<revision>"), dump.index(b"<page>", dump.index(b"</page>"))
    with pytest.raises(FormatError, match='page 1 "海": does not end before the next page begins: damaged'):
        read(written(tmp_path / "d.xml", dump[:start] + dump[end:]))


@given(
    st.lists(
        st.sampled_from(
            [b"<page>", b"</page>", b"<text", b"<text/>", b">", b"<", b"</pa", b"ge>", b"</text>", b"a" * 3000]
        )
    )
)
def test_the_end_of_a_page_is_the_first_there_is(pieces):
    content = b"<page>" + b"".join(pieces)
    assert mediawiki._end_of_page(content, 0) == content.find(b"</page>")


def test_a_dump_of_whole_histories_is_refused(tmp_path):
    page = page_element(PAGES[0], 1)
    revision = page[page.index(b"    <revision>") : page.index(b"  </page>")]
    history = header() + page.replace(b"  </page>", revision + b"  </page>") + END
    with pytest.raises(FormatError, match="a dump of whole histories"):
        read(written(tmp_path / "d.xml", history))


def test_spans_are_as_long_as_they_should_be(tmp_path, monkeypatch):
    monkeypatch.setattr(mediawiki, "LEAST_SPANS", 1)
    monkeypatch.setattr(mediawiki, "SPAN", 1000)
    dump, index = multistream(PAGES * 20, per_stream=2)
    path, index_path = written(tmp_path / "d.xml.bz2", dump), written(tmp_path / "i.txt", bz2.decompress(index))
    cuts = spans(path, index_path)
    assert len(cuts) > 3
    assert all(1000 <= end - start < 2500 for start, end in cuts[:-1])


@pytest.mark.parametrize(
    ("index", "message"),
    [
        (b"7:1:a\n400:2:b\n", "i.txt: no stream begins at byte 400 of d.xml.bz2: not its index"),
        (
            b"99999999:1:a\n",
            f"d.xml.bz2: has {len(multistream(PAGES, 2)[0]):,} bytes, but i.txt names a stream at byte 99,999,999: "
            "cut short, or another dump's",
        ),
        (b"7:1:a\nseven:2:b\n", "i.txt, line 2: not <byte>:<page id>:<title>, or out of order"),
        (b"7:1:a\n5:2:b\n", "i.txt, line 2: not <byte>:<page id>:<title>, or out of order"),
        (b"7:1:a\n" + b"8" * 5000 + b":2:b\n", "i.txt, line 2: not <byte>:<page id>:<title>, or out of order"),
        (b"7:1:a\n8:2:" + b"b" * 5000, "i.txt, line 2: not <byte>:<page id>:<title>, or out of order"),
    ],
)
def test_an_index_that_is_not_the_dumps(tmp_path, index, message):
    path = written(tmp_path / "d.xml.bz2", multistream(PAGES, 2)[0])
    with pytest.raises(FormatError) as error:
        spans(path, written(tmp_path / "i.txt", index))
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\n\nb\n== c ==\nd", "a\n\nb"),
        ("a\n= b =\nc", "a"),
        ("a\n=== b ===  \nc", "a"),
        ("a\n== b == &lt;!-- c --&gt;\nd", "a"),
        ("a\n==b==", "a"),
        ("== b ==\nc", ""),
        ("{{x\n|a\n= 1\n}}b\n== c ==", "{{x\n|a\n= 1\n}}b"),
        ("a &lt;!-- b\n== c ==\n--&gt;d\n== e ==\nf", "a &lt;!-- b\n== c ==\n--&gt;d"),
        ("a &lt;!-- b --&gt;\n== c ==\nd", "a &lt;!-- b --&gt;"),
        ("a &lt;!-- b\n== c ==\nd", "a &lt;!-- b"),
        ("a", "a"),
    ],
)
def test_a_lead_section_ends_at_the_first_heading(text, expected):
    assert lead(text.encode()).decode() == expected


@given(st.text())
def test_escapes_are_undone_once(text):
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    assert decode(escaped.encode()) == text


OLD_HEADER = header().replace(b' xmlns="http://www.mediawiki.org/xml/export-0.11/"', b"")


def without_ns(dump: bytes) -> bytes:
    return dump.replace(b"    <ns>0</ns>\n", b"").replace(b"    <ns>4</ns>\n", b"")


def test_an_old_dump_tells_namespaces_by_its_header(tmp_path):
    path = written(tmp_path / "d.xml", without_ns(plain(PAGES, OLD_HEADER)))
    assert read(path) == ARTICLES


BOMB = b'<?xml version="1.0"?>\n<!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;">]>\n'
WHOLE = plain(PAGES)
NO_UTF_8 = "d.xml, byte 1: UTF-16 or UTF-32 text, or no text; a MediaWiki dump is UTF-8"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            WHOLE[: WHOLE.index("<title>空".encode()) + 200],
            'd.xml, page 6 "空": the file ends inside this page: it is cut short',
        ),
        (
            WHOLE[: WHOLE.rindex(b"  <page>")],
            'd.xml, after page 6 "空": the file ends without </mediawiki>: it is cut short',
        ),
        (WHOLE.decode().encode("utf-16"), NO_UTF_8),
        (WHOLE.decode().encode("utf-16-le"), NO_UTF_8),
        (BOMB + WHOLE, "d.xml, byte 23: declares entities, as no MediaWiki dump does: refused"),
        (b"<html>not found</html>", "d.xml, byte 1: has no element <mediawiki>: not a MediaWiki dump"),
        (b"", "d.xml: is empty, or no bzip2 file and no text"),
        (
            without_ns(b'<mediawiki version="0.3">\n' + page_element(PAGES[0], 1) + END),
            'd.xml, page 1 "海": has no <ns>, and the dump does not list its namespaces',
        ),
        (WHOLE.replace(b"<id>5</id>", b""), 'd.xml, page ? "Q&amp;A &lt;入門&gt;": has no <id> or no <title>'),
        (
            header() + b"<page><ns>0</ns><id>9</id></page>" + END,
            'd.xml, page 9 "?": has no <id> or no <title>',
        ),
        (
            header() + b"<page><title>\xff</title><ns>0</ns><id>9</id></page>" + END,
            'd.xml, page 9 "\ufffd": its title is not UTF-8',
        ),
    ],
    ids=[
        "cut in a page", "cut between pages", "UTF-16", "UTF-16 without mark", "entity bomb", "HTML", "empty",
        "no namespaces", "no page id", "no title", "title not UTF-8",
    ],
)  # fmt: skip
def test_a_file_that_is_no_whole_dump_is_an_error_that_names_the_place(tmp_path, content, message):
    path = written(tmp_path / "d.xml", content)
    with pytest.raises(FormatError) as error:
        read(path)
    assert str(error.value) == message


def test_a_page_that_does_not_end(tmp_path, monkeypatch):
    monkeypatch.setattr(mediawiki, "MAX_PAGE", 4 << 20)
    page = b"<page><title>x</title><ns>0</ns><id>9</id><text>"
    path = written(tmp_path / "d.xml", header() + page + b"x" * (5 << 20))
    with pytest.raises(FormatError) as error:
        read(path)
    assert str(error.value) == 'd.xml, page 9 "x": does not end within 4 MiB'


@pytest.mark.slow
def test_a_compressed_dump_that_is_cut_names_the_last_page(tmp_path):
    long = random.Random(5).randbytes(1_500_000).hex()
    dump, index = multistream([Page("海", long), Page("山", long), Page("川", "川")], per_stream=1)
    cut = written(tmp_path / "d.xml.bz2", dump[:-200])
    with pytest.raises(FormatError) as error:
        read(cut)
    assert str(error.value) == ('d.xml.bz2, after page 1 "海": damaged or cut short (bzip2: a block is not complete)')
    with pytest.raises(FormatError) as error:
        read(cut, spans(cut, written(tmp_path / "i.txt.bz2", index))[-1])
    assert str(error.value) == "d.xml.bz2, after 0 bytes of text: damaged or cut short (bzip2: a block is not complete)"


def test_a_dump_without_its_last_stream_is_cut_short(tmp_path):
    dump, index = multistream(PAGES, per_stream=2)
    path = written(tmp_path / "d.xml.bz2", dump[: -len(bz2.compress(END))])
    with pytest.raises(FormatError) as error:
        read(path, spans(path, written(tmp_path / "i.txt.bz2", index))[-1])
    assert str(error.value) == 'd.xml.bz2, after page 7 "無": the file ends without </mediawiki>: it is cut short'
