"""What a build leaves behind: a whole dataset with a true report, after a crash, a second run, or with several workers."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import filelock
import psutil
import pyarrow.parquet as pq
import pytest

from builders import download
from builders.build import run, shards
from builders.build.joining import join
from builders.build.output import disk_errors
from builders.build.plan import plan_configs
from builders.build.slices import build_slice
from builders.clean.run import copy_built
from builders.commands.options import SAMPLES
from builders.documents import describe
from builders.errors import BuildError
from builders.files import SUMS, finishing, sha256
from builders.tree import report
from builders.tree.verify import verify
from samples import dumps
from tests.support.digests import digests
from tests.support.editions import output_file
from tests.support.pairs import ARCHIVE, CONFIG, build_pairs, numbered, write_pairs
from tests.support.reports import changed, with_config

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 300.0
"""Seconds after which a process that should end goes on."""


def test_the_dataset_and_its_report(tmp_path):
    write_pairs(tmp_path, [*numbered(3), "Four", "\t五", "Six\t六"])
    out = tmp_path / "out"
    content = build_pairs(tmp_path, out)
    entry = content.configs[CONFIG]
    assert report.load(out) == content
    assert (entry.rows_read, entry.records) == (6, 8)
    assert entry.rejected == {"1 columns instead of 2": 1, "empty english": 1}
    assert entry.templates == {"ja-en": 4, "en-ja": 4}
    assert entry.difference == 8 - 202_398
    assert entry.why == (
        "2 rows were rejected; another edition of the file, which grows by some 12,000 pairs a year; "
        "not explained: -122,386 records"
    )
    [file] = entry.files
    assert (file.status, file.sha256) == ("unpinned", sha256(tmp_path / ARCHIVE))
    table = pq.read_table(out / entry.shards[0].path)
    assert table.column("id").to_pylist()[0] == "tab_delimited:ja-en:line-1"
    assert verify(out) == []
    assert not (out / run.WORK).exists()


def test_a_second_run_does_nothing(tmp_path, monkeypatch):
    write_pairs(tmp_path, numbered(3))
    first = build_pairs(tmp_path, tmp_path / "out")
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*") if path.is_file()}
    monkeypatch.setattr(shards, "build", None)  # would be called, were there anything to do
    assert build_pairs(tmp_path, tmp_path / "out") == first
    assert times == {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*") if path.is_file()}


def test_changed_raw_files_are_built_again(tmp_path):
    write_pairs(tmp_path, numbered(3))
    build_pairs(tmp_path, tmp_path / "out")
    write_pairs(tmp_path, numbered(4))
    assert build_pairs(tmp_path, tmp_path / "out").configs[CONFIG].records == 8
    assert verify(tmp_path / "out") == []


@pytest.mark.parametrize(
    "damage",
    [
        lambda out: (out / CONFIG / "train-permissive-00000-of-00001.parquet").unlink(),
        lambda out: (out / CONFIG / "stray.parquet").write_bytes(b""),
        lambda out: (out / "README.md").write_text("edited"),
        lambda out: flip_a_byte(out / CONFIG / "train-permissive-00000-of-00001.parquet"),
    ],
    ids=["shard gone", "stray file", "card edited", "byte flipped"],
)
def test_a_damaged_dataset_is_mended_by_the_next_run(tmp_path, damage):
    write_pairs(tmp_path, numbered(3))
    build_pairs(tmp_path, tmp_path / "out")
    whole = digests(tmp_path / "out")
    damage(tmp_path / "out")
    assert verify(tmp_path / "out") != []
    build_pairs(tmp_path, tmp_path / "out")
    assert digests(tmp_path / "out") == whole


def test_what_a_stopped_clean_left_is_taken_away_by_the_next_build(tmp_path):
    write_pairs(tmp_path, numbered(3))
    build_pairs(tmp_path, tmp_path / "out")
    whole = digests(tmp_path / "out")
    (tmp_path / "out" / "clean" / CONFIG).mkdir(parents=True)
    (tmp_path / "out" / "clean" / CONFIG / "train-00000-of-00001.parquet").touch()
    assert verify(tmp_path / "out") != []
    build_pairs(tmp_path, tmp_path / "out")
    assert digests(tmp_path / "out") == whole and verify(tmp_path / "out") == []


def flip_a_byte(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def test_what_a_killed_build_left_half_written_is_taken_away(tmp_path):
    write_pairs(tmp_path, [*numbered(3), "no tab"])
    build_pairs(tmp_path, tmp_path / "out")
    whole = digests(tmp_path / "out")
    for name in ("README.md.0123abcd.tmp", f"rejected/{CONFIG}.jsonl.0123abcd.tmp"):
        (tmp_path / "out" / name).touch()
    build_pairs(tmp_path, tmp_path / "out")
    assert digests(tmp_path / "out") == whole


def test_configs_not_asked_for_stay(tmp_path):
    shutil.copytree(SAMPLES / "coursera", tmp_path / "coursera")
    (tmp_path / "SAMPLE").touch()
    write_pairs(tmp_path, numbered(3))
    build_pairs(tmp_path, tmp_path / "out")
    content = build_pairs(tmp_path, tmp_path / "out", configs=["translation-coursera"])
    assert list(content.configs) == ["translation-coursera", CONFIG]
    assert verify(tmp_path / "out") == []


def test_a_config_without_rejected_rows_has_no_file_of_them(tmp_path):
    write_pairs(tmp_path, [*numbered(3), "no tab"])
    build_pairs(tmp_path, tmp_path / "out")
    assert (tmp_path / "out" / "rejected" / f"{CONFIG}.jsonl").is_file()
    write_pairs(tmp_path, numbered(3))
    content = build_pairs(tmp_path, tmp_path / "out")
    assert content.configs[CONFIG].rejected_rows.rows == 0
    assert not list((tmp_path / "out" / "rejected").iterdir())
    assert verify(tmp_path / "out") == []


def test_files_with_names_of_an_earlier_layout_are_built_again(tmp_path):
    write_pairs(tmp_path, numbered(3))
    content = build_pairs(tmp_path, tmp_path / "out")
    whole = digests(tmp_path / "out")
    [shard] = content.configs[CONFIG].shards
    old = replace(shard, path=f"{CONFIG}/train-00000-of-00001.parquet")
    (tmp_path / "out" / shard.path).rename(tmp_path / "out" / old.path)
    report.dump(with_config(content, CONFIG, shards=(old,)), tmp_path / "out")
    build_pairs(tmp_path, tmp_path / "out")
    assert digests(tmp_path / "out") == whole


def test_a_config_without_files_is_reported_and_has_no_directory(tmp_path):
    content = build_pairs(tmp_path, tmp_path / "out", best_effort=True)
    entry = content.configs[CONFIG]
    assert (entry.records, entry.shards) == (0, ())
    assert entry.why.startswith("jpn-eng.zip is missing")
    assert not (tmp_path / "out" / CONFIG).exists()
    assert verify(tmp_path / "out") == []


@pytest.mark.slow
def test_the_bytes_do_not_depend_on_workers(tmp_path):
    def build(workers: int) -> dict[str, str]:
        out = tmp_path / f"by {workers}"
        configs = ["translation-coursera", "easy-ja", "knowledge-jcommonsenseqa", "jsquad"]
        build_pairs(SAMPLES, out, configs=configs, workers=workers)
        return digests(out)

    assert build(1) == build(3)


SLOW_BUILD = """
import sys, time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from builders.build import shards
from tests.support.pairs import build_pairs
finishing = shards.finishing
@contextmanager
def slow(directory):
    with finishing(directory) as temporary:
        yield temporary
    print("shard done", flush=True)
    time.sleep(600)
