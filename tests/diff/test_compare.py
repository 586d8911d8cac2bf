"""Two builds that differ in something known: the counts, and the reason that is named for them."""

from __future__ import annotations

import shutil
from dataclasses import replace

import polars as pl
import pytest

from builders.build import patches
from builders.build.patches import Patch
from builders.clean import settings
from builders.diff import compare
from builders.diff.causes import Cause
from builders.diff.dataset import in_directory
from builders.documents import describe
from builders.errors import BuildError
from builders.tree import report
from tests.diff.datasets import PAIRS, build, ids
from tests.support.clean_build import clean
from tests.support.damage import without_utf8
from tests.support.editions import edition, output_file
from tests.support.pairs import CONFIG


def read_ids(directory, config) -> set[str]:
    return {record for path in (directory / config).glob("*") for record in pl.read_parquet(path)["id"]}


def changes(old, new, limit=10):
    one, other = in_directory(old), in_directory(new)
    return compare.compare(one, other, compare.pairs(one, other), limit)


def only(found):
    """The one config that differs."""
    (config,) = found.different
    return config


def why(config) -> list[str]:
    return [f"{cause.kind} {cause.name}: {cause.what}{cause.counted}" for cause in config.causes]


@pytest.fixture
def old(tmp_path):
    return build(tmp_path / "old")


def patch(**fields: str) -> dict[str, tuple[Patch, ...]]:
    whole = {"name": "the-third", "key": "3-3", "column": "japanese", "was": PAIRS[3][1], "becomes": "三番目です。"}
    return {"tab_delimited": (Patch(corpus="tab_delimited", reason="it was wrong", **{**whole, **fields}),)}


def test_another_raw_file(old, tmp_path):
    pairs = {number: pair for number, pair in PAIRS.items() if number != 2}
    pairs |= {3: (PAIRS[3][0], "三番目の文です。"), 9: ("Nine.", "九。")}

    found = only(changes(old, build(tmp_path / "new", pairs)))

    assert (found.before, found.after, found.added, found.removed, found.changed) == (14, 14, 2, 2, 2)
    assert found.columns == {"input": 1, "output": 1} and found.moved == 0
    assert {example.id for example in found.examples} == ids(2, 3, 9)
    (cause,) = found.causes
    files = [report.load(tmp_path / side / "out").configs[CONFIG].files[0].sha256[:12] for side in ("old", "new")]
    assert (cause.kind, cause.name) == ("raw file", "jpn-eng.zip")
    assert cause.what == f"is another one: sha256 {files[0]}… before, {files[1]}… now"


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        (None, {}, "is new, applied: it was wrong"),
        ({}, None, "is not there any more"),
        ({}, {"becomes": "参番目。"}, "is another one: it was wrong"),
        ({"was": "another text"}, {}, "was raw text differs, is applied: it was wrong"),
    ],
)
def test_a_patch(before, after, what, tmp_path, monkeypatch):
    """The corrections are those of the repository at the time of each build, and of the comparison after them."""
    for name, fields in (("old", before), ("new", after)):
        there = patch(**fields) if fields is not None else {"tab_delimited": ()}
        monkeypatch.setitem(patches.PATCHES, "tab_delimited", there["tab_delimited"])
        build(tmp_path / name)

    found = only(changes(tmp_path / "old" / "out", tmp_path / "new" / "out"))

    assert (found.added, found.removed, found.changed) == (0, 0, 2)
    if after is None:  # its key went with it, so nothing says that its records are the only ones
        assert why(found)[-1] == f"patch the-third: {what}"
    else:
        assert why(found) == [f"patch the-third: {what} (2 records)"]


def test_rows_that_are_rejected_now(old, tmp_path):
    found = only(changes(old, build(tmp_path / "new", PAIRS | {4: (PAIRS[4][0], " ")})))

    assert (found.added, found.removed, found.changed) == (0, 2, 0)
    assert why(found)[-1].startswith("rejected rows : for this reason, 1 now and 0 before: ")


def rewritten(old, new, version=2, **fields):
    """The dataset with another output in every record, as if other code had made it; `version` is the task's."""
    edition(old, new, "2.0.0")
    templates, content = report.load(old).configs[CONFIG].templates, report.load(new)
    entry = replace(content.configs[CONFIG], templates=templates, version=version)
    describe(replace(content, configs={CONFIG: entry}, **fields), new)
    return new


def test_a_task_of_another_version(old, tmp_path):
    new = rewritten(old, tmp_path / "new", version=3)

    found = only(changes(old, new))

    assert (found.changed, found.columns) == (14, {"output": 14})
    assert why(found) == ["task : is of version 3, before 2: its instruction texts or rules"]


def test_what_the_reports_do_not_tell_is_the_code(old, tmp_path):
    new = rewritten(old, tmp_path / "new", software={"pyarrow": "99.0"})

    (cause,) = only(changes(old, new)).causes

    assert cause.kind == "code"
    assert "of what it runs on (pyarrow " in cause.what and "→ 99.0)" in cause.what


def test_a_patch_is_not_blamed_for_what_changed_everywhere(old, tmp_path, monkeypatch):
    monkeypatch.setitem(patches.PATCHES, "tab_delimited", patch()["tab_delimited"])
    patched = build(tmp_path / "patched")

    (cause,) = only(changes(patched, rewritten(patched, tmp_path / "new"))).causes

    assert cause.kind == "code"


