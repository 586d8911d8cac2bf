"""`show`: raw rows beside their records, and records of a built dataset drawn by seed."""

from __future__ import annotations

import pytest

from builders.__main__ import main
from builders.tree import report
from builders.tree.sample import draw


def shown_ids(capsys) -> list[str]:
    """First line of each table that was printed: ids of records."""
    lines = capsys.readouterr().out.splitlines()
    return [line.strip() for line in lines if line.startswith("jsquad:")]


def test_records_of_a_built_dataset_are_drawn_by_seed(sample_dataset, capsys):
    def ids(seed: int) -> list[str]:
        assert main(["show", "jsquad", "--built", str(sample_dataset), "-n", "5", "--seed", str(seed)]) == 0
        return shown_ids(capsys)

    first = ids(1)
    assert len(first) == len(set(first)) == 5
    assert ids(1) == first and ids(2) != first


def test_drawn_records_are_those_of_the_config(sample_dataset):
    content = report.load(sample_dataset)
    drawn = draw(sample_dataset, content, "knowledge", 10_000, 0)
    assert (
        len(drawn)
        == sum(content.configs[name].records for name in content.configs if name.startswith("knowledge-"))
        - content.configs["knowledge-jqac"].records
    )
    assert len({record["id"] for record in drawn}) == len(drawn)


def test_a_corpus_and_a_config_are_both_accepted(sample_dataset, capsys):
    assert main(["show", "easy_japanese", "--built", str(sample_dataset), "-n", "1"]) == 0
    assert "easy_japanese:" in capsys.readouterr().out
    assert main(["show", "translation-easy-ja", "--sample", "-n", "1"]) == 0
    assert "easy_japanese:ja-en:" in capsys.readouterr().out


@pytest.mark.parametrize(("name", "near"), [("JSQuAD", "jsquad"), ("jsqad", "jsquad"), ("Aozora", "aozora")])
def test_near_misses_get_a_suggestion(name, near, capsys):
    assert main(["show", name, "--sample"]) == 1
    error = capsys.readouterr().err
    assert f'There is no corpus and no config "{name}".' in error and f'Did you mean "{near}"?' in error