shards.finishing = slow
build_pairs(Path(sys.argv[1]), Path(sys.argv[2]), configs=["easy-ja"])
"""


@pytest.mark.slow
def test_a_killed_build_goes_on_where_it_was(tmp_path, monkeypatch):
    """Killed (not asked to stop) after its first shard: that shard is used, the dataset comes out as from one run."""
    command = [sys.executable, "-c", SLOW_BUILD, str(SAMPLES), str(tmp_path / "out")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "shard done\n"
        process.send_signal(signal.SIGKILL)
    assert not (tmp_path / "out" / "report.json").exists()
    written = []
    monkeypatch.setattr(shards, "finishing", lambda directory: (written.append(directory), finishing(directory))[1])
    build_pairs(SAMPLES, tmp_path / "out", configs=["easy-ja"])
    assert len(written) == 1, "two shards in all, one of them from the run that was killed"
    build_pairs(SAMPLES, tmp_path / "whole", configs=["easy-ja"])
    assert digests(tmp_path / "out") == digests(tmp_path / "whole")


def empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize(
    ("name", "damage"),
    [*((name, empty) for name in sorted(shards.BESIDE)), (SUMS, Path.unlink), ("00000.parquet", flip_a_byte)],
)
def test_a_shard_that_a_stopped_build_finished_is_not_used_if_it_is_damaged(tmp_path, monkeypatch, name, damage):
    @contextmanager
    def stop(directory: Path) -> Iterator[Path]:
        with finishing(directory) as temporary:
            yield temporary
        damage(directory / name)
        raise KeyboardInterrupt

    write_pairs(tmp_path, [*numbered(3), "no tab"])
    build_pairs(tmp_path, tmp_path / "whole")
    with monkeypatch.context() as patched:
        patched.setattr(shards, "finishing", stop)
        with pytest.raises(KeyboardInterrupt):
            build_pairs(tmp_path, tmp_path / "out")
    build_pairs(tmp_path, tmp_path / "out")
    assert digests(tmp_path / "out") == digests(tmp_path / "whole")


def test_two_builds_do_not_write_one_directory(tmp_path):
    write_pairs(tmp_path, numbered(3))
    (tmp_path / "out" / run.WORK).mkdir(parents=True)
    with filelock.FileLock(tmp_path / "out" / run.WORK / "lock"), pytest.raises(BuildError) as error:
        build_pairs(tmp_path, tmp_path / "out")
    assert str(error.value) == (
        f"Another build is writing {tmp_path / 'out'}.\nNext step: Wait until it has finished, or give another --out."
    )


def test_an_out_that_cannot_be_written(tmp_path):
    write_pairs(tmp_path, numbered(3))
    (tmp_path / "file").touch()
    with pytest.raises(BuildError) as error:
        build_pairs(tmp_path, tmp_path / "file" / "out")
    assert error.value.problem == f"{tmp_path / 'file' / 'out'} cannot be written: Not a directory."
    assert "--out" in error.value.next_step


@pytest.mark.skipif(os.geteuid() != 0, reason="a small file system can only be mounted by root")
def test_a_full_disk_is_named_and_what_is_finished_is_kept(tmp_path):
    write_pairs(tmp_path, numbered(60_000))
    out = tmp_path / "small"
    out.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(out)], capture_output=True).returncode:
        pytest.skip("this machine does not let a file system be mounted")
    try:
        with pytest.raises(BuildError) as error:
            build_pairs(tmp_path, out / "tree")
    finally:
        subprocess.run(["umount", str(out)], check=True)
    assert str(error.value) == (
        f"No room left for {out / 'tree'}: No space left on device.\n"
        "Next step: Free some space, or give another --out, then run the same command again; finished shards are kept."
    )


def test_a_directory_that_is_something_else_is_refused_and_left_alone(tmp_path):
    write_pairs(tmp_path, numbered(3))
    out = tmp_path / "out"
    out.mkdir()
    (out / "README.md").write_text("mine")
    with pytest.raises(BuildError) as error:
        build_pairs(tmp_path, out)
    assert str(error.value) == (
        f"{out} is no built dataset, and it is not empty: it holds README.md.\n"
        "Next step: Give an --out that is empty or does not exist yet."
    )
    assert [path.name for path in out.iterdir()] == ["README.md"] and (out / "README.md").read_text() == "mine"


FOREIGN_REPORTS = {
    "of another program": '{"tests": 12, "passed": 12}',
    "damaged": '{"format": 4, "configs": ',
    "of another format": '{"format": 5}',
    "no object": "[]",
}


@pytest.mark.parametrize("text", FOREIGN_REPORTS.values(), ids=FOREIGN_REPORTS)
@pytest.mark.parametrize("command", ["build", "build of a slice", "merge", "clean"])
def test_a_directory_with_a_report_that_is_no_dataset_s_is_left_alone(tmp_path, command, text):
    write_pairs(tmp_path, numbered(3))
    slice_of_one, built, out = (tmp_path / name for name in ("slice", "built", "out"))
    plans = plan_configs((CONFIG,), partial(download.obtain, sources=tmp_path))
    commands = {
        "build": lambda: build_pairs(tmp_path, out),
        "build of a slice": lambda: build_slice(plans, out, 1, 1, workers=1, progress=run.Silent()),
        "merge": lambda: join([slice_of_one], out, describe=describe),
        "clean": lambda: copy_built(built, out),
    }
    build_slice(plans, slice_of_one, 1, 1, workers=1, progress=run.Silent())
    build_pairs(tmp_path, built)
    (out / CONFIG).mkdir(parents=True)
    for path in (out / "README.md", out / "NOTICE", out / CONFIG / "train-permissive-00000-of-00001.parquet"):
        path.write_text("theirs")
    (out / "report.json").write_text(text)
    before = digests(out)
    with pytest.raises(BuildError) as error:
        commands[command]()
    assert f"{out}/report.json " in error.value.problem and error.value.next_step
    assert digests(out) == before and not (out / run.WORK).exists()


@pytest.mark.parametrize("command", ["build", "merge", "clean"])
def test_a_slice_is_not_taken_for_a_dataset(tmp_path, command):
    write_pairs(tmp_path, numbered(3))
    plans = plan_configs((CONFIG,), partial(download.obtain, sources=tmp_path))
    parts = [tmp_path / "1", tmp_path / "2"]
    for number, part in enumerate(parts, 1):
        build_slice(plans, part, number, 2, workers=1, progress=run.Silent())
    build_pairs(tmp_path, tmp_path / "built")
    before = digests(parts[1])
    commands = {
        "build": lambda: build_pairs(tmp_path, parts[1]),
        "merge": lambda: join(parts, parts[1], describe=describe),
        "clean": lambda: copy_built(tmp_path / "built", parts[1]),
    }
    with pytest.raises(BuildError) as error:
        commands[command]()
    assert error.value.problem == f"{parts[1]} holds a slice of a dataset, for `merge`."
    assert digests(parts[1]) == before


@pytest.mark.parametrize("name", ["{neighbour}", "../neighbour", "..", ".", ""])
def test_a_report_leads_nobody_out_of_the_directory(tmp_path, name):
    """It names a config that the catalogue does not know, and whose directory is another one."""
    write_pairs(tmp_path, numbered(3))
    out, neighbour = tmp_path / "all" / "out", tmp_path / "all" / "neighbour"
    content = build_pairs(tmp_path, out)
    neighbour.mkdir()
    (neighbour / "thesis.txt").write_text("years of work")
    before = digests(tmp_path / "all")
    name = name.format(neighbour=neighbour)
    empty = changed(content.configs[CONFIG], shards=())
    report.dump(replace(content, configs={**content.configs, name: empty}), out)
    with pytest.raises(BuildError) as error:
        build_pairs(tmp_path, out)
    assert error.value.problem == f'{out}/report.json names the config "{name}", which is no plain name.'
    assert digests(tmp_path / "all") | {"out/report.json": ""} == before | {"out/report.json": ""}


def test_of_a_config_that_left_the_catalogue_only_its_own_files_are_taken_away(tmp_path):
    """Neither what no report names, nor what is another file than the report's, nor what lies behind a link."""
    write_pairs(tmp_path, numbered(3))
    content = build_pairs(tmp_path, tmp_path / "out")
    elsewhere = tmp_path / "elsewhere"
    theirs = [tmp_path / "out" / "mine" / "thesis.txt", tmp_path / "out" / "mine" / "other.parquet"]
    for path in (*theirs, elsewhere / "far.parquet"):
        path.parent.mkdir(exist_ok=True)
        path.write_text("years of work")
    (tmp_path / "out" / "mine" / "far.parquet").symlink_to(elsewhere / "far.parquet")
    far = replace(output_file(tmp_path / "out", "mine/far.parquet"), rows=3)
    other = replace(far, path="mine/other.parquet", sha256="0" * 64)
    configs = {"mine": changed(content.configs[CONFIG], shards=(far, other))}
    report.dump(replace(content, configs={**content.configs, **configs}), tmp_path / "out")
    build_pairs(tmp_path, tmp_path / "out")
    for path in (*theirs, tmp_path / "out" / "mine" / "far.parquet", elsewhere / "far.parquet"):
        assert path.read_text() == "years of work"


