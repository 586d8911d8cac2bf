"""What a clean build leaves behind: marks row for row, the curated records, and all else as it was."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest

from builders import layout
from builders.build.output import WORK
from builders.clean import marks, run, settings, write
from builders.errors import BuildError
from builders.files import finishing
from builders.schema import SCHEMA
from builders.tree import report
from builders.tree.verify import verify
from tests.build.test_run import flip_a_byte
from tests.support.clean_build import CONFIGS, clean, write_sources
from tests.support.digests import digests
from tests.support.pairs import CONFIG, build_pairs


def read(directory: Path, pattern: str) -> pl.DataFrame:
    return pl.concat([pl.read_parquet(path) for path in sorted(directory.glob(pattern))])


@pytest.fixture
def copy(planted_dataset, tmp_path):
    shutil.copytree(planted_dataset, tmp_path / "out")
    return tmp_path / "out"


@pytest.fixture
def cleaned(clean_dataset, tmp_path):
    shutil.copytree(clean_dataset, tmp_path / "out")
    return tmp_path / "out"


def test_what_was_built_is_only_read(planted_dataset, clean_dataset):
    before, after = digests(planted_dataset), digests(clean_dataset)

    data = [name for name in before if name.endswith((".parquet", ".jsonl"))]
    assert all(after[name] == before[name] for name in data)
    assert verify(clean_dataset) == []
    assert not (clean_dataset / WORK).exists()


def test_marks_stand_row_for_row_with_the_records(clean_dataset):
    content = report.load(clean_dataset)
    for entry in content.built.values():
        for shard in entry.shards:
            found = pq.read_table(clean_dataset / layout.marks_path(shard.path))
            assert found.schema.equals(marks.SCHEMA)
            assert found.column("id").equals(pq.read_table(clean_dataset / shard.path).column("id"))


def test_curated_records_are_those_that_no_rule_drops(clean_dataset):
    for name in CONFIGS:
        built, found = read(clean_dataset, f"{name}/*.parquet"), read(clean_dataset, f"marks/{name}/*.parquet")
        kept = found.filter(pl.col("dropped_by") == "")
        curated = list((clean_dataset / "clean" / name).glob("*.parquet"))
        ids = read(clean_dataset, f"clean/{name}/*.parquet")["id"].to_list() if curated else []
        assert ids == kept["id"].to_list()
        assert built["id"].to_list() == found["id"].to_list()
        assert all(pq.read_schema(path).equals(SCHEMA) for path in curated)


def test_planted_faults_are_found_and_named(clean_dataset):
    found = read(clean_dataset, f"marks/{CONFIG}/*.parquet").filter(pl.col("id").str.starts_with("tab_delimited:ja-en"))
    rules = dict(zip(found["id"].str.split(":").list.last(), found["rules"], strict=True))
    representative = dict(zip(found["id"].str.split(":").list.last(), found["representative"], strict=True))

    assert rules["line-7"] == "benchmark-overlap"
    assert rules["line-8"] == "exact-duplicate" and representative["line-8"] == "tab_delimited:ja-en:line-6"
    assert rules["line-9"] == "near-duplicate" and representative["line-9"] == "tab_delimited:ja-en:line-6"
    assert rules["line-10"].split(marks.SEPARATOR)[0] == "japanese-side"
    assert rules["line-6"] == ""
    assert found["pair_score"].null_count() == 0
    (leak,) = found.filter(pl.col("id") == "tab_delimited:ja-en:line-7").to_dicts()
    text = read(clean_dataset, f"{CONFIG}/*.parquet").filter(pl.col("id") == leak["id"])[leak["item_column"]][0]
    assert (leak["benchmark"], leak["item_score"]) == ("aio-dev", 1)
    assert text[leak["item_start"] : leak["item_end"]].strip("？?。") in text and leak["item_end"] > leak["item_start"]


def test_items_of_benchmarks_are_out_by_their_ids(clean_dataset):
    for name, beginning in (("knowledge-aio", "aio:question:dev-"), ("jsquad", "jsquad:question:valid-")):
        found = read(clean_dataset, f"marks/{name}/*.parquet")
        items = found.filter(pl.col("id").str.starts_with(beginning))
        assert len(items) and set(items["dropped_by"]) == {"benchmark-item"}
    benchmarks = report.load(clean_dataset).clean.benchmarks
    assert [one.left for one in benchmarks.values()] == [0] * len(benchmarks)


def test_repairs_are_kept_with_before_and_after(clean_dataset):
    found = read(clean_dataset, "marks/translation-easy-ja/*.parquet").filter(pl.col("repairs") != "")
    built = {row["id"]: row for row in read(clean_dataset, "translation-easy-ja/*.parquet").to_dicts()}
    curated = {row["id"]: row for row in read(clean_dataset, "clean/translation-easy-ja/*.parquet").to_dicts()}

    assert len(found)
    for row in found.to_dicts():
        for repair in json.loads(row["repairs"]):
            assert repair["rule"] in row["rules"].split(marks.SEPARATOR)
            assert built[row["id"]][repair["column"]] == repair["before"]
            if row["id"] in curated:
                assert curated[row["id"]][repair["column"]] == repair["after"]


def test_a_record_that_needs_no_repair_stands_for_one_that_does(clean_dataset):
    found = read(clean_dataset, "marks/translation-easy-ja/*.parquet")
    (mark,) = found.filter(pl.col("id") == "easy_japanese:ja-en:T15-2").to_dicts()

    assert mark["rules"] == f"english-spacing{marks.SEPARATOR}exact-duplicate"
    assert mark["representative"] == "tab_delimited:ja-en:line-11"


def test_a_second_run_does_nothing(cleaned, monkeypatch):
    before = {path: path.stat().st_mtime_ns for path in cleaned.rglob("*") if path.is_file()}
    monkeypatch.setattr(run, "_make", None)  # would be called, were there anything to do

    clean(cleaned)

    assert before == {path: path.stat().st_mtime_ns for path in cleaned.rglob("*") if path.is_file()}


@pytest.mark.slow
@pytest.mark.parametrize("workers", [2, 8])
def test_the_bytes_do_not_depend_on_workers(copy, clean_dataset, workers):
    clean(copy, workers=workers)

    assert digests(copy) == digests(clean_dataset)


SLOW_CLEAN = """
import sys, time
from contextlib import contextmanager
from pathlib import Path
from builders.clean import write
from tests.support.clean_build import clean
finishing = write.finishing
@contextmanager
def slow(directory):
    with finishing(directory) as temporary:
        yield temporary
    print("piece done", flush=True)
    time.sleep(60)
