"""So many held-out records of each source, and the same for the same seed."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pyarrow as pa
import pytest

from finetune import config, data
from finetune.evaluation import held_out, seen

NOTHING = seen.Trained(pa.table({name: pa.array([], pa.string()) for name in (*data.COLUMNS, "id")}))
SOURCES = {"large": 30, "middle": 6, "small": 2}


@pytest.fixture(scope="module", params=["those of the run", "those of another dataset"])
def draw(request, jsonl, tokenizer):
    """Draws of so many records of each of `SOURCES`."""
    rows = [
        {"instruction": f"{number}番の店は？", "input": "", "output": f"{source}の{number}番です。"}
        | {"id": f"{source}:qa:{number}", "source": source, "task": "qa"}
        for source, count in SOURCES.items()
        for number in range(count)
    ]
    settings = config.Data(dataset=jsonl(rows), validation=0)
    if request.param == "those of another dataset":
        return lambda limit, seed: held_out.other(settings, NOTHING, tokenizer, limit=limit, seed=seed)
    split = data.split(settings, tokenizer)
    return lambda limit, seed: held_out.validation(
        replace(split, held_out=split.usable), NOTHING, limit=limit, seed=seed
    )


def test_a_limit_is_of_each_source(draw, tokenizer):
    found = draw(6, seed=1)
    assert Counter(record["source"] for record in found.records) == {"large": 6, "middle": 6, "small": 2}
    for record, row in zip(found.records, found.tokenised, strict=True):
        assert tokenizer.decode(row["input_ids"]).endswith(record["output"] + tokenizer.eos_token)


def test_records_are_drawn_by_seed(draw):
    first, again, other = ([record["id"] for record in draw(4, seed).records] for seed in (1, 1, 2))
    assert first == again
    for source in ("large", "middle"):
        assert {name for name in first if name.startswith(source)} != {
            name for name in other if name.startswith(source)
        }