def test_a_file_behind_a_link_is_not_of_the_dataset(tmp_path):
    """The next build puts a file of its own there, and what the link led to stays."""
    write_pairs(tmp_path, numbered(3))
    [shard] = build_pairs(tmp_path, tmp_path / "out").configs[CONFIG].shards
    before = digests(tmp_path / "out")
    (tmp_path / "out" / shard.path).rename(tmp_path / "elsewhere")
    (tmp_path / "out" / shard.path).symlink_to(tmp_path / "elsewhere")
    build_pairs(tmp_path, tmp_path / "out")
    assert digests(tmp_path / "out") == before and not (tmp_path / "out" / shard.path).is_symlink()
    assert sha256(tmp_path / "elsewhere") == shard.sha256


@pytest.mark.parametrize("name", ["rejected", "plots", "chat", run.WORK, CONFIG, "README.md"])
def test_a_link_that_leads_out_of_the_directory_is_not_followed(tmp_path, name):
    write_pairs(tmp_path, [*numbered(3), "no tab"])
    build_pairs(tmp_path, tmp_path / "out", chat=True)
    place, elsewhere = tmp_path / "out" / name, tmp_path / "elsewhere"
    place.rename(elsewhere) if place.exists() else elsewhere.mkdir()
    place.symlink_to(elsewhere)
    before = digests(tmp_path)
    write_pairs(tmp_path, [*numbered(4), "no tab"])
    with pytest.raises(BuildError) as error:
        build_pairs(tmp_path, tmp_path / "out", chat=True)
    assert error.value.problem == f"{place} is a symbolic link that leads out of the directory."
    assert digests(tmp_path) | {ARCHIVE: ""} == before | {ARCHIVE: ""}


