"""Articles in PubMed's XML (https://dtd.nlm.nih.gov/ncbi/pubmed/doc/out/190101/): title, abstract and DOI.

Titles and abstracts hold inline elements (`<i>`, `<sub>`, `<sup>`), and an abstract may come in several parts: their
text is all the text below the element.
"""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree


class MalformedArticle(ValueError):
    """XML that is no article; the message is the reason.

    Args:
        reason: what is wrong.
        line: line of the XML, from 1; 0 for the whole of it.
    """

    def __init__(self, reason: str, line: int = 0):
        super().__init__(reason)
        self.line = line


@dataclass(frozen=True)
class Article:
    """One article.

    Args:
        title, abstract: plain text; the parts of an abstract are joined by a newline. "" where there is none.
        doi: its digital object identifier, "" where there is none.
    """

    title: str
    abstract: str
    doi: str


def parse_article(raw: bytes) -> Article:
    """Reads the first article of a document.

    Neither a DTD nor an entity is loaded or expanded, so that no document can take long or reach the network.

    Raises:
        MalformedArticle: not XML, holds an entity that XML itself does not know, or no `Article` element.
    """
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as error:
        raise MalformedArticle("not well-formed XML", error.lineno or 0) from None
    if (entity := next(root.iter(etree.Entity), None)) is not None:
        raise MalformedArticle("an entity that XML does not know", entity.sourceline)
    article = next(root.iter("Article"), None)
    if article is None:
        raise MalformedArticle("no Article element")
    parts = [_text(part) for part in article.iterfind("Abstract/AbstractText")]
    return Article(
        title=_text(article.find("ArticleTitle")),
        abstract="\n".join(part for part in parts if part),
        doi=_text(article.find("ELocationID[@EIdType='doi']")),
    )


def _text(element: etree._Element | None) -> str:
    """All text below an element, with single spaces."""
    return "" if element is None else " ".join("".join(map(str, element.itertext())).split())
