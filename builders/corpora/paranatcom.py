"""ParaNatCom: abstracts of Nature Communications in English, translated into Japanese up to three times.

One article, the member `articles/<name>` of the archive, and one of its translations, `abstracts-ja-1/<name>`:

    <PubmedArticle><MedlineCitation><Article><ArticleTitle>Growth of <i>E. coli</i> at night</ArticleTitle>
    <ELocationID EIdType="doi">10.0000/example</ELocationID>
    <Abstract><AbstractText>Cells divide even in the dark. ...</AbstractText></Abstract></Article></MedlineCitation>
    </PubmedArticle>

    夜間における大腸菌の増殖
    細胞は暗闇の中でも分裂する。…

The first line of a translation is the title, the rest is the abstract. Titles are translated; abstracts are not, but
titles are made from abstracts in both languages and across them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import pyarrow as pa

from builders.corpus import Corpus, CountDifference, Part, RemoteFile, Task, Template
from builders.errors import FormatError
from builders.formats.archives import ZipArchive, zip_archive
from builders.formats.pubmed import Article, MalformedArticle, parse_article
from builders.instructions import (
    ABSTRACT_FROM_TITLE,
    TITLE_EN_TO_JA,
    TITLE_FROM_ABSTRACT,
    TITLE_FROM_ABSTRACT_IN_ENGLISH,
    TITLE_FROM_ABSTRACT_IN_JAPANESE,
    TITLE_JA_TO_EN,
)
from builders.licenses import CC_BY_4
from builders.rows import KEY, RejectedRow, Rows, unique_keys, without_blank_cells

ARCHIVE = "ParaNatCom-20201127.zip"
MEMBER = re.compile(r"ParaNatCom-20201127/(articles|abstracts-ja-[123])/([^/]+?)(?:\.xml|\.txt)?")
MOST_CHARACTERS = 16_000_000
"""Of all rows, which lie in memory together: room for some 2,000 articles with three translations each; there are 211."""
ARTICLES = "articles"
ENGLISH = ("title", "abstract")
JAPANESE = ("title_ja", "abstract_ja")


def read(part: Part) -> Iterator[Rows]:
    """Reads two record_types: `article` (title, abstract, doi) and `translation` (title_ja and abstract_ja besides).

    Keys are the article's DOI, or its name in the archive where it has none, and for a translation its number
    (`10.0000/example-1`). An article or translation that cannot be read is a reject: it is one row of the archive.

    Raises:
        FormatError: the archive holds no articles, or too much text.
    """
    with zip_archive(part.files[ARCHIVE]) as archive:
        members: dict[str, dict[str, str]] = {}  # member by name of the article and folder
        for member in archive.namelist():
            if match := MEMBER.fullmatch(member):
                members.setdefault(match[2], {})[match[1]] = member
        if not any(ARTICLES in folders for folders in members.values()):
            raise FormatError(ARCHIVE, "", 'has no member like "ParaNatCom-20201127/articles/<name>"')
        yield from _rows(archive, members)


def _rows(archive: ZipArchive, members: dict[str, dict[str, str]]) -> Iterator[Rows]:
    articles, translations = [], []
    rejected: dict[str, list[RejectedRow]] = {"article": [], "translation": []}
    seen: Counter[str] = Counter()
    held = 0
    for name, folders in sorted(members.items()):
        article = _article(archive, folders.get(ARTICLES), rejected["article"])
        versions = sorted(folder for folder in folders if folder != ARTICLES)
        if article is None:
            rejected["translation"] += (
                RejectedRow(_place(folders[v]), "no readable article of that name", name) for v in versions
            )
            continue
        if not versions:
            rejected["translation"].append(RejectedRow(_place(folders[ARTICLES]), "no Japanese version", article.title))
        (key,) = unique_keys([article.doi or name], seen)
        row = {"title": article.title, "abstract": article.abstract, "doi": article.doi}
        articles.append(row | {KEY: key})
        held += _characters(articles[-1])
        for folder in versions:
            texts = _translation(archive, folders[folder], rejected["translation"])
            if texts is not None:
                translations.append(row | dict(zip(JAPANESE, texts, strict=True)) | {KEY: f"{key}-{folder[-1]}"})
                held += _characters(translations[-1])
        if held > MOST_CHARACTERS:
            raise FormatError(
                ARCHIVE, "", f"titles and abstracts of more than {MOST_CHARACTERS:,} characters: too large to be held"
            )
    yield _view("article", articles, ENGLISH, rejected["article"])
    yield _view("translation", translations, (*ENGLISH, *JAPANESE), rejected["translation"])


def _characters(row: dict[str, str]) -> int:
    return sum(map(len, row.values()))


def _view(record_type: str, rows: list[dict[str, str]], texts: tuple[str, ...], rejected: list[RejectedRow]) -> Rows:
    schema = pa.schema([(name, pa.string()) for name in (*texts, "doi", KEY)])
    kept = without_blank_cells(pa.RecordBatch.from_pylist(rows, schema), texts, ARCHIVE, record_type)
    return Rows(kept.batch, tuple(rejected) + kept.rejected, record_type)


def _article(archive: ZipArchive, member: str | None, rejected: list[RejectedRow]) -> Article | None:
    """The article of a member; None where there is none, or where it was rejected."""
    if member is None:
        return None
    raw = archive.read(member)
    try:
        return parse_article(raw)
    except MalformedArticle as problem:
        place = f"{_place(member)} line {problem.line}" if problem.line else _place(member)
        rejected.append(RejectedRow(place, str(problem), raw[:300].decode(errors="backslashreplace")))
        return None


def _translation(archive: ZipArchive, member: str, rejected: list[RejectedRow]) -> tuple[str, str] | None:
    """Title and abstract of a Japanese version; None where it was rejected."""
    raw = archive.read(member)
    try:
        title, _, abstract = raw.decode("utf-8-sig").replace("\r\n", "\n").strip().partition("\n")
    except UnicodeDecodeError:
        rejected.append(RejectedRow(_place(member), "not UTF-8", raw[:300].decode(errors="backslashreplace")))
        return None
    return title.strip(), abstract.strip()


def _place(member: str) -> str:
    return f"{ARCHIVE}/{member}"


HALVES = "the paper prints the 3,464 records of this corpus as two halves of 1,732, whatever they ask"

CORPUS = Corpus(
    name="paranatcom",
    title="ParaNatCom: Parallel English-Japanese Abstract Corpus made from Nature Communications Articles",
    homepage="https://www2.nict.go.jp/astrec-att/member/mutiyama/paranatcom/",
    license=CC_BY_4,
    attribution=(
        "Masao Utiyama (NICT); the authors of the articles in Nature Communications, found by the DOI in the ids"
    ),
    citation="""@misc{utiyama2019paranatcom,
  title = {{ParaNatCom} --- Parallel {English-Japanese} abstract corpus made from {Nature Communications} articles},
  author = {Utiyama, Masao},
  year = {2019},
  url = {https://www2.nict.go.jp/astrec-att/member/mutiyama/paranatcom/}
}""",
    files=(
        RemoteFile(
            ARCHIVE,
            "https://www2.nict.go.jp/astrec-att/member/mutiyama/paranatcom/ParaNatCom-20201127.zip",
            sha256="73d1510f7f04872605a57269615b8db4cc65d07ec1be524d6ebc1f7f94a35785",
        ),
    ),
    tasks=(
        Task(
            "translation-paranatcom",
            (
                Template("title-en-ja", TITLE_EN_TO_JA, "{title}", "{title_ja}", "translation"),
                Template("title-ja-en", TITLE_JA_TO_EN, "{title_ja}", "{title}", "translation"),
            ),
            paper_count=1_732,
            difference=(CountDifference(HALVES, -718, -718),),
        ),
        Task(
            "papers",
            (
                Template("title-en", TITLE_FROM_ABSTRACT, "{abstract}", "{title}", "article"),
                Template("abstract-en", ABSTRACT_FROM_TITLE, "{title}", "{abstract}", "article"),
                Template("title-ja", TITLE_FROM_ABSTRACT, "{abstract_ja}", "{title_ja}", "translation"),
                Template("abstract-ja", ABSTRACT_FROM_TITLE, "{title_ja}", "{abstract_ja}", "translation"),
                Template(
                    "title-ja-from-en", TITLE_FROM_ABSTRACT_IN_JAPANESE, "{abstract}", "{title_ja}", "translation"
                ),
                Template("title-en-from-ja", TITLE_FROM_ABSTRACT_IN_ENGLISH, "{abstract_ja}", "{title}", "translation"),
            ),
            paper_count=1_732,
            difference=(CountDifference(HALVES, 718, 718),),
        ),
    ),
    columns={
        "title": "en title",
        "abstract": "en abstract",
        "title_ja": "ja title",
        "abstract_ja": "ja abstract",
        "doi": "any",
    },
    read=read,
)
