"""What is special to ParaNatCom: one article, up to three Japanese versions, eight kinds of records."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from builders.corpora import paranatcom
from builders.corpora.paranatcom import ARCHIVE, CORPUS
from builders.errors import FormatError
from tests.support.reading import count_records, read_rows, records_of

FOLDER = "ParaNatCom-20201127"
XML = (
    "<PubmedArticle><MedlineCitation><Article><ArticleTitle>Growth of <i>E. coli</i></ArticleTitle>"
    '<ELocationID EIdType="doi">{doi}</ELocationID><Abstract><AbstractText>Cells grow.</AbstractText>'
    "<AbstractText>They divide.</AbstractText></Abstract></Article></MedlineCitation></PubmedArticle>"
)
ONE = XML.format(doi="10.0000/a")


def written(directory: Path, members: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(directory / ARCHIVE, "w") as archive:
        for name, content in members.items():
            archive.writestr(f"{FOLDER}/{name}", content)
    return directory


def test_the_records_of_an_article_with_one_japanese_version(tmp_path):
    folder = written(
        tmp_path, {"articles/1.xml": ONE, "abstracts-ja-1/1.txt": "大腸菌の増殖\r\n\r\n細胞が増える。\r\n"}
    )
    english, japanese = "Cells grow.\nThey divide.", "細胞が増える。"
    translations = records_of(CORPUS, folder, "translation-paranatcom")
    assert [(record["id"], record["input"], record["output"]) for record in translations] == [
        ("paranatcom:title-en-ja:10.0000/a-1", "Growth of E. coli", "大腸菌の増殖"),
        ("paranatcom:title-ja-en:10.0000/a-1", "大腸菌の増殖", "Growth of E. coli"),
    ]
    papers = records_of(CORPUS, folder, "papers")
    assert [(record["id"], record["input"], record["output"]) for record in papers] == [
        ("paranatcom:title-en:10.0000/a", english, "Growth of E. coli"),
        ("paranatcom:abstract-en:10.0000/a", "Growth of E. coli", english),
        ("paranatcom:title-ja:10.0000/a-1", japanese, "大腸菌の増殖"),
        ("paranatcom:abstract-ja:10.0000/a-1", "大腸菌の増殖", japanese),
        ("paranatcom:title-ja-from-en:10.0000/a-1", english, "大腸菌の増殖"),
        ("paranatcom:title-en-from-ja:10.0000/a-1", japanese, "Growth of E. coli"),
    ]


def test_the_papers_total_with_its_211_articles_and_507_versions(tmp_path):
    members = {f"articles/{number}.xml": XML.format(doi=f"10.0000/{number}") for number in range(211)}
    versions = [(folder, number) for folder in (1, 2, 3) for number in range(211)][:507]
    members |= {f"abstracts-ja-{folder}/{number}.txt": "題\n\n要旨。\n" for folder, number in versions}
    counts = count_records(CORPUS, written(tmp_path, members))
    assert counts == {"translation-paranatcom": 1_014, "papers": 2_450}
    assert sum(counts.values()) == sum(task.paper_count for task in CORPUS.tasks) == 3_464


@pytest.mark.parametrize("names", [("articles/1", "abstracts-ja-2/1"), ("articles/1.xml", "abstracts-ja-2/1.txt")])
def test_names_with_and_without_an_ending_belong_together(tmp_path, names):
    folder = written(tmp_path, dict(zip(names, (ONE, "題\n要旨。"), strict=True)))
    rows, rejected = read_rows(CORPUS, folder, "translation")
    assert [row["key"] for row in rows] == ["10.0000/a-2"]
    assert not rejected


def test_an_article_without_a_doi_has_its_name_as_key_and_a_doi_twice_two_keys(tmp_path):
    articles = {"articles/1": XML.format(doi=""), "articles/2": ONE, "articles/3": ONE}
    rows, _ = read_rows(CORPUS, written(tmp_path, articles), "article")
    assert [row["key"] for row in rows] == ["1", "10.0000/a", "10.0000/a.2"]


@pytest.mark.parametrize(
    ("members", "record_type", "place", "reason"),
    [
        ({"articles/2": ONE[:200]}, "article", "articles/2 line 1", "not well-formed XML"),
        ({"articles/2": "<html/>"}, "article", "articles/2", "no Article element"),
        ({"articles/2": ONE}, "translation", "articles/2", "no Japanese version"),
        ({"abstracts-ja-1/2": "題\n要旨。"}, "translation", "abstracts-ja-1/2", "no readable article of that name"),
        (
            {"articles/2": ONE, "abstracts-ja-1/2": "題\n要旨。".encode("euc-jp")},
            "translation",
            "abstracts-ja-1/2",
            "not UTF-8",
        ),
    ],
    ids=["cut XML", "no article", "no Japanese", "no English", "another encoding"],
)
def test_a_member_that_cannot_be_used_is_a_reject_that_names_it(tmp_path, members, record_type, place, reason):
    whole = {"articles/1": ONE, "abstracts-ja-1/1": "題\n要旨。"}
    rows, rejected = read_rows(CORPUS, written(tmp_path, whole | members), record_type)
    assert rows[0]["key"] in ("10.0000/a", "10.0000/a-1")
    assert [(reject.place, reject.reason) for reject in rejected] == [(f"{ARCHIVE}/{FOLDER}/{place}", reason)]


@pytest.mark.parametrize(
    ("article", "japanese", "reason"),
    [
        (ONE.replace("Growth of <i>E. coli</i>", " "), "題\n要旨。", "empty title"),
        (ONE.replace("Cells grow.", "").replace("They divide.", ""), "題\n要旨。", "empty abstract"),
        (ONE, "題だけ\n\n", "empty abstract_ja"),
        (ONE, "\n", "empty title_ja"),
    ],
)
def test_a_version_needs_all_four_texts(tmp_path, article, japanese, reason):
    folder = written(tmp_path, {"articles/1": article, "abstracts-ja-1/1": japanese})
    rows, rejected = read_rows(CORPUS, folder, "translation")
    assert not rows
    assert [(reject.place, reject.reason) for reject in rejected] == [(f"{ARCHIVE} 10.0000/a-1", reason)]


def test_an_archive_without_articles_is_an_error(tmp_path):
    with pytest.raises(FormatError) as error:
        read_rows(CORPUS, written(tmp_path, {"abstracts-ja-1/1": "題\n要旨。"}))
    assert str(error.value) == f'{ARCHIVE}: has no member like "ParaNatCom-20201127/articles/<name>"'


def test_more_text_than_lies_in_memory_together_is_an_error(tmp_path, monkeypatch):
    folder = written(tmp_path, {"articles/1": ONE, "abstracts-ja-1/1": "題\n要旨。"})
    rows = [row for kind in ("article", "translation") for row in read_rows(CORPUS, folder, kind)[0]]
    size = sum(len(cell) for row in rows for cell in row.values())
    monkeypatch.setattr(paranatcom, "MOST_CHARACTERS", size)
    assert len(read_rows(CORPUS, folder, "translation")[0]) == 1
    monkeypatch.setattr(paranatcom, "MOST_CHARACTERS", size - 1)
    with pytest.raises(FormatError) as error:
        read_rows(CORPUS, folder)
    assert (
        str(error.value) == f"{ARCHIVE}: titles and abstracts of more than {size - 1} characters: too large to be held"
    )
