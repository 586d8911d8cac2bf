"""The scores are sacrebleu's own over the whole corpus."""

from __future__ import annotations

import pytest
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

from finetune.evaluation import translation

JAPANESE = (
    ["駅はどこにありますか。", "私は毎朝六時に起きて散歩をします。", "雨"],
    ["駅はどこですか。", "私は毎朝六時に起きます。", "雪"],
)


@pytest.mark.parametrize(
    ("language", "answers", "references"),
    [("ja", *JAPANESE), ("en", ["It is a big cat today.", ""], ["It is a big dog today.", "Hello."])],
)
def test_figures_are_those_of_corpus_score(language, answers, references):
    found = translation.samples(answers, references, language)
    tokeniser = {"ja": "ja-mecab", "en": "13a"}[language]
    assert found["chrF"].figure == pytest.approx(CHRF().corpus_score(answers, [references]).score)
    assert found["BLEU"].figure == pytest.approx(BLEU(tokenize=tokeniser).corpus_score(answers, [references]).score)
    assert found["chrF"].figure > 20


def test_signatures_name_tokeniser_and_version():
    signatures = translation.signatures()
    assert signatures["BLEU ja"].startswith("nrefs:1") and "tok:ja-mecab" in signatures["BLEU ja"]
    assert "version:2.6.0" in signatures["chrF"]
