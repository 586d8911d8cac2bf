"""Any record can be explained from its raw row on: kept, dropped or rejected."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest

from builders import download
from builders.build.patches import PATCHES, Patch
from builders.clean.explain import explain
from builders.commands.options import SAMPLES
from builders.errors import BuildError
from builders.files import sha256
from builders.tree import report
from tests.support.damage import DAMAGES
from tests.support.pairs import CONFIG
from tests.support.permissions import unprivileged

OBTAIN = partial(download.obtain, sources=SAMPLES)


def test_one_record_of_each_template_is_made_anew(sample_dataset):
    content = report.load(sample_dataset)
    for name, entry in content.built.items():
        ids = pl.concat(
            [pl.read_parquet(sample_dataset / shard.path, columns=["id", "task"]) for shard in entry.shards]
        )
        for record in ids.group_by("task", maintain_order=True).last()["id"]:
            found = explain(record, sample_dataset, content, OBTAIN)
            assert found.config == name
            assert found.record["id"] == record
            assert found.rebuilt is True, record


def test_the_raw_row_and_its_place(sample_dataset):
    found = explain("tab_delimited:ja-en:9021-8021", sample_dataset, report.load(sample_dataset), OBTAIN)

    assert found.raw.cells["english"] == "The library is closed on Mondays."
    assert (found.raw.part, found.raw.number) == ("jpn-eng.zip", 22)
    assert found.raw_files[0].sha256 == sha256(found.raw.files[0].path)
    assert found.decided == "It is a record; there is no curated edition."


def test_a_corrected_row_names_its_correction(sample_dataset, monkeypatch):
    patch = Patch(
        "the-library", "tab_delimited", "9021-8021", "english", "The library is closed.", "Closed.", "cut short"
    )
    monkeypatch.setitem(PATCHES, "tab_delimited", (patch,))

    found = explain("tab_delimited:ja-en:9021-8021", sample_dataset, report.load(sample_dataset), OBTAIN)

    assert found.raw.corrections == {"the-library": "english, raw text differs: cut short"}
    assert found.rebuilt


def test_a_dropped_record_names_its_rule(clean_dataset):
    found = explain("tab_delimited:ja-en:line-8", clean_dataset, report.load(clean_dataset))

    assert found.marks["dropped_by"] == "exact-duplicate"
    assert found.decided == (
        "It is not in the curated edition: exact-duplicate. Another record says the same, word for word. "
        "tab_delimited:ja-en:line-6 stays in its place."
    )
    assert found.rebuilt is None
    assert found.notes == ("The raw files were not looked at: name them with --sources DIR.",)


def test_kept_records(clean_dataset):
    content = report.load(clean_dataset)

    kept = explain("tab_delimited:ja-en:line-6", clean_dataset, content).decided
    repaired = explain("easy_japanese:ja-en:T15-1", clean_dataset, content).decided

    assert kept == "It is in the curated edition, as it was built."
    assert repaired == "It is in the curated edition, repaired."


def test_every_rejected_row_is_found_by_its_place(sample_dataset):
    content = report.load(sample_dataset)
    for name in ("translation-tab-delimited", "jsquad"):
        for line in (sample_dataset / f"rejected/{name}.jsonl").read_text("utf-8").splitlines():
            row = json.loads(line)
            found = explain(row["place"], sample_dataset, content, OBTAIN)
            assert found.rejected == row
            assert found.decided == f"It is no record: {row['reason']}."
            assert found.notes == ("Read anew from the raw files, the row is rejected again, for the same reason.",)


def test_a_raw_file_that_is_another_one(sample_dataset):
    content = report.load(sample_dataset)
    entry = content.configs["jsquad"]
    files = tuple(replace(file, sha256="0" * 64) for file in entry.files)
    content = replace(content, configs={**content.configs, "jsquad": replace(entry, files=files)})
    record = pl.read_parquet(sample_dataset / entry.shards[0].path)["id"][0]

    found = explain(record, sample_dataset, content, OBTAIN)

    assert found.notes[0].startswith(f"{files[0].name} is not the file that was built from: its sha256 is ")


def test_what_is_not_there(sample_dataset):
    with pytest.raises(BuildError) as error:
        explain("jsquad:question:nobody", sample_dataset, report.load(sample_dataset))

    assert error.value.problem == f'{sample_dataset} holds no record and no rejected row "jsquad:question:nobody".'


def test_marks_of_another_build(clean_dataset):
    content = report.load(clean_dataset)
    other = replace(content, clean=replace(content.clean, built="0" * 64))
    with pytest.raises(BuildError) as error:
        explain("tab_delimited:ja-en:line-6", clean_dataset, other)

    assert str(error.value) == (
        f"The marks in {clean_dataset} are those of another build.\n"
        f"Next step: Make the marks again: python -m builders clean {clean_dataset}"
    )


RECORD, SHARD = "tab_delimited:ja-en:line-6", f"{CONFIG}/train-permissive-00000-of-00001.parquet"
NEXT_STEPS = {
    SHARD: "Find out what is damaged: python -m builders verify {}",
    f"marks/{SHARD}": "Make the marks again: python -m builders clean {}",
    f"rejected/{CONFIG}.jsonl": "Find out what is damaged: python -m builders verify {}",
}


@pytest.fixture
def built(clean_dataset, tmp_path):
    """A copy that a test may damage."""
    return shutil.copytree(clean_dataset, tmp_path / "built")


def refusal(name, directory, content=None):
    with pytest.raises(BuildError) as error:
        explain(name, directory, content or report.load(directory))
    return error.value


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
@pytest.mark.parametrize("file", [SHARD, f"marks/{SHARD}"])
def test_a_damaged_file_is_named(built, file, damage):
    damage(built / file)

    error = refusal(RECORD, built)

    assert error.problem.startswith(f"{built / file} cannot be read: ")
    assert error.next_step == NEXT_STEPS[file].format(built)


DAMAGED_LINES = {
    "no JSON": b'{"place": "jpn.txt line 1", ',
    "no object": b'["jpn.txt line 1"]\n',
    "a key is missing": b'{"place": "jpn.txt line 1"}\n',
    "no UTF-8": b'{"place": "\xff", "reason": "", "raw": ""}\n',
}


@pytest.mark.parametrize(
    "damage",
    [DAMAGES["missing"], DAMAGES["a FIFO"], *(partial(Path.write_bytes, data=line) for line in DAMAGED_LINES.values())],
    ids=["missing", "a FIFO", *DAMAGED_LINES],
)
def test_damaged_rejected_rows_are_named(sample_dataset, tmp_path, damage):
    file = f"rejected/{CONFIG}.jsonl"
    built = shutil.copytree(sample_dataset, tmp_path / "built")
    damage(built / file)

    error = refusal("no row is called that", built)

    assert error.problem.startswith(f"{built / file} cannot be read: ")
    assert error.next_step == NEXT_STEPS[file].format(built)


@pytest.mark.parametrize(
    ("name", "file"),
    [(RECORD, SHARD), (RECORD, f"marks/{SHARD}"), ("no row is called that", f"rejected/{CONFIG}.jsonl")],
)
def test_a_file_that_may_not_be_read(sample_dataset, clean_dataset, name, file):
    source = sample_dataset if file.startswith("rejected") else clean_dataset
    files = {path.relative_to(source): path.read_bytes() for path in source.rglob("*") if path.is_file()}
    with unprivileged() as directory:
        for path, content in files.items():
            (directory / path).parent.mkdir(parents=True, exist_ok=True)
            (directory / path).write_bytes(content)
        (directory / file).chmod(0)
        error = refusal(name, directory)
        assert error.problem.startswith(f"{directory / file} cannot be read: ") and "Permission denied" in error.problem
        assert error.next_step == NEXT_STEPS[file].format(directory)


def test_marks_that_do_not_fit(clean_dataset):
    """No marks of the config, none of its file, marks of other records, and by a rule that the report does not have."""
    content = report.load(clean_dataset)
    clean, edition = content.clean, content.clean.configs[CONFIG]
    others = {
        "no config": replace(clean, configs={}),
        "no file": replace(clean, configs={CONFIG: replace(edition, marks=())}),
        "other records": replace(clean, configs={CONFIG: clean.configs["easy-ja"]}),
        "no rule": replace(clean, rules={}),
    }
    for name, other in others.items():
        error = refusal("tab_delimited:ja-en:line-8", clean_dataset, replace(content, clean=other))
        assert error.problem == f"The marks in {clean_dataset} are those of another build.", name


def test_marks_with_too_few_rows(built):
    path = built / "marks" / SHARD
    pq.write_table(pq.read_table(path).slice(0, 1), path)

    assert refusal(RECORD, built).problem == f"{path} cannot be read: it has too few rows"
