"""The converter against texts written by hand."""

from __future__ import annotations

from collections import Counter

import pytest

from builders.formats.wikitext import plain_text
from tests.support.gold_leads import GoldLead, Score, read_gold, score

LEADS = list(read_gold())


def test_the_gold_set_is_whole():
    assert len(LEADS) >= 120
    assert not [lead for lead in LEADS if not (lead.title and lead.source and lead.text)]
    assert max(Counter(lead.title for lead in LEADS).values()) == 1
    assert not [lead.title for lead in LEADS if "%%" in lead.source + lead.text]


def test_texts_are_near_gold():
    scores = [score(plain_text(lead.source, lead.title), lead.text) for lead in LEADS]
    total = sum(scores, Score())
    assert total.f1 >= 0.98
    assert total.left_overs == 0


@pytest.mark.parametrize("lead", LEADS, ids=[f"{lead.group}-{lead.title}" for lead in LEADS])
def test_no_page_is_far_from_gold(lead: GoldLead):
    assert score(plain_text(lead.source, lead.title), lead.text).f1 >= 0.95


def test_a_score_counts_what_is_missing_and_what_is_left_over():
    assert score("海は広い。", "海は広い。") == Score(5, 10, 0)
    assert score("海\n\nは広い。", "海\nは広い。") == Score(6, 12, 0)
    assert score("海は[[広い", "海は広い。") == Score(4, 11, 1)
    assert score("[[と]]", "[[と]]").left_overs == 0
    assert Score(4, 11).f1 == pytest.approx(8 / 11)
