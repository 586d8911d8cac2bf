"""Nothing that is asked is trained on, and every sample trains the same number of records."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest
from datasets import Dataset

from benchmarks.trials import records
from benchmarks.trials.errors import TrialError
from finetune import config
from finetune.evaluation import held_out, seen
from tests.benchmarks.conftest import translations

SETTINGS = config.Data(dataset="-", max_tokens=256, validation=0)


def rows(file) -> list[dict]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").split("\n") if line]


@pytest.fixture
def asked(tokenizer, tmp_path):
    """Four held-out records of sixty, and the file of them."""
    part = Dataset.from_list(translations(60))
    records.hold_out([part, part], SETTINGS, tokenizer, tmp_path / "asked.jsonl", limit=4)
    return records.questions(tmp_path / "asked.jsonl", {})


def test_held_out_records_stand_in_both_editions_with_the_same_texts(tokenizer, tmp_path):
    everything = translations(40)
    repaired = [row | {"output": row["output"] + "!"} for row in everything[:30]]
    part, other = Dataset.from_list(everything), Dataset.from_list(repaired + everything[30:36])
    records.hold_out([part, other], SETTINGS, tokenizer, tmp_path / "asked.jsonl", limit=20)
    assert {row["id"] for row in rows(tmp_path / "asked.jsonl")} == {row["id"] for row in everything[30:36]}


def test_a_sample_holds_no_question_and_no_mirror_of_one(asked, tokenizer, tmp_path):
    everything = translations(60)
    records.draw(Dataset.from_list(everything), asked, SETTINGS, tokenizer, tmp_path / "s.jsonl", number=None, seed=0)
    drawn = {row["id"].rpartition(":")[2] for row in rows(tmp_path / "s.jsonl")}
    questions = {identifier.rpartition(":")[2] for identifier in asked["id"].to_pylist()}
    assert len(questions) >= 2
    assert drawn == {row["id"].rpartition(":")[2] for row in everything} - questions


def opening(work: str, identifier: int) -> dict[str, str]:
    question = f"北村霧彦の作品『{work}』の書き出しを教えてください。"
    row = {"instruction": question, "input": "", "output": f"{work}" * 9, "license": "public-domain"}
    return row | {"id": f"aozora:opening:{identifier}", "source": "aozora", "task": "opening"}


def test_a_sample_is_judged_as_the_evaluation_will_judge_it(tokenizer, tmp_path):
    """Words that all questions share tell nothing; where one record of the sample has them, they are its own words."""
    works = ("雪", "灯台", "石段", "渡し舟", "夜汽車", "姉の琴")
    asked = pa.Table.from_pylist([opening(work, number) for number, work in enumerate(works)]).select(held_out.COLUMNS)
    other = opening("虹", 9)
    assert not seen.Trained(asked).near(pa.Table.from_pylist([other])).any()

    part = Dataset.from_list([other, *translations(60)])
    records.draw(part, asked, SETTINGS, tokenizer, tmp_path / "s.jsonl", number=60, seed=0)

    sample = rows(tmp_path / "s.jsonl")
    assert len(sample) == 60 and other["id"] not in {row["id"] for row in sample}
    assert not seen.Trained(pa.Table.from_pylist(sample)).near(asked).any()


def test_items_of_a_benchmark_are_not_drawn(asked, tokenizer, tmp_path):
    item = {"q_id": 7, "question": "雨の日にさすものは何ですか？", "label": 0}
    file = tmp_path / "valid-v1.1.json"
    choices = {f"choice{number}": text for number, text in enumerate(("傘", "靴", "箸", "窓", "机"))}
    file.write_text(json.dumps(item | choices), encoding="utf-8")
    same = {
        "instruction": "雨の日にさすものは何ですか?",
        "input": "傘、靴、箸、窓、机",
        "output": "傘",
        "license": "CC0-1.0",
    }
    same |= {"id": "jcommonsenseqa:question:valid-7", "source": "jcommonsenseqa", "task": "question"}
    forbidden = records.questions(tmp_path / "asked.jsonl", {"jcommonsenseqa": file})
    part = Dataset.from_list([same, *translations(60)])
    for known, there in ((asked, True), (forbidden, False)):
        records.draw(part, known, SETTINGS, tokenizer, tmp_path / "s.jsonl", number=None, seed=0)
        assert (same["id"] in {row["id"] for row in rows(tmp_path / "s.jsonl")}) is there


def test_records_without_room_for_a_response_take_no_place(asked, tokenizer, tmp_path):
    long = [row | {"input": row["input"] * 40, "id": f"long:ja-en:{n}"} for n, row in enumerate(translations(40))]
    part = Dataset.from_list([*long, *translations(60)])
    records.draw(part, asked, SETTINGS, tokenizer, tmp_path / "s.jsonl", number=30, seed=1)
    drawn = rows(tmp_path / "s.jsonl")
    assert len(drawn) == 30
    assert not any(row["id"].startswith("long") for row in drawn)


def test_seeds_draw_other_records_and_a_seed_the_same(asked, tokenizer, tmp_path):
    part = Dataset.from_list(translations(60))
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        records.draw(part, asked, SETTINGS, tokenizer, tmp_path / name, number=20, seed=seed)
    assert rows(tmp_path / "a") == rows(tmp_path / "b") != rows(tmp_path / "c")


def test_too_few_records(asked, tokenizer, tmp_path):
    part = Dataset.from_list(translations(60))
    with pytest.raises(TrialError, match=r"only 5\d records can be trained on, not 100: .*\nNext step: "):
        records.draw(part, asked, SETTINGS, tokenizer, tmp_path / "s.jsonl", number=100, seed=0)
    assert not (tmp_path / "s.jsonl").exists()
