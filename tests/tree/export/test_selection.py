"""Which records are left, and that a split parts nothing that belongs together."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from builders import catalogue
from builders.errors import BuildError
from builders.tree import reader, report
from builders.tree.export.files import export
from builders.tree.export.selection import TRAINING, VALIDATION, Selection, choose


def _exported(
    directory: Path, out: Path, config: str, **asked: Any
) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Records for training and for validation."""
    selection = Selection(**asked)
    chosen = choose(directory, reader.config_named(config, report.load(directory), directory), selection)
    files = [out / "a.jsonl", out / "b.jsonl"]
    export(directory, chosen, "alpaca", files[0], files[1])
    parts = [[json.loads(line) for line in file.read_text("utf-8").split("\n")[:-1]] for file in files]
    assert [len(part) for part in parts] == [chosen.count(TRAINING), chosen.count(VALIDATION)]
    return parts[0], parts[1]


@pytest.fixture(scope="module")
def everything(sample_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    return _exported(sample_dataset, tmp_path_factory.mktemp("all"), "all")[0]


def test_by_license_and_source(sample_dataset: Path, everything: list[dict[str, str]], tmp_path: Path) -> None:
    records, _ = _exported(
        sample_dataset, tmp_path, "all", licenses=["CC-BY-SA-4.0", "public-domain"], sources=["aozora", "jesc", "alt"]
    )

    assert records == [record for record in everything if record["source"] in ("aozora", "jesc")]


def test_without_evaluation_sets(sample_dataset: Path, everything: list[dict[str, str]], tmp_path: Path) -> None:
    records, _ = _exported(sample_dataset, tmp_path, "all", exclude_evaluation=True)

    beginnings = ("jsquad:question:valid-", "jcommonsenseqa:question:valid-", "aio:question:dev-")
    held_out = [record for record in everything if record["id"].startswith(beginnings)]
    assert {record["source"] for record in held_out} == {"jsquad", "jcommonsenseqa", "aio"}
    assert records == [record for record in everything if record not in held_out]


def test_evaluation_is_named_by_keys_that_the_corpus_has(everything: list[dict[str, str]]) -> None:
    for name, corpus in catalogue.CORPORA.items():
        keys = {record["id"].split(":", 2)[2] for record in everything if record["source"] == name}
        for beginning in corpus.evaluation:
            assert any(key.startswith(beginning) for key in keys), name


def test_a_limit_draws_by_its_seed_and_keeps_the_order(
    sample_dataset: Path, everything: list[dict[str, str]], tmp_path: Path
) -> None:
    first, again, other = (_exported(sample_dataset, tmp_path, "all", limit=20, seed=seed)[0] for seed in (1, 1, 2))

    assert len(first) == len(other) == 20 and first == again != other
    assert first == [record for record in everything if record in first]
    assert _exported(sample_dataset, tmp_path, "all", limit=10**6)[0] == everything


@pytest.mark.parametrize("seed", range(5))
def test_a_split_parts_no_pair_and_no_twins(
    seed: int, sample_dataset: Path, everything: list[dict[str, str]], tmp_path: Path
) -> None:
    training, validation = _exported(sample_dataset, tmp_path, "all", validation=60, seed=seed)

    assert 50 < len(validation) <= 60
    assert sorted(record["id"] for record in training + validation) == sorted(record["id"] for record in everything)
    for keys in (_rows, _texts):
        assert not {keys(record) for record in training} & {keys(record) for record in validation}


def test_the_sample_has_pairs_and_twins(everything: list[dict[str, str]]) -> None:
    """Else the test above would prove nothing."""
    texts = {_texts(record) for record in everything}
    assert len(texts) < 0.8 * len(everything)
    assert len({(_rows(record), _texts(record)) for record in everything}) > len(texts), "no twin from another row"


def _rows(record: dict[str, str]) -> tuple[str, str]:
    source, _, key = record["id"].split(":", 2)
    return source, key


def _texts(record: dict[str, str]) -> frozenset[str]:
    return frozenset((record["input"] or record["instruction"], record["output"]))


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        ({"licenses": ["CC0-1.0"]}, '"jsquad" holds no records with the license CC0-1.0.'),
        ({"sources": ["aio", "jsquad"]}, '"jsquad" holds no records with the source aio.'),
        ({"validation": 10**6}, 'No record of "jsquad" is left for training.'),
    ],
)
def test_what_leaves_nothing_is_said(asked: dict[str, Any], problem: str, sample_dataset: Path) -> None:
    config = reader.config_named("jsquad", report.load(sample_dataset), sample_dataset)

    with pytest.raises(BuildError) as caught:
        choose(sample_dataset, config, Selection(**asked))

    assert caught.value.problem == problem
