"""Whatever builds, the bytes are the same: processes, Ray, or machines that know nothing of one another."""

from __future__ import annotations

import importlib.util
import itertools
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import psutil
import pytest

from builders import catalogue, download
from builders.__main__ import main
from builders.build import engines, keys, output, ray_engine, run, shards
from builders.build.plan import plan_configs
from builders.build.slices import build_slice
from builders.commands.options import SAMPLES
from builders.corpus import Part
from builders.errors import BuildError
from builders.files import Snapshot
from builders.tree.verify import verify
from samples import dumps
from tests.support import wikipedia
from tests.support.digests import digests
from tests.support.pairs import build_pairs
from tests.support.ports import free_ports

ROOT = Path(__file__).resolve().parents[2]
CONFIGS = ["translation-coursera", "easy-ja", "knowledge-jcommonsenseqa", "jsquad"]
needs_ray = pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="requirements-ray.txt is not installed")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Digests of what one process builds."""
    out = tmp_path_factory.mktemp("whole") / "out"
    build_pairs(SAMPLES, out, configs=CONFIGS)
    return digests(out)


@pytest.fixture(scope="module")
def built_slices(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Directory of three slices; tests only read it."""
    directory = tmp_path_factory.mktemp("slices")
    build_slices(directory)
    return directory


@pytest.fixture
def slices(tmp_path: Path, built_slices: Path) -> list[Path]:
    """Three slices of this test's own."""
    return sorted(shutil.copytree(built_slices, tmp_path / "parts").iterdir())


