"""chrF and BLEU of translations by sacrebleu, as counts for each sentence, so that sentences can be drawn anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

from finetune.evaluation.bootstrap import Sample

TOKENISERS = {"ja": "ja-mecab", "en": "13a"}
"""sacrebleu's names, by the language translated into: Japanese words are found by MeCab with IPADIC."""


def samples(answers: Sequence[str], references: Sequence[str], language: Literal["ja", "en"]) -> dict[str, Sample]:
    """Score translations into ``language``: ``chrF`` and ``BLEU``, both from 0 to 100.

    Args:
        answers: The translations.
        references: What each is compared with.
        language: The language translated into.
    """
    metrics: dict[str, Any] = {"chrF": CHRF(), "BLEU": BLEU(tokenize=TOKENISERS[language])}
    return {name: _sample(metric, answers, references) for name, metric in metrics.items()}


def signatures() -> dict[str, str]:
    """Say in sacrebleu's own short form how it scores, so that figures can be compared with others'."""
    metrics: dict[str, Any] = {f"BLEU {language}": BLEU(tokenize=name) for language, name in TOKENISERS.items()}
    metrics["chrF"] = CHRF()
    for metric in metrics.values():
        metric.corpus_score(["a"], [["a"]])  # which is what tells it how many references there are
    return {name: str(metric.get_signature()) for name, metric in metrics.items()}


def _sample(metric: Any, answers: Sequence[str], references: Sequence[str]) -> Sample:
    """The counts that ``corpus_score`` adds up; sacrebleu has no public way to them, and its version is pinned."""
    counts = metric._extract_corpus_statistics(list(answers), [list(references)])

    def score(sums: np.ndarray[Any, np.dtype[np.float64]]) -> float:
        return float(metric._compute_score_from_stats(sums.round().astype(int).tolist()).score)

    return Sample(np.asarray(counts, dtype=np.float64), score)
