"""Reading a built tree, and what is said where it cannot be read."""

from __future__ import annotations

import copy

import pytest

from builders import catalogue
from builders.errors import BuildError
from builders.schema import COLUMNS
from builders.tree import reader as tree
from builders.tree import report


@pytest.fixture
def content(sample_dataset):
    return copy.deepcopy(report.load(sample_dataset))


def test_a_group_is_the_sum_of_its_task_configs(content):
    found = tree.configs(content)

    assert list(found) == list(catalogue.CONFIGS)
    for group, task_configs in catalogue.GROUPS.items():
        parts = [found[task_config] for task_config in task_configs]
        assert found[group].records == sum(part.records for part in parts) > 0
        assert found[group].plain_bytes == sum(part.plain_bytes for part in parts)
        assert found[group].file_bytes == sum(part.file_bytes for part in parts)
        assert found[group].missing == ()


def test_records_come_in_order_and_whole(content, sample_dataset):
    for entry in content["task_configs"].values():
        ids = [name for batch in tree.batches(sample_dataset, entry, ["id"]) for name in batch.column(0).to_pylist()]
        assert len(ids) == len(set(ids)) == entry.records
    assert next(tree.batches(sample_dataset, entry, COLUMNS)).schema.names == list(COLUMNS)


def test_an_unknown_config_gets_a_suggestion(content, sample_dataset):
    with pytest.raises(BuildError, match='There is no config "jsqad"') as caught:
        tree.config_named("jsqad", content, sample_dataset)

    assert caught.value.next_step.startswith('Did you mean "jsquad"?')


def test_a_config_that_was_not_built_is_named_with_those_that_were(content, sample_dataset):
    content["task_configs"] = {"jsquad": content["task_configs"]["jsquad"]}

    with pytest.raises(BuildError) as caught:
        tree.config_named("easy-ja", content, sample_dataset)

    assert str(caught.value) == (
        f'{sample_dataset} holds no records of "easy-ja". It holds: all, vanilla, jsquad.\n'
        f"Next step: Build it: python -m builders build easy-ja --out {sample_dataset}"
    )


@pytest.mark.parametrize("damage", ["missing", "cut"])
def test_a_damaged_file_is_named(damage, content, sample_dataset, tmp_path):
    shard = content["task_configs"]["jsquad"]["shards"][0]
    path = tmp_path / shard.path
    if damage == "cut":
        path.parent.mkdir()
        path.write_bytes((sample_dataset / shard.path).read_bytes()[:-100])

    with pytest.raises(BuildError) as caught:
        list(tree.batches(tmp_path, content["task_configs"]["jsquad"], COLUMNS))

    assert caught.value.problem.startswith(f"{path} cannot be read: ")
    assert caught.value.next_step == f"Find out what is damaged: python -m builders verify {tmp_path}"
