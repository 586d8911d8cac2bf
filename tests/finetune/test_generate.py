"""Many questions at once get the answers that each gets alone."""

from __future__ import annotations

import warnings

import pytest
import torch

from finetune import adapter, generate
from finetune.errors import DataError
from finetune.generate import Question
from tests.finetune.adapters import QUESTION, TUNED_ANSWER

QUESTIONS = [
    Question(QUESTION),
    Question("東京は何の首都ですか。"),
    Question("次の文を短くしてください。", "昨日、札幌で味噌ラーメンを食べました。" * 3),
    Question("誰ですか。"),
    Question("訳してください。", "cat"),
]


@pytest.fixture(scope="module")
def tuned(adapter_dir):
    return adapter.load(adapter_dir, dtype="float32")


def answers(tuned, questions, **options):
    return generate.generate(tuned.model, tuned.prompt, questions, **{"max_new_tokens": 24, **options})


def test_a_batch_gives_the_answers_of_one_at_a_time_in_their_order(tuned):
    alone = [answers(tuned, [question])[0] for question in QUESTIONS]
    assert answers(tuned, QUESTIONS, batch_size=3) == answers(tuned, QUESTIONS) == alone
    assert len({answer.text for answer in alone}) > 1


def test_the_logits_behind_padding_are_those_of_the_bare_question(tuned):
    ids = tuned.prompt.encode([tuned.prompt.text(QUESTION)])["input_ids"][0]
    padded = torch.tensor([[0] * 9 + ids])
    mask = torch.tensor([[0] * 9 + [1] * len(ids)])
    with torch.inference_mode():
        positions = (mask.cumsum(1) - 1).clamp(min=0)
        behind = tuned.model(input_ids=padded, attention_mask=mask, position_ids=positions).logits[0, -1]
        bare = tuned.model(input_ids=torch.tensor([ids])).logits[0, -1]
    torch.testing.assert_close(behind, bare, atol=1e-4, rtol=1e-4)


def test_whether_an_answer_ended_by_itself(tuned):
    (whole,), (cut,) = (answers(tuned, [Question(QUESTION)], max_new_tokens=count) for count in (24, 2))
    assert whole == generate.Answer(TUNED_ANSWER, stopped=True)
    assert not cut.stopped and TUNED_ANSWER.startswith(cut.text)


def test_the_models_own_end_counts_too(tuned, monkeypatch):
    """As in chat models, whose generation_config names the end of a turn beside EOS."""
    first = tuned.tokenizer(tuned.prompt.text(QUESTION) + TUNED_ANSWER)["input_ids"]
    start = len(tuned.tokenizer(tuned.prompt.text(QUESTION))["input_ids"])
    monkeypatch.setattr(tuned.model.generation_config, "eos_token_id", [2, first[start + 1]])
    (answer,) = answers(tuned, [Question(QUESTION)])
    assert answer.stopped and answer.text != TUNED_ANSWER and TUNED_ANSWER.startswith(answer.text)


def test_temperature_zero_gives_no_warning_even_if_the_model_brings_sampling_settings(tuned, caplog, monkeypatch):
    for name, value in {"do_sample": True, "temperature": 0.9, "top_p": 0.6}.items():
        monkeypatch.setattr(tuned.model.generation_config, name, value)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        answers(tuned, [Question(QUESTION)], max_new_tokens=4)
    assert caplog.records == []


def test_questions_of_a_file(tmp_path):
    path = tmp_path / "questions.jsonl"
    path.write_text(
        '{"instruction": "訳して。", "input": "cat"}\n\n{"instruction": "誰？", "id": 5}\n', encoding="utf-8"
    )
    assert generate.read_questions(path) == [Question("訳して。", "cat"), Question("誰？")]


@pytest.mark.parametrize("separator", "\u2028\u2029\x85")
def test_a_question_may_hold_what_unicode_calls_the_end_of_a_line(tmp_path, separator):
    path = tmp_path / "questions.jsonl"
    path.write_text(f'{{"instruction": "一{separator}二"}}\r\n', encoding="utf-8")
    assert generate.read_questions(path) == [Question(f"一{separator}二")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"instruction": "a"}\n{"input": "b"}', '{path}, line 2: no question\nNext step: write {{"instruction": '),
        (b"[1]", "{path}, line 1: no question\n"),
        (b'{"instruction": 5}', "{path}, line 1: no question\n"),
        (b"\xff\xfe", "{path} cannot be read: "),
        (b"\n", "{path} holds no questions\n"),
    ],
)
def test_a_file_without_questions(tmp_path, content, message):
    path = tmp_path / "questions.jsonl"
    path.write_bytes(content)
    with pytest.raises(DataError) as error:
        generate.read_questions(path)
    assert str(error.value).startswith(message.format(path=path))
