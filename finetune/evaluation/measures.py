"""What is counted of one model on each set of questions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from finetune import generate
from finetune.evaluation import bootstrap, likelihood, texts, translation

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from transformers import PreTrainedModel

    from finetune.evaluation.benchmarks import Benchmark
    from finetune.evaluation.held_out import HeldOut
    from finetune.prompts import Prompt

DIRECTION = re.compile(r"(?:^|-)(ja-en|en-ja)$")
"""The end of the name of a task that translates."""
LONGEST_QUESTION = 2**15
"""Tokens of a benchmark's question with an answer; none is longer."""


@dataclass(frozen=True)
class Model:
    """A model and how it is asked."""

    model: PreTrainedModel
    prompt: Prompt
    max_new_tokens: int
    batch_size: int

    def answer(self, questions: Sequence[generate.Question]) -> list[generate.Answer]:
        """Answer questions greedily."""
        return generate.generate(
            self.model, self.prompt, questions, max_new_tokens=self.max_new_tokens, batch_size=self.batch_size
        )


@dataclass(frozen=True)
class Measure:
    """A figure of one model, as counts for each item."""

    task: str
    metric: str
    sample: bootstrap.Sample


def of_held_out(asked: Model, held_out: HeldOut) -> list[Measure]:
    """Measure answers to held-out records, their translations, and the loss of the responses by source."""
    from finetune import packing

    records = held_out.records
    pad = packing.padding_id(asked.prompt.tokenizer)
    nats = likelihood.nats(asked.model, held_out.tokenised, pad=pad, batch_size=asked.batch_size)
    answers = asked.answer([generate.Question(record["instruction"], record["input"]) for record in records])
    return [
        *_manners(answers, [record["output"] for record in records]),
        *_translations(answers, records),
        Measure("held-out records", "loss a token of the response", bootstrap.Sample(nats)),
        *_by_source(nats, [record["source"] for record in records]),
    ]


def _manners(answers: Sequence[generate.Answer], references: Sequence[str]) -> list[Measure]:
    """Whether answers end by themselves, are in the language of the references, and repeat themselves."""
    task, wanted = "held-out records", [texts.script(reference) for reference in references]
    in_language = [
        (texts.script(answer.text) == script, 1) if script else (0, 0)
        for answer, script in zip(answers, wanted, strict=True)
    ]
    repeated = [texts.repetition(answer.text) for answer in answers]
    return [
        Measure(task, "share that stops", bootstrap.mean(np.array([answer.stopped for answer in answers]))),
        Measure(task, "share in the asked language", bootstrap.Sample(np.array(in_language, dtype=float))),
        Measure(task, "share of repeated text", bootstrap.Sample(np.array(repeated, dtype=float))),
    ]


def _translations(answers: Sequence[generate.Answer], records: Sequence[dict[str, str]]) -> list[Measure]:
    directions = [DIRECTION.search(record["task"]) for record in records]
    measures = []
    for direction, language in (("ja-en", "en"), ("en-ja", "ja")):
        places = [place for place, found in enumerate(directions) if found and found[1] == direction]
        if places:
            made = [answers[place].text for place in places]
            right = [records[place]["output"] for place in places]
            scored = translation.samples(made, right, "ja" if language == "ja" else "en")
            measures += [Measure(f"translation {direction}", metric, sample) for metric, sample in scored.items()]
    return measures


def _by_source(nats: NDArray[np.float64], sources: Sequence[str]) -> list[Measure]:
    """The loss of each source, where records name theirs."""
    names = np.array(sources)
    return [
        Measure(f"source {name}", "loss a token of the response", bootstrap.Sample(nats[names == name]))
        for name in sorted(set(sources) - {""})
    ]


def of_benchmark(asked: Model, benchmark: Benchmark) -> list[Measure]:
    """Measure the answers to a benchmark: choices also by their likelihood."""
    items = benchmark.items
    answers = asked.answer([item.question for item in items])
    pairs = [(answer.text, item.references) for answer, item in zip(answers, items, strict=True)]
    exact = bootstrap.mean(np.array([texts.exact(*pair) for pair in pairs]))
    if not items[0].choices:
        f1 = bootstrap.mean(np.array([texts.character_f1(*pair) for pair in pairs]))
        return [Measure(benchmark.name, "exact match", exact), Measure(benchmark.name, "F1 of characters", f1)]
    right = bootstrap.mean(_likeliest_is_right(asked, benchmark))
    return [
        Measure(benchmark.name, "accuracy by likelihood", right),
        Measure(benchmark.name, "accuracy by generation", exact),
    ]


def _likeliest_is_right(asked: Model, benchmark: Benchmark) -> NDArray[np.bool_]:
    """Whether the right choice is the likeliest whole answer: with EOS, so that a part of a choice is not likelier."""
    from datasets import Dataset

    from finetune import data, packing

    rows = [
        {"instruction": item.question.instruction, "input": item.question.input, "output": choice}
        for item in benchmark.items
        for choice in item.choices
    ]
    tokenised = data.tokenise(
        Dataset.from_list(rows),
        asked.prompt.tokenizer,
        max_tokens=LONGEST_QUESTION,
        prompt=asked.prompt.kind,
        workers=1,
    )
    pad = packing.padding_id(asked.prompt.tokenizer)
    choices = len(benchmark.items[0].choices)
    nats = likelihood.of_choices(asked.model, tokenised, choices=choices, pad=pad, batch_size=asked.batch_size)
    likeliest = nats.argmin(1)
    right = [item.choices.index(item.references[0]) for item in benchmark.items]
    return np.asarray(likeliest == np.array(right))
