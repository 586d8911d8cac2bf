"""The sums of the funnel come out, from above and from below."""

from __future__ import annotations

import polars as pl
import pyarrow.parquet as pq
import pytest

from builders import catalogue
from builders.tree import funnel, report
from builders.tree.funnel import Funnel


@pytest.fixture(scope="module", params=["built", "curated"])
def dataset(request, sample_dataset, clean_dataset):
    return sample_dataset if request.param == "built" else clean_dataset


def test_rejected_rows_are_those_of_the_file(dataset):
    content = report.load(dataset)
    for name, way in funnel.of_report(content).items():
        path = dataset / f"rejected/{name}.jsonl"
        lines = path.read_bytes().count(b"\n") if path.is_file() else 0
        assert sum(way.rejected_rows.values()) + sum(way.rejected_records.values()) == lines


def test_records_are_rows_times_templates(dataset):
    """Counted from the files: each template of a record type gives one record for each row that was used."""
    content = report.load(dataset)
    for name, way in funnel.of_report(content).items():
        if not way.rows:
            continue
        assert way.made - sum(way.rejected_records.values()) == way.records
        tasks = pl.concat(
            [pl.read_parquet(dataset / shard.path, columns=["task"]) for shard in content.configs[name].shards]
        )
        counts = dict(tasks["task"].value_counts().iter_rows())
        assert sum(counts.values()) == way.records
        by_type: dict[str, int] = {}
        for template in catalogue.TASK_CONFIGS[name][1].templates:
            by_type[template.record_type] = counts.get(template.name, 0)
        if not way.rejected_records:
            assert sum(by_type.values()) == way.used


def test_what_is_dropped_and_what_is_left_are_the_records(clean_dataset):
    content = report.load(clean_dataset)
    for name, way in funnel.of_report(content).items():
        files = content.clean.configs[name]
        assert way.clean == sum(pq.read_metadata(clean_dataset / shard.path).num_rows for shard in files.shards)
        assert way.records - sum(way.dropped.values()) == way.clean == files.records
        marks = pl.concat([pl.read_parquet(clean_dataset / file.path) for file in files.marks])
        dropped = dict(marks.filter(pl.col("dropped_by") != "")["dropped_by"].value_counts().iter_rows())
        assert dropped == dict(way.dropped)
        hits = dict(marks["rules"].str.split(" ").explode().value_counts().iter_rows())
        hits.pop("", None)
        assert hits == dict(files.hits)


def test_the_sum_of_all_is_the_sum_of_each(clean_dataset):
    funnels = funnel.of_report(report.load(clean_dataset))
    total = funnel.total(funnels.values())

    assert total.rows == sum(way.rows for way in funnels.values())
    assert total.used == total.rows - sum(total.rejected_rows.values())
    assert total.made - sum(total.rejected_records.values()) == total.records
    assert total.records - sum(total.dropped.values()) == total.clean


def test_blank_records_are_no_rejected_rows(sample_dataset):
    entry = report.load(sample_dataset).configs["jsquad"]
    changed = type(entry)(**{**vars(entry), "rejected": {"no answer": 2, "blank output": 3}})

    way = funnel.of_config(changed, None)

    assert (way.rejected_rows, way.rejected_records) == ({"no answer": 2}, {"blank output": 3})
    assert (way.used, way.made, way.clean) == (entry.rows_read - 2, entry.records + 3, None)


def test_funnels_add_up():
    assert Funnel(rows=2, dropped={"a": 1}) + Funnel(rows=3, dropped={"a": 2, "b": 1}, clean=4) == Funnel(
        rows=5, dropped={"a": 3, "b": 1}, clean=4
    )
