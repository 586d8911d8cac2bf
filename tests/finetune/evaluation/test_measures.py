"""Every figure is the one that can be told by hand, of answers that are known beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
import torch
from datasets import Dataset
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

from finetune import data, models, prompts
from finetune.evaluation import measures
from finetune.evaluation.benchmarks import Benchmark, Item
from finetune.evaluation.held_out import HeldOut
from finetune.generate import Answer, Question
from tests.finetune.adapters import BASE_ANSWER, QUESTION

ENGLISH = ("The station is far from here.", "I like ramen very much.")
RECORDS = [
    {"source": "a", "task": "ja-en", "input": "駅はここから遠いです。", "output": ENGLISH[0]},
    {"source": "b", "task": "en-ja", "input": "The station is far.", "output": "駅はここから遠いです。"},
    {"source": "a", "task": "qa", "input": "雨の日に差すものは？", "output": "傘"},
    {"source": "a", "task": "title-en-ja", "input": "I get up at six every day.", "output": "私は毎朝六時に起きます。"},
    {"source": "b", "task": "title-ja-en", "input": "ラーメンが大好きです。", "output": ENGLISH[1]},
    {"source": "b", "task": "qa", "input": "千二百三十四を数字で。", "output": "1234"},
]
ANSWERS = [
    Answer(ENGLISH[0], True),
    Answer("駅はここから近いです。", True),
    Answer("あああああああああ", False),
    Answer("I get up at six.", True),
    Answer(ENGLISH[1], True),
    Answer("7", True),
]


@dataclass(frozen=True)
class Reciting(measures.Model):
    """A real model but for what it writes, which is known; how likely it finds a response is its own."""

    answers: Mapping[Question, Answer] = field(default_factory=dict)

    def answer(self, questions):
        return [self.answers[question] for question in questions]


@pytest.fixture(scope="module")
def model(base_dir):
    """A small LLaMA that answers everything with `BASE_ANSWER`."""
    return models.load_base(base_dir).eval()


@pytest.fixture(scope="module")
def prompt(base_dir):
    return prompts.Prompt("alpaca", models.load_tokenizer(base_dir))


def figures(found):
    return {(measure.task, measure.metric): measure.sample.figure for measure in found}


def loss(model, rows):
    """The nats a token of the responses of some rows, by transformers' own loss."""
    nats, tokens = 0.0, 0
    for row in rows:
        ids = torch.tensor([row["input_ids"]])
        labels = ids.clone()
        labels[:, : row["prompt"]] = -100
        count = ids.shape[1] - row["prompt"]
        nats, tokens = nats + count * model(ids, labels=labels).loss.item(), tokens + count
    return nats / tokens


def test_every_figure_of_held_out_records(model, prompt):
    records = [record | {"instruction": "答えてください。"} for record in RECORDS]
    rows = data.tokenise(Dataset.from_list(records), prompt.tokenizer, max_tokens=512, workers=1)
    answers = {Question(row["instruction"], row["input"]): answer for row, answer in zip(records, ANSWERS, strict=True)}
    found = measures.of_held_out(Reciting(model, prompt, 0, 4, answers), HeldOut(records, rows, 0))
    into_japanese = ([ANSWERS[1].text, ANSWERS[3].text], [[RECORDS[1]["output"], RECORDS[3]["output"]]])
    records_of = {"a": rows.select([0, 2, 3]), "b": rows.select([1, 4, 5])}
    by_hand = {
        ("held-out records", "share that stops"): 5 / 6,
        ("held-out records", "share in the asked language"): 4 / 5,  # "1234" is in none
        ("held-out records", "share of repeated text"): 5 / (26 + 8 + 6 + 13 + 20),  # "7" holds no piece of four
        ("translation ja-en", "chrF"): 100.0,
        ("translation ja-en", "BLEU"): 100.0,
        ("translation en-ja", "chrF"): CHRF().corpus_score(*into_japanese).score,
        ("translation en-ja", "BLEU"): BLEU(tokenize="ja-mecab").corpus_score(*into_japanese).score,
        ("held-out records", "loss a token of the response"): loss(model, rows),
        ("source a", "loss a token of the response"): loss(model, records_of["a"]),
        ("source b", "loss a token of the response"): loss(model, records_of["b"]),
    }
    assert figures(found) == pytest.approx(by_hand, rel=1e-5)
    assert 0 < by_hand["translation en-ja", "BLEU"] < by_hand["translation en-ja", "chrF"] < 50
    items = {measure.task: len(measure.sample.counts) for measure in found}
    assert items == {
        "held-out records": 6,
        "source a": 3,
        "source b": 3,
        "translation ja-en": 2,
        "translation en-ja": 2,
    }


def test_a_choice_is_right_by_likelihood_or_by_what_is_written(model, prompt):
    """The model finds `BASE_ANSWER` the likeliest, wherever it stands among the choices."""
    others = ("東京です。", "京都です。", "大阪です。", "札幌です。")
    asked = [Question(QUESTION), Question("東京は何の首都ですか。"), Question("誰ですか。")]
    choices = [(*others[:place], BASE_ANSWER, *others[place:]) for place in (4, 0, 2)]
    right = (BASE_ANSWER, BASE_ANSWER, "京都です。")
    items = [Item("", *item) for item in zip(asked, ((text,) for text in right), choices, strict=True)]
    written = dict(
        zip(asked, [Answer("東京です。", True), Answer("知りません", True), Answer("京都", True)], strict=True)
    )
    found = measures.of_benchmark(Reciting(model, prompt, 0, 5, written), Benchmark("choices", items, 0))
    assert figures(found) == {
        ("choices", "accuracy by likelihood"): pytest.approx(2 / 3),
        ("choices", "accuracy by generation"): pytest.approx(1 / 3),
    }


def test_exact_match_and_f1_of_characters(model, prompt):
    asked = [Question("茶を出す道具は？", f"{number}番の急須") for number in range(4)]
    right = [("道具", "急須"), ("棚", "一番の棚"), ("二番の棚",), ("三番の棚",)]
    written = [Answer("「急須」。", True), Answer("一番の机", True), Answer("箱", True), Answer("棚", True)]
    items = [Item("", *item) for item in zip(asked, right, strict=True)]
    asking = Reciting(model, prompt, 0, 4, dict(zip(asked, written, strict=True)))
    assert figures(measures.of_benchmark(asking, Benchmark("squad", items, 0))) == {
        ("squad", "exact match"): pytest.approx(1 / 4),
        ("squad", "F1 of characters"): pytest.approx((1 + 3 / 4 + 0 + 2 / 5) / 4),
    }


def test_an_answer_is_as_long_as_the_model_may_make_it(model, prompt):
    for tokens, stopped in ((24, True), (1, False)):
        (answer,) = measures.Model(model, prompt, tokens, 8).answer([Question(QUESTION)])
        assert answer.stopped is stopped
