"""A small LLaMA and a small dataset for the tests of finetune/, made once; no test reaches the network."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import datasets
import pytest
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from finetune import prompts, tiny
from tests.finetune.adapters import adapter_dir, base_dir, computed, trained  # noqa: F401  (fixtures)

PLACES = "札幌 仙台 新潟 金沢 長野 静岡 名古屋 奈良 神戸 岡山 広島 松江 高松 福岡 那覇".split()
DISHES = "味噌ラーメン 牛たん 笹団子 治部煮 そば うなぎ 味噌カツ 柿の葉寿司 そばめし きびだんご".split()
REASONS = "駅から近くて便利です。 朝早くから開いています。 冬になると特に人気です。 昔から愛されています。".split()


def make_records(count: int) -> list[dict[str, str]]:
    """Invented records of many lengths, with and without input; the same for the same ``count``."""
    made = []
    for number in range(count):
        place, dish = PLACES[number % len(PLACES)], DISHES[number % len(DISHES)]
        reasons = "".join(REASONS[: 1 + number % 4])
        kinds = [
            ("次の文を短くしてください。", f"{place}の{dish}は、{reasons}", f"{place}の{dish}は人気です。"),
            (f"{place}の名物を教えてください。", "", f"{place}の名物は{dish}です。{reasons}"),
            ("文の続きを書いてください。", f"昨日、{place}で{dish}を食べました。", reasons),
        ]
        instruction, given, output = kinds[number % 3]
        source = ("sample-a", "sample-b")[number % 2]
        made.append(
            {"instruction": instruction, "input": given, "output": output, "id": f"{source}:qa:{number}"}
            | {"source": source, "task": "qa", "license": "CC0-1.0"}
        )
    return made


@pytest.fixture(scope="session", autouse=True)
def dataset_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An empty cache of ``datasets`` for this session, also in child processes."""
    cache = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(datasets.config, "HF_DATASETS_CACHE", cache)
        patch.setenv("HF_DATASETS_CACHE", str(cache))
        yield cache


@pytest.fixture(autouse=True)
def environment() -> Iterator[None]:
    """Training sets the variables of a launcher; the next test starts without them."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="session")
def records() -> list[dict[str, str]]:
    """150 invented records."""
    return make_records(150)


@pytest.fixture(scope="session")
def jsonl(tmp_path_factory: pytest.TempPathFactory) -> Callable[[list[dict]], str]:
    """Writes records to a new JSON Lines file and gives its path."""

    def write(rows: list[dict]) -> str:
        path = tmp_path_factory.mktemp("data") / "records.jsonl"
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
        return str(path)

    return write


@pytest.fixture(scope="session")
def dataset(records: list[dict[str, str]], jsonl: Callable[[list[dict]], str]) -> str:
    """The 150 records as a JSON Lines file."""
    return jsonl(records)


@pytest.fixture(scope="session")
def base(records: list[dict[str, str]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small LLaMA that has seen a little of the records, with its tokenizer."""
    texts = [prompts.format_record(row["instruction"], row["input"], row["output"]) for row in records]
    return tiny.make(texts, tmp_path_factory.mktemp("base"), vocab_size=420, pretrain_steps=40)


@pytest.fixture(scope="session")
def tokenizer(base: Path) -> PreTrainedTokenizerBase:
    """The tokenizer of ``base``."""
    return AutoTokenizer.from_pretrained(base)


@pytest.fixture(scope="session")
def llama_tokenizer_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with nothing but the real LLaMA's ``tokenizer.model``, as old conversions of the model are."""
    model = Path(os.environ.get("LJD_TOKENIZER", ""))
    if not model.is_file():
        pytest.skip("LJD_TOKENIZER does not name LLaMA's tokenizer.model")
    folder = tmp_path_factory.mktemp("llama")
    (folder / "tokenizer.model").write_bytes(model.read_bytes())
    return folder
