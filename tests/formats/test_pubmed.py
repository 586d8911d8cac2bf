"""Title, abstract and DOI of PubMed XML, whatever the document tries."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from builders.formats.pubmed import Article, MalformedArticle, parse_article

DOCTYPE = (
    '<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2019//EN" '
    '"https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_190101.dtd">'
)


def document(title: str, *parts: str, head: str = "", more: str = "") -> bytes:
    abstract = "".join(f"<AbstractText>{part}</AbstractText>" for part in parts)
    return (
        f"{head}<PubmedArticle><MedlineCitation><Article><ArticleTitle>{title}</ArticleTitle>"
        f"{more}<Abstract>{abstract}</Abstract></Article></MedlineCitation></PubmedArticle>"
    ).encode()


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("CO<sub>2</sub> and <i>E. <b>coli</b></i>", "CO2 and E. coli"),
        ("<i>E. coli</i> at night", "E. coli at night"),
        ("Salt &amp; light &lt; 5&#160;nm", "Salt & light < 5 nm"),
        ("Two\n   lines<!-- a comment --> of text<?pi text?>", "Two lines of text"),
        ("<![CDATA[a < b]]>", "a < b"),
        ("", ""),
    ],
)
def test_all_the_text_below_an_element_is_taken(title, text):
    assert parse_article(document(title, "x", head=DOCTYPE)).title == text


def test_the_parts_of_an_abstract_are_joined_and_the_doi_is_found():
    ids = '<ELocationID EIdType="pii">s1</ELocationID><ELocationID EIdType="doi">10.0000/x</ELocationID>'
    raw = document("T", "One <sup>a</sup>.", "", "<b>Two</b>.", more=ids)
    assert parse_article(raw) == Article("T", "One a.\nTwo.", "10.0000/x")


def test_an_article_without_abstract_or_doi():
    assert parse_article(b"<Article><ArticleTitle>T</ArticleTitle></Article>") == Article("T", "", "")


def test_utf_16_is_read_as_it_declares():
    raw = '<?xml version="1.0" encoding="utf-16"?><Article><ArticleTitle>é</ArticleTitle></Article>'.encode("utf-16")
    assert parse_article(raw).title == "é"


BOMB = (
    "<!DOCTYPE x ["
    + "".join(
        f'<!ENTITY e{number} "{"&e" + str(number - 1) + ";" if number else "ha"}'
        + (f"&e{number - 1};" * 9 if number else "")
        + '">'
        for number in range(30)
    )
    + "]>"
)


@pytest.mark.parametrize(
    ("raw", "reason", "line"),
    [
        (b"", "not well-formed XML", 1),
        (b"no XML", "not well-formed XML", 1),
        (document("T", "A\nB")[:-30], "not well-formed XML", 2),
        (document("a &nbsp; b"), "not well-formed XML", 1),
        (document("é").replace("é".encode(), b"\xe9"), "not well-formed XML", 1),
        (document("&e29;", head=BOMB), "not well-formed XML", 1),
        (document("&e;", head='<!DOCTYPE x [<!ENTITY e "text">]>'), "an entity that XML does not know", 1),
        (
            document("T\n&e;", head='<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>'),
            "an entity that XML does not know",
            2,
        ),
        (b"<html><body/></html>", "no Article element", 0),
    ],
    ids=[
        "empty",
        "text",
        "cut",
        "HTML entity",
        "Latin-1",
        "entity bomb",
        "own entity",
        "external entity",
        "no article",
    ],
)
def test_what_is_no_article_says_why_and_where(raw, reason, line):
    with pytest.raises(MalformedArticle) as error:
        parse_article(raw)
    assert (str(error.value), error.value.line) == (reason, line)


@given(
    st.text(
        st.characters(
            codec="utf-8", exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"], exclude_characters="\ufffe\uffff"
        )
    )
)
def test_any_text_comes_back(text):
    title = etree.Element("ArticleTitle")
    title.text = text
    raw = b"<Article>" + etree.tostring(title, encoding="utf-8") + b"</Article>"
    assert parse_article(raw).title == text
