"""chrF and BLEU of translations by sacrebleu, as counts for each sentence, so that sentences can be drawn anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

from finetune.evaluation.bootstrap import Sample

if TYPE_CHECKING:
    from numpy.typing import NDArray

TOKENISERS = {"ja": "ja-mecab", "en": "13a"}
"""sacrebleu's names, by the language translated into: Japanese words are found by MeCab with IPADIC."""


def samples(answers: Sequence[str], references: Sequence[str], language: Literal["ja", "en"]) -> dict[str, Sample]:
    """Score translations into ``language``: ``chrF`` and ``BLEU``, both from 0 to 100.

    Args:
        answers: The translations.
        references: What each is compared with.
        language: The language translated into.
    """
    return {
        # sacrebleu adds these counts up for a corpus; it has no public way to them, and its version is pinned.
        name: Sample(
            np.asarray(metric._extract_corpus_statistics(list(answers), [list(references)]), dtype=np.float64),
            score(name, language),
        )
        for name, metric in _metrics(language).items()
    }


def score(name: str, language: str) -> Callable[[NDArray[np.float64]], float]:
    """Give the function that makes a figure of summed counts.

    Args:
        name: ``chrF`` or ``BLEU``.
        language: The language translated into.
    """
    metric = _metrics(language)[name]
    return lambda sums: float(metric._compute_score_from_stats(sums.round().astype(int).tolist()).score)


def signatures() -> dict[str, str]:
    """Say in sacrebleu's own short form how it scores, so that figures can be compared with others'."""
    metrics: dict[str, Any] = {f"BLEU {language}": BLEU(tokenize=name) for language, name in TOKENISERS.items()}
    metrics["chrF"] = CHRF()
    for metric in metrics.values():
        metric.corpus_score(["a"], [["a"]])  # which is what tells it how many references there are
    return {name: str(metric.get_signature()) for name, metric in metrics.items()}


def _metrics(language: str) -> dict[str, Any]:
    return {"chrF": CHRF(), "BLEU": BLEU(tokenize=TOKENISERS[language])}
