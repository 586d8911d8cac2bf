"""The table of precision and recall on labelled pairs is the one in the repository.

`python -m finetune.evaluation.measure_near > tests/finetune/evaluation/golden/measure_near.txt` rewrites it.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pyarrow as pa
import pytest

from finetune.evaluation import measure_near, seen

GOLDEN = Path(__file__).parent / "golden" / "measure_near.txt"
FREE = {"Apache-2.0", "CC-BY-2.0-FR", "CC-BY-4.0"}
"""Others, of JSQuAD and Wikipedia say, would have to be this repository's own."""


@pytest.fixture(scope="module")
def cases():
    return measure_near.pairs()


def records(cases, side):
    place = ("asked", "trained").index(side)
    return [dict(zip(measure_near.COLUMNS, case[side], strict=True)) | {"id": case["from"][place]} for case in cases]


def test_the_command_prints_the_table_in_the_repository(capsys):
    assert measure_near.main([]) == 0
    assert capsys.readouterr().out == GOLDEN.read_text("utf-8")


def test_enough_labelled_pairs(cases):
    for split in measure_near.SPLITS:
        labels = [case["seen"] for case in cases if case["split"] == split]
        assert labels.count(True) >= 30 and labels.count(False) >= 60
    for name, values in (("kind", measure_near.KINDS), ("drawn", measure_near.DRAWN), ("split", measure_near.SPLITS)):
        assert {case[name] for case in cases} == set(values)


def test_texts_are_of_free_licenses_and_no_record_stands_twice(cases):
    assert {name for case in cases for name in case["license"]} <= FREE
    assert max(Counter(identifier for case in cases for identifier in case["from"]).values()) == 1


def test_what_is_rare_is_judged_by_the_dataset_that_is_given(cases, jsonl, capsys):
    assert measure_near.main(["--data", jsonl(records(cases, "trained") * 2)]) == 0
    lines = capsys.readouterr().out.splitlines()
    golden = GOLDEN.read_text("utf-8").splitlines()
    assert [line.split("  ")[0] for line in lines] == [line.split("  ")[0] for line in golden]
    assert lines != golden


def test_no_pair_is_told_by_another_s_record_or_by_an_equal_text(cases):
    """Each is decided among all that was trained on, so the others must say nothing of it."""
    trained = records(cases, "trained")
    for place, record in enumerate(records(cases, "asked")):
        asked = pa.Table.from_pylist([record])
        others = seen.Trained(pa.Table.from_pylist(trained[:place] + trained[place + 1 :]))
        assert not others.near(asked).any(), record
    new, old = (seen._texts(seen._frame(pa.Table.from_pylist(records(cases, side)))) for side in ("asked", "trained"))
    for one, other in seen.SIDES:
        assert not (new[one] == old[other]).any()
