"""NOTICE credits every corpus of the dataset, and brings the license texts that ask for it."""

from __future__ import annotations

from builders import catalogue
from builders.documents.notice import notice
from builders.tree import report
from tests.support.reports import with_config


def test_every_corpus_is_credited(sample_dataset):
    text = (sample_dataset / "NOTICE").read_text("utf-8")

    for corpus in catalogue.CORPORA.values():
        for part in (corpus.title, corpus.attribution, corpus.homepage, corpus.license.name, corpus.license.url):
            assert part in text
        assert corpus.citation in text


def test_a_license_text_that_must_go_along_stands_once(sample_dataset):
    text = (sample_dataset / "NOTICE").read_text("utf-8")
    texts = {corpus.license.text.strip() for corpus in catalogue.CORPORA.values() if corpus.license.text}

    assert any("Japanese WordNet" in license for license in texts)
    for license in texts:
        assert text.count(license) == 1


def test_a_corpus_without_records_is_left_out(sample_dataset):
    content = report.load(sample_dataset)
    for name, (corpus, _) in catalogue.TASK_CONFIGS.items():
        if corpus.name == "wordnet":
            content = with_config(content, name, shards=(), records=0)

    text = notice(content)

    assert "WordNet" not in text.replace("Princeton", "")
    assert catalogue.CORPORA["tanaka"].title in text