def test_a_config_that_left_the_catalogue_is_taken_away(tmp_path):
    write_pairs(tmp_path, numbered(3))
    content = build_pairs(tmp_path, tmp_path / "out")
    (tmp_path / "out" / "gone").mkdir()
    shutil.copy(
        tmp_path / "out" / content.configs[CONFIG].shards[0].path, tmp_path / "out" / "gone" / "train-0.parquet"
    )
    (tmp_path / "out" / "rejected").mkdir(exist_ok=True)
    (tmp_path / "out" / "rejected" / "gone.jsonl").touch()
    gone = changed(
        content.configs[CONFIG],
        shards=(replace(content.configs[CONFIG].shards[0], path="gone/train-0.parquet"),),
        rejected_rows=replace(content.configs[CONFIG].rejected_rows, path="rejected/gone.jsonl"),
    )
    report.dump(replace(content, configs={**content.configs, "gone": gone}), tmp_path / "out")
    assert build_pairs(tmp_path, tmp_path / "out") == content
    assert not (tmp_path / "out" / "gone").exists() and not (tmp_path / "out" / "rejected" / "gone.jsonl").exists()
    assert verify(tmp_path / "out") == []


def test_raw_files_that_hold_nothing_are_an_error(tmp_path):
    folder = tmp_path / "wikipedia"
    folder.mkdir()
    dump, index = dumps.multistream([dumps.Page("利用者の頁", "文", namespace=4)], per_stream=1)
    (folder / "jawiki-20230401-pages-articles-multistream.xml.bz2").write_bytes(dump)
    (folder / "jawiki-20230401-pages-articles-multistream-index.txt.bz2").write_bytes(index)
    with pytest.raises(BuildError) as error:
        build_pairs(tmp_path, tmp_path / "out", ["knowledge-wikipedia"])
    assert error.value.problem == (
        'wikipedia: its raw files hold nothing for knowledge-wikipedia: not one row of the kind "rows".'
    )


