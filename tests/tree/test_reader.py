"""Reading a built dataset, and what is said where it cannot be read."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from builders import catalogue
from builders.errors import BuildError
from builders.schema import COLUMNS
from builders.tree import reader, report
from tests.support.damage import DAMAGES
from tests.support.reports import only


@pytest.fixture
def content(sample_dataset):
    return report.load(sample_dataset)


def test_a_group_is_the_sum_of_its_task_configs(content):
    found = reader.configs(content)

    assert list(found) == list(catalogue.CONFIGS)
    for group, names in catalogue.GROUPS.items():
        parts = [found[name] for name in names]
        assert found[group].records == sum(part.records for part in parts) > 0
        assert found[group].plain_bytes == sum(part.plain_bytes for part in parts)
        assert found[group].file_bytes == sum(part.file_bytes for part in parts)
        assert found[group].missing == ()


def test_records_come_in_order_and_whole(content, sample_dataset):
    for entry in content.configs.values():
        ids = [name for batch in reader.batches(sample_dataset, entry, ["id"]) for name in batch.column(0).to_pylist()]
        assert len(ids) == len(set(ids)) == entry.records
    assert next(reader.batches(sample_dataset, entry, COLUMNS)).schema.names == list(COLUMNS)


def test_an_unknown_config_gets_a_suggestion(content, sample_dataset):
    with pytest.raises(BuildError, match='There is no config "jsqad"') as caught:
        reader.config_named("jsqad", content, sample_dataset)

    assert caught.value.next_step.startswith('Did you mean "jsquad"?')


def test_a_config_that_was_not_built_is_named_with_those_that_were(content, sample_dataset):
    with pytest.raises(BuildError) as caught:
        reader.config_named("easy-ja", only(content, "jsquad"), sample_dataset)

    groups = ", ".join(group for group, names in catalogue.GROUPS.items() if "jsquad" in names)
    assert str(caught.value) == (
        f'{sample_dataset} holds no records of "easy-ja". It holds: {groups}, jsquad.\n'
        f"Next step: Build it: python -m builders build easy-ja --out {sample_dataset}"
    )


def _with_a_column_more(path: Path) -> None:
    table = pq.read_table(path)
    pq.write_table(table.append_column("more", table.column("id")), path)


@pytest.mark.parametrize(
    "damage", [*DAMAGES.values(), _with_a_column_more], ids=[*DAMAGES, "a column that no build writes"]
)
def test_a_damaged_file_is_named(damage, content, sample_dataset, tmp_path):
    shard = content.configs["jsquad"].shards[0]
    path = tmp_path / shard.path
    path.parent.mkdir()
    shutil.copy(sample_dataset / shard.path, path)
    damage(path)

    with pytest.raises(BuildError) as caught:
        list(reader.batches(tmp_path, content.configs["jsquad"], COLUMNS))

    assert caught.value.problem.startswith(f"{path} cannot be read: ")
    assert caught.value.next_step == f"Find out what is damaged: python -m builders verify {tmp_path}"
