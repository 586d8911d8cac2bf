"""Scripts, repetitions and likeness of answers."""

from __future__ import annotations

import pytest

from finetune.evaluation import texts


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("駅はどこですか。", "ja"),
        ("Where is the station?", "en"),
        ("Tシャツを買いました", "ja"),
        ("The word 猫 means cat.", "en"),
        ("ｶﾀｶﾅ", "ja"),
        ("1,990!", None),
        ("", None),
    ],
)
def test_script(text, script):
    assert texts.script(text) == script


def test_repetition_counts_pieces_that_stood_before():
    assert texts.repetition("abcd") == (0, 1)
    assert texts.repetition("あ" * 10) == (6, 7)
    assert texts.repetition("abc") == (0, 0)


def test_exact_match_looks_at_letters_and_digits():
    assert texts.exact("「マザーボード」。", ("マザーボード",))
    assert texts.exact("１９９０年", ("1990年", "1994年"))
    assert not texts.exact("マザーボードです", ("マザーボード",))


def test_f1_of_characters_takes_the_nearest_reference():
    assert texts.character_f1("小笠原", ("北海道", "小笠原諸島")) == pytest.approx(2 * 3 / (3 + 5))
    assert texts.character_f1("", ("北海道",)) == 0.0