@pytest.fixture(scope="module")
def other_slices(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two slices of fewer configs; tests only read them."""
    return build_slices(tmp_path_factory.mktemp("other"), 2, CONFIGS[:3])


def build_slices(directory: Path, count: int = 3, configs: list[str] = CONFIGS, sources: Path = SAMPLES) -> list[Path]:
    """What a Slurm array does: as many processes as slices, at the same time."""
    parts = [directory / str(number) for number in range(1, count + 1)]
    command = [sys.executable, "-m", "builders", "build", *configs, "--sources", str(sources), "--workers", "1"]
    running = [
        subprocess.Popen([*command, "--shards", f"{number}/{count}", "--out", str(part)], cwd=ROOT)
        for number, part in enumerate(parts, 1)
    ]
    assert [process.wait() for process in running] == [0] * count
    return parts


def test_the_largest_shards_come_first(tmp_path):
    corpus, task = catalogue.TASK_CONFIGS["jsquad"]
    spans = {"small": 10, "whole": None, "large": 2_000}
    shards_of = [
        shards.Shard(corpus, task, Part(name, {}, end and (0, end)), name, (Snapshot(tmp_path, size, "", ()),))
        for (name, end), size in zip(spans.items(), (5_000, 100, 5_000), strict=True)
    ]
    ordered = engines.largest_first([(shard, tmp_path) for shard in shards_of])
    assert [shard.fingerprint for shard, _ in ordered] == ["large", "whole", "small"]


def merge(parts: list[Path], out: Path) -> int:
    return main(["merge", *map(str, parts), "--out", str(out)])


@needs_ray
def test_ray_gives_the_same_bytes_and_leaves_nothing_running(tmp_path, whole):
    out = tmp_path / "out"
    command = [sys.executable, "-m", "builders", "build", *CONFIGS, "--sources", str(SAMPLES), "--out", str(out)]
    with TemporaryDirectory(dir="/tmp", prefix="t") as scratch:  # Ray's sockets need a short path
        home = tmp_path / "home"
        home.mkdir()
        environment = os.environ | {"TMPDIR": scratch, "HOME": str(home)}
        building = subprocess.Popen([*command, "--engine", "ray", "--workers", "2"], cwd=ROOT, env=environment)
        wait_until(lambda: pids_with(scratch, programs=("raylet",)) or building.poll() is not None)
        (raylet,) = pids_with(scratch, programs=("raylet",))
        limits = Path(f"/proc/{raylet}/cmdline").read_text().split("\0")
        assert building.wait() == 0
        assert f"--object_store_memory={200 << 20}" in limits
        assert any(limit.startswith("--static_resource_list=") and ",CPU,2" in limit for limit in limits), limits
        assert list(Path(scratch).iterdir()) == [] and not (home / ".ray").exists()
        assert pids_with(scratch) == set()
    assert digests(out) == whole


@needs_ray
def test_a_ray_ends_with_a_build_that_is_killed(tmp_path, whole):
    out = tmp_path / "out"
    command = [sys.executable, "-m", "builders", "build", *CONFIGS, "--sources", str(SAMPLES), "--out", str(out)]
    with TemporaryDirectory(dir="/tmp", prefix="t") as scratch:
        process = subprocess.Popen(
            [*command, "--engine", "ray", "--workers", "1"], cwd=ROOT, env=os.environ | {"TMPDIR": scratch}
        )
        wait_until(lambda: pids_with(scratch))
        process.kill()
        process.wait()
        wait_until(lambda: not pids_with(scratch))
    build_pairs(SAMPLES, out, configs=CONFIGS)
    assert digests(out) == whole


def pids_with(word: str, programs: tuple[str, ...] = ("",)) -> set[int]:
    """Running processes in whose command line a word stands; of some programs, or of all."""
    running = ((process.pid, process.info["cmdline"] or [""]) for process in psutil.process_iter(["cmdline"]))
    return {pid for pid, command in running if command[0].endswith(programs) and any(word in part for part in command)}


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 300
    while not condition():
        assert time.monotonic() < deadline, "five minutes were not enough"
        time.sleep(0.1)


class Cluster(NamedTuple):
    """A Ray cluster that somebody else started on this machine; `parts` are the processes that it consists of."""

    address: str
    parts: Callable[[], set[int]]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A cluster of two CPUs; tests leave it running."""
    with TemporaryDirectory(dir="/tmp", prefix="t") as scratch:
        (port,) = free_ports(1)
        start = [sys.executable, "-m", "ray.scripts.scripts", "start", "--head", "--block", "--disable-usage-stats"]
        where = ["--node-ip-address=127.0.0.1", f"--port={port}", f"--temp-dir={scratch}"]
        alone = os.environ | {"RAY_AUTH_MODE": "disabled"}  # whatever a user of this machine has
        limits = ["--num-cpus=2", f"--object-store-memory={ray_engine.OBJECT_STORE}", "--include-dashboard=false"]
        with subprocess.Popen([*start, *where, *limits], stdout=subprocess.PIPE, text=True, env=alone) as head:
            try:
                said = list(itertools.takewhile(lambda line: "Ray runtime started" not in line, head.stdout))
                assert head.poll() is None, "".join(said)
                yield Cluster(f"127.0.0.1:{port}", lambda: pids_with(scratch, programs=("gcs_server", "raylet")))
            finally:
                head.terminate()
                head.communicate()
                wait_until(lambda: not pids_with(scratch))


@needs_ray
def test_a_running_ray_gives_the_same_bytes_and_goes_on(tmp_path, whole, cluster):
    before = cluster.parts()
    command = [sys.executable, "-m", "builders", "build", *CONFIGS, "--sources", str(SAMPLES)]
    engine = ["--engine", "ray", "--ray-address", cluster.address]
    environment = os.environ | {"RAY_AUTH_MODE": "disabled"}
    subprocess.run([*command, *engine, "--out", str(tmp_path / "out")], cwd=ROOT, env=environment, check=True)
    assert digests(tmp_path / "out") == whole
    assert len(before) == 2 and cluster.parts() == before


KILLED_WORKER = """
import os, signal, sys
from dataclasses import replace
from pathlib import Path
from builders import catalogue
from builders.build import ray_engine, shards
from builders.corpus import Part
from builders.errors import BuildError

def ended_from_outside(part):
    os.kill(os.getpid(), signal.SIGKILL)
    yield from ()

corpus, task = catalogue.TASK_CONFIGS["jsquad"]
shard = shards.Shard(replace(corpus, read=ended_from_outside), task, Part("all", {}), "f" * 64)
try:
    list(ray_engine.run([(shard, Path(sys.argv[2]))], 1, lambda shard, records: None, sys.argv[1]))
except BuildError as error:
    print(error)
"""


def with_a_killed_worker(address: str, directory: Path) -> str:
    """What is said of a build on a Ray cluster whose worker is killed, in a process that has Ray to itself."""
    command = [sys.executable, "-c", KILLED_WORKER, address, str(directory / "shard")]
    environment = os.environ | {"RAY_AUTH_MODE": "disabled"}
    return subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout


@needs_ray
def test_a_ray_worker_that_is_killed_is_named_and_the_cluster_goes_on(tmp_path, cluster):
    before = cluster.parts()
    said = with_a_killed_worker(cluster.address, tmp_path)  # Ray says something of its own before it
    assert "Ray lost a worker, most often because memory ran out" in said
    assert "finished shards are kept" in said
    assert cluster.parts() == before


@needs_ray
def test_a_ray_that_does_not_answer_is_named(tmp_path):
    address = f"127.0.0.1:{free_ports(1)[0]}"
    said = with_a_killed_worker(address, tmp_path)
    assert said.startswith(f"Ray cannot be reached at {address}: ") and "Connection refused" in said
    assert "`ray status`" in said


@needs_ray
def test_an_error_of_a_ray_worker_is_the_one_of_a_local_build(tmp_path):
    shutil.copytree(SAMPLES / "easy_japanese", tmp_path / "easy_japanese")
    next((tmp_path / "easy_japanese").glob("*.xlsx")).write_bytes(b"no spreadsheet")
    (tmp_path / "SAMPLE").touch()
    errors = []
    for engine in ({}, {"engine": ray_engine.run}):
        with pytest.raises(BuildError) as error:
            build_pairs(tmp_path, tmp_path / "out", configs=["easy-ja"], workers=2, **engine)
        errors.append(str(error.value))
    assert errors[0] == errors[1]


def test_a_ray_that_is_not_installed_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(BuildError) as error:
        build_pairs(SAMPLES, tmp_path / "out", configs=["easy-ja"], engine=ray_engine.run)
    assert error.value.problem == "Ray is not installed." and "requirements-ray.txt" in error.value.next_step


def test_merged_slices_are_what_one_process_builds(tmp_path, whole, slices):
    before = [digests(part) for part in slices]
    assert merge(slices[::-1], tmp_path / "out") == 0
    assert digests(tmp_path / "out") == whole
    assert verify(tmp_path / "out") == []
    assert [digests(part) for part in slices] == before


def test_a_slice_is_some_of_the_shards_and_all_of_the_plan(slices):
    found = [json.loads((part / output.SLICE).read_bytes()) for part in slices]
    assert [(content["number"], content["count"]) for content in found] == [(1, 3), (2, 3), (3, 3)]
    planned = [fingerprint for config in found[0]["plan"] for fingerprint in config["fingerprints"]]
    held = [{path.split("/")[1] for path in content["files"]} for content in found]
    assert sorted(sum(map(list, held), [])) == sorted(fingerprint[:32] for fingerprint in planned)


@pytest.fixture
def repeated_pages(tmp_path, monkeypatch) -> Path:
    """Source directory with a dump of several parts, in which five pages come twice."""
    written_as = dumps.page_element
    monkeypatch.setattr(dumps, "page_element", lambda page, number: written_as(page, number % 25))
    return wikipedia.write_dump(tmp_path / "sources", [dumps.Page(f"山{number}", "山は高い。") for number in range(30)])


def test_rows_that_two_slices_have_are_in_the_dataset_once(tmp_path, repeated_pages):
    sources, config = repeated_pages, wikipedia.CONFIG
    whole = build_pairs(sources, tmp_path / "whole", [config])
    parts = build_slices(tmp_path / "parts", 2, [config], sources)
    assert merge(parts, tmp_path / "out") == 0
    assert digests(tmp_path / "out") == digests(tmp_path / "whole")
    assert whole.configs[config].rejected == {keys.REASON: 5}


def slices_of_machines(tmp_path: Path, sources: Path, config: str) -> tuple[list[Path], list[Path]]:
    """Where three machines have copies of the raw files, and the slice that each of them built."""
    copies = [shutil.copytree(sources, tmp_path / name) for name in ("one", "two", "three")]
    parts = [tmp_path / "parts" / copy.name for copy in copies]
    for number, (copy, part) in enumerate(zip(copies, parts, strict=True), 1):
        plans = plan_configs([config], partial(download.obtain, sources=copy))
        build_slice(plans, part, number, len(copies), workers=1, progress=run.Silent())
    shutil.rmtree(sources)
    return copies, parts


@pytest.mark.parametrize("kept", ["one", "two", "three"])
def test_machines_have_raw_files_in_places_of_their_own(tmp_path, repeated_pages, kept):
    """Only rows that come twice have `merge` read raw files: on the machine of any one of the slices."""
    build_pairs(repeated_pages, tmp_path / "whole", [wikipedia.CONFIG])
    copies, parts = slices_of_machines(tmp_path, repeated_pages, wikipedia.CONFIG)
    for copy in copies:
        if copy.name != kept:
            shutil.rmtree(copy)
    assert merge(parts, tmp_path / "out") == 0
    assert digests(tmp_path / "out") == digests(tmp_path / "whole")


def test_machines_whose_rows_come_once_need_no_raw_files_to_merge(tmp_path, whole):
    shutil.copytree(SAMPLES / "jsquad", tmp_path / "sources" / "jsquad")
    (tmp_path / "sources" / "SAMPLE").touch()
    copies, parts = slices_of_machines(tmp_path, tmp_path / "sources", "jsquad")
    for copy in copies:
        shutil.rmtree(copy)
    assert merge(parts, tmp_path / "out") == 0
    expected = {path: digest for path, digest in whole.items() if path.startswith("jsquad/")}
    assert expected and expected.items() <= digests(tmp_path / "out").items()


@pytest.mark.parametrize(("what", "said"), [("gone", "is not there."), ("other", "is another file now.")])
def test_raw_files_that_are_not_there_as_slices_are_merged(tmp_path, repeated_pages, capsys, what, said):
    copies, parts = slices_of_machines(tmp_path, repeated_pages, wikipedia.CONFIG)
    (dump,) = copies[0].glob("wikipedia/*.xml.bz2")
    if what == "gone":
        for copy in copies:
            shutil.rmtree(copy)
    else:
        dump.write_bytes(dump.read_bytes() + b"x")
    error = refused(capsys, parts, tmp_path / "out")
    assert f"wikipedia: {dump} {said} It has to be read once more" in error
    assert "for `merge`, where any one of the slices found it" in error


def refused(capsys: pytest.CaptureFixture[str], parts: list[Path], out: Path) -> str:
    """What `merge` says of slices that it does not join; nothing is built."""
    capsys.readouterr()
    assert merge(parts, out) == 1
    assert not (out / "report.json").exists()
    return capsys.readouterr().err


def test_a_missing_slice_is_named(tmp_path, slices, capsys):
    said = refused(capsys, slices[1:2], tmp_path / "out")
    assert "Of 3 slices these are missing: 1/3, 3/3." in said and not (tmp_path / "out").exists()


def test_a_doubled_slice_is_named(tmp_path, slices, capsys):
    again = shutil.copytree(slices[0], tmp_path / "again")
    assert f"{slices[0]} and {again} are both slice 1 of 3." in refused(capsys, [*slices, again], tmp_path / "out")


def test_slices_of_different_plans_are_named(tmp_path, slices, other_slices, capsys):
    other = shutil.copytree(other_slices[0], tmp_path / "other")
    content = json.loads((other / output.SLICE).read_bytes())
    (other / output.SLICE).write_text(json.dumps(content | {"count": 3}))
    said = refused(capsys, [other, *slices[1:]], tmp_path / "out")
    assert "slices of different plans: they differ in jsquad." in said


def test_slices_of_different_numbers_are_named(tmp_path, slices, other_slices, capsys):
    assert "is a slice of 2, and" in refused(capsys, [other_slices[0], *slices[1:]], tmp_path / "out")


def test_a_slice_of_another_version_is_named(tmp_path, slices, capsys):
    for part in slices:
        text = (part / output.SLICE).read_text()
        content = json.loads(text)
        content["plan"][0]["fingerprints"][0] = "0" * 64
        (part / output.SLICE).write_text(json.dumps(content))
    assert "were built by another version" in refused(capsys, slices, tmp_path / "out")


@pytest.mark.parametrize("name", ["00000.parquet", shards.RESULT, shards.KEYS])
@pytest.mark.parametrize("damage", ["flip", "remove"])
def test_a_damaged_slice_is_named(tmp_path, slices, capsys, name, damage):
    path = sorted(slices[1].rglob(name))[0]
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.unlink()
    if damage == "flip":
        path.write_bytes(content)
    assert f"{path} is missing or damaged" in refused(capsys, slices, tmp_path / "out")


def test_an_unfinished_slice_is_named(tmp_path, slices, capsys):
    (slices[2] / output.SLICE).unlink()
    assert f"{slices[2]} holds no slice.json" in refused(capsys, slices, tmp_path / "out")


def test_a_slice_file_that_is_no_json_is_named(tmp_path, slices, capsys):
    (slices[2] / output.SLICE).write_text("{")
    assert f"{slices[2] / output.SLICE} is damaged" in refused(capsys, slices, tmp_path / "out")


def test_a_slice_is_not_built_into_a_dataset_nor_the_other_way(tmp_path, slices, capsys):
    command = ["build", "easy-ja", "--sample", "--out"]
    assert main([*command, str(slices[0])]) == 1
    assert "holds a slice of a dataset" in capsys.readouterr().err
    assert main([*command, str(tmp_path / "out")]) == 0
    assert main([*command, str(tmp_path / "out"), "--shards", "1/2"]) == 1
    assert "holds a built dataset" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["0/2", "3/2", "2", "a/b", "1/0", "-1/2", "1/2/3"])
def test_a_wrong_number_of_a_slice_is_wrong_usage(text, capsys):
    with pytest.raises(SystemExit) as error:
        main(["build", "--out", "x", f"--shards={text}"])
    assert error.value.code == 2 and "such as 2/8" in capsys.readouterr().err
