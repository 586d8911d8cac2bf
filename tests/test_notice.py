"""NOTICE credits every corpus of the tree, and brings the licence texts that ask for it."""

from __future__ import annotations

import copy

from builders import catalogue, report
from builders.notice import notice


def test_every_corpus_is_credited(sample_tree):
    text = (sample_tree / "NOTICE").read_text("utf-8")

    for corpus in catalogue.CORPORA.values():
        for part in (corpus.title, corpus.attribution, corpus.homepage, corpus.licence.name, corpus.licence.url):
            assert part in text
        assert corpus.citation in text


def test_a_licence_text_that_must_go_along_stands_once(sample_tree):
    text = (sample_tree / "NOTICE").read_text("utf-8")
    texts = {corpus.licence.text.strip() for corpus in catalogue.CORPORA.values() if corpus.licence.text}

    assert any("Japanese WordNet" in licence for licence in texts)
    for licence in texts:
        assert text.count(licence) == 1


def test_a_corpus_without_records_is_left_out(sample_tree):
    content = copy.deepcopy(report.read(sample_tree))
    for leaf, (corpus, _) in catalogue.LEAVES.items():
        if corpus.name == "wordnet":
            content["leaves"][leaf] |= {"shards": [], "records": 0}

    text = notice(content)

    assert "WordNet" not in text.replace("Princeton", "")
    assert catalogue.CORPORA["tanaka"].title in text