write.finishing = slow
clean(Path(sys.argv[1]))
"""


@pytest.mark.slow
def test_a_killed_clean_build_goes_on_where_it_was(copy, clean_dataset, monkeypatch):
    """Killed (not asked to stop) after its first piece was written: that piece is used, and the bytes are the same."""
    command = [sys.executable, "-c", SLOW_CLEAN, str(copy)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "piece done\n"
        process.send_signal(signal.SIGKILL)
    assert not (copy / "clean").exists() and report.load(copy).clean is None
    written, looked = [], []
    monkeypatch.setattr(write, "finishing", lambda directory: (written.append(directory), finishing(directory))[1])
    monkeypatch.setattr("builders.clean.inspect.finishing", looked.append)

    clean(copy)

    pieces = sum(len(entry.shards) for entry in report.load(copy).built.values())
    assert (len(looked), len(written)) == (0, pieces - 1)
    assert digests(copy) == digests(clean_dataset)


@pytest.mark.slow
@pytest.mark.parametrize("stopped", ["builders.clean.inspect", "builders.clean.write"])
def test_what_a_stopped_clean_build_finished_is_not_used_if_it_is_damaged(copy, clean_dataset, monkeypatch, stopped):
    @contextmanager
    def stop(directory: Path) -> Iterator[Path]:
        with finishing(directory) as temporary:
            yield temporary
        flip_a_byte(max(directory.iterdir(), key=lambda path: path.stat().st_size))
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(f"{stopped}.finishing", stop)
        with pytest.raises(KeyboardInterrupt):
            clean(copy)

    clean(copy)

    assert digests(copy) == digests(clean_dataset)


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.unlink(),
        flip_a_byte,
        lambda path: shutil.copy(path, path.with_name("stray.parquet")),
    ],
    ids=["gone", "byte flipped", "stray"],
)
@pytest.mark.parametrize("edition", ["clean", "marks"])
def test_verify_sees_damage_and_the_next_run_mends_it(cleaned, clean_dataset, damage, edition):
    damage(next(iter(sorted((cleaned / edition).glob("jsquad/*.parquet")))))
    assert len(verify(cleaned)) == 1

    clean(cleaned)

    assert digests(cleaned) == digests(clean_dataset)


def test_a_rule_that_is_switched_off_drops_nothing(cleaned):
    rules = dict(settings.defaults().thresholds)
    del rules["near-duplicate"], rules["benchmark-overlap"]

    content = clean(cleaned, settings.Settings(rules))

    entry = content.clean.configs[CONFIG]
    assert "near-duplicate" not in entry.hits and entry.dropped["exact-duplicate"] == 2
    assert not content.clean.rules["near-duplicate"].enabled
    assert content.clean.benchmarks["aio-dev"].left == 2
    assert content.clean.warnings == (
        "2 records of the curated edition hold an item of a benchmark (benchmark-overlap switched off).",
    )


def test_a_build_of_other_records_takes_the_edition_away(cleaned, tmp_path):
    write_sources(tmp_path / "sources")
    build_pairs(tmp_path / "sources", cleaned, CONFIGS)
    assert report.load(cleaned).clean is not None
    shutil.rmtree(tmp_path / "sources")
    write_sources(tmp_path / "sources")
    path = tmp_path / "sources" / "aio" / "aio_02_dev_v1.0.jsonl"
    path.write_bytes(path.read_bytes().split(b"\n", 1)[1])

    build_pairs(tmp_path / "sources", cleaned, CONFIGS)

    assert report.load(cleaned).clean is None
    assert not (cleaned / "clean").exists() and not (cleaned / "marks").exists()
    assert verify(cleaned) == []


def test_a_dataset_that_is_not_sound_is_refused(copy):
    path = next((copy / CONFIG).glob("*.parquet"))
    flip_a_byte(path)
    before = digests(copy)
    with pytest.raises(BuildError) as error:
        clean(copy)
    assert str(error.value) == (
        f"{copy} is not what its report says, so nothing was cleaned:\n"
        f"  {CONFIG}/{path.name}: the content changed (its sha256 is not the report's); build again\n"
        f"Next step: Build again what is damaged: python -m builders build --out {copy}"
    )
    assert digests(copy) == before


def test_marks_of_another_build_are_told(cleaned):
    content = report.load(cleaned)
    report.dump(replace(content, clean=replace(content.clean, built="0" * 64)), cleaned)

    assert verify(cleaned) == [
        "marks/: the marks are those of another build; make them again: python -m builders clean DIR"
    ]


def test_a_benchmark_that_matches_half_of_a_corpus_is_shown(cleaned, tmp_path):
    texts = read(cleaned, "easy-ja/*.parquet")["input"].to_list()
    exam = tmp_path / "exam.jsonl"
    exam.write_text("".join(json.dumps({"question": text}) + "\n" for text in texts), encoding="utf-8")

    content = clean(cleaned, files=[str(exam)])

    (warning,) = [text for text in content.clean.warnings if " records of easy-ja:" in text]
    hits = content.clean.benchmarks["exam"].hits["easy-ja"]
    assert warning.startswith(f"exam matches {hits} of {len(texts)} records of easy-ja: most likely a template. ")
    assert any(warning.endswith(text) for text in texts)
    assert content.clean.benchmarks["exam"].left == 0


def test_another_output_directory_leaves_the_first_as_it_is(planted_dataset, clean_dataset, tmp_path):
    before = digests(planted_dataset)

    run.copy_built(planted_dataset, tmp_path / "other")
    clean(tmp_path / "other")

    assert digests(planted_dataset) == before
    assert digests(tmp_path / "other") == digests(clean_dataset)
