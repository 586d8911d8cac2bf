"""What was found in real records is measured by ids alone."""

from __future__ import annotations

import re

from builders.clean.evaluate import labelled
from builders.clean.measures import found
from builders.clean.overlap.benchmarks import collect
from builders.tree import report


def test_labelled_hits_are_looked_up_by_their_ids(sample_dataset, monkeypatch):
    own = next(one for one in collect(sample_dataset, report.load(sample_dataset), ()) if one.name == "aio-dev")
    item, other = own.items[:2]
    cases = [
        {"item": item.key, "record": item.key, "leak": True},
        {"item": item.key, "record": other.key, "leak": False},
        {"item": item.key, "record": "aio:question:of-another-dataset", "leak": True},
    ]
    monkeypatch.setattr(found, "labelled", lambda name: cases)

    (row,) = found.measure_found(sample_dataset)

    assert (row.case, row.positives, row.negatives, row.found, row.wrong) == ("real, own benchmarks", 1, 1, 1, 0)


def test_each_labelled_hit_is_there_once_and_belongs_to_a_benchmark():
    pairs = [(case["item"], case["record"]) for case in labelled(found.FILE)]
    thousands = "".join(found.TRAINING.values()).replace("][", "")

    assert len(set(pairs)) == len(pairs) >= 150
    assert all(re.search(rf"question:(valid-|dev-|train-{thousands}\d{{3}}$)", item) for item, _ in pairs)