def test_texts_under_other_ids(old, tmp_path):
    found = only(changes(old, build(tmp_path / "new", {number + 1: pair for number, pair in PAIRS.items()})))

    assert (found.added, found.removed, found.changed, found.moved) == (2, 2, 12, 14)


def test_configs_that_one_dataset_lacks(sample_dataset, tmp_path):
    new = shutil.copytree(sample_dataset, tmp_path / "new")
    content = report.load(new)
    shutil.rmtree(new / "jsquad")
    configs = {name: entry for name, entry in content.configs.items() if name != "jsquad"}
    describe(replace(content, configs=configs), new)
    records = content.configs["jsquad"].records

    gone, came = only(changes(sample_dataset, new, 1)), only(changes(new, sample_dataset, 1))

    assert (gone.name, gone.before, gone.after, gone.removed) == ("jsquad", records, 0, records)
    assert (came.name, came.before, came.after, came.added) == ("jsquad", 0, records, records)
    assert why(gone) == ["config : is not built any more"] and why(came) == ["config : was not built before"]


def test_only_files_that_differ_are_asked_for(old, sample_dataset, tmp_path):
    new = shutil.copytree(sample_dataset, tmp_path / "new")
    edited = build(tmp_path / "edited", PAIRS)
    content, other = report.load(new), report.load(edited)
    shutil.rmtree(new / CONFIG)
    shutil.copytree(edited / CONFIG, new / CONFIG)
    describe(replace(content, configs={**content.configs, CONFIG: other.configs[CONFIG]}), new)
    asked: list[str] = []
    sides = [
        replace(in_directory(directory), fetch=lambda files: asked.extend(file.path for file in files))
        for directory in (sample_dataset, new)
    ]

    work = compare.pairs(*sides)
    found = compare.compare(*sides, work, 1)

    assert [config.name for config in found.different] == [CONFIG]
    assert {path.partition("/")[0] for path in asked} == {CONFIG} and len(asked) == 2
    assert work.records == content.configs[CONFIG].records + 2 * len(PAIRS)


def test_the_curated_edition_by_its_rules(clean_dataset, tmp_path):
    """Exact duplicates stay without their rule; what the marks say is what the Parquet files hold."""
    new = shutil.copytree(clean_dataset, tmp_path / "new")
    rules = settings.defaults()
    without = {name: values for name, values in rules.thresholds.items() if name != "exact-duplicate"}
    clean(new, settings.Settings(without))

    found, back = changes(clean_dataset, new), changes(new, clean_dataset)

    assert [(cause.kind, cause.name, cause.what) for cause in found.settings] == [
        ("rule", "exact-duplicate", "is switched off")
    ]
    assert found.different and all(config.name.startswith("clean/") for config in found.different)
    for config, reverse in zip(found.different, back.different, strict=True):
        before, after = (read_ids(directory, config.name) for directory in (clean_dataset, new))
        assert (config.added, config.removed) == (len(after - before), len(before - after))
        assert sum(cause.records or 0 for cause in config.causes) == config.added + config.removed + config.changed
        assert {cause.name for cause in config.causes} <= {"exact-duplicate", "near-duplicate", ""}
        assert any("exact-duplicate: drops them no more: Another record says the same" in line for line in why(config))
        assert any("exact-duplicate: drops them: Another record says the same" in line for line in why(reverse))


def test_marks_that_cannot_be_read_though_the_report_agrees(clean_dataset, tmp_path):
    old, new = (shutil.copytree(clean_dataset, tmp_path / name) for name in ("old", "new"))
    clean(new, settings.Settings({}))
    content = report.load(old)
    [mark] = content.clean.configs[CONFIG].marks
    (old / mark.path).write_bytes(without_utf8(old / mark.path))
    edition = replace(content.clean.configs[CONFIG], marks=(replace(output_file(old, mark.path), rows=mark.rows),))
    configs = {**content.clean.configs, CONFIG: edition}
    report.dump(replace(content, clean=replace(content.clean, configs=configs)), old)

    with pytest.raises(BuildError) as error:
        changes(old, new)

    assert error.value.problem.startswith(f"{old / mark.path} cannot be read: ")
    assert error.value.next_step == f"Make the marks again: python -m builders clean {old}"


def test_a_curated_edition_follows_what_was_built(old, tmp_path):
    new = build(
        tmp_path / "new", PAIRS | {3: (PAIRS[3][0], "三番目の文です。"), 9: ("Number nine is here.", "九番目です。")}
    )
    for directory in (old, new):
        clean(directory)

    found = {config.name: config for config in changes(old, new).configs}
    edited = found[f"clean/{CONFIG}"]

    assert edited.added == found[CONFIG].added == 2 and edited.changed == found[CONFIG].changed == 2
    assert why(edited) == [
        "records : were added to what was built (2 records)",
        "records : were changed in what was built (2 records)",
    ]


def test_an_edition_that_was_not_made_before(old, tmp_path):
    new = shutil.copytree(old, tmp_path / "new")
    clean(new)

    records = report.load(new).clean.configs[CONFIG].records

    came, gone = changes(old, new), changes(new, old)

    assert not came.different and not gone.different
    assert came.settings == (Cause("curated edition", "", "is new", records),)
    assert gone.settings == (Cause("curated edition", "", "is not there any more", records),)


def test_one_directory_is_not_compared_with_itself(old, tmp_path):
    (tmp_path / "link").symlink_to(old)
    one, other = in_directory(old), in_directory(tmp_path / "link")

    with pytest.raises(BuildError, match="are the same dataset"):
        compare.pairs(one, other)