SLOW_WORKERS = """
import os, sys, time
from pathlib import Path
from builders.build import engines, shards
from tests.support.pairs import build_pairs

def slow(item, progress):
    print(os.getpid(), flush=True)
    time.sleep(600)

engines._build = slow
if __name__ == "__main__":
    build_pairs(Path(sys.argv[1]), Path(sys.argv[2]), configs=["jsquad", "easy-ja"], workers=2)
"""


@pytest.mark.slow
@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGTERM])
def test_workers_end_with_the_main_process(tmp_path, sent):
    program = tmp_path / "slow_workers.py"
    program.write_text(SLOW_WORKERS)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(program), str(SAMPLES), str(tmp_path / "out")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        workers = [int(process.stdout.readline()) for _ in range(2)]
        process.send_signal(sent)
        process.wait()
        deadline = time.monotonic() + LONGEST
        while any(map(_goes_on, workers)):
            assert time.monotonic() < deadline, "a worker goes on without the main process"
            time.sleep(0.05)


def _goes_on(pid: int) -> bool:
    """Whether a process has not ended; one that has is still listed until whoever inherited it takes notice."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize(
    ("place", "problem", "next_step"),
    [
        ("out/jsquad/0.parquet", "No room left for out: ", "Free some space, or give another --out, then run "),
        ("/dev/shm/session", "No room left for /dev/shm/session: ", "Free some space there, then run "),
        ("/tmp/other", "No room left for /tmp/other: ", "Free some space there, then run "),
        (None, "No room left for out: ", "Free some space, or give another --out, then run "),
    ],
)
def test_another_place_without_room_is_not_blamed_on_the_directory(place, problem, next_step):
    with pytest.raises(BuildError) as error, disk_errors(Path("out")):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), place)
    assert error.value.problem == f"{problem}No space left on device."
    assert error.value.next_step.startswith(next_step)


def test_too_many_open_files_are_not_blamed_on_the_directory(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    write_pairs(tmp_path, numbered(3))
    monkeypatch.setattr(shards, "build", fail)
    with pytest.raises(BuildError) as error:
        build_pairs(tmp_path, tmp_path / "out")
    assert error.value.problem == "Too many files are open: Too many open files."
    assert "--workers 1" in error.value.next_step
