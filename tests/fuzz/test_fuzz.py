"""A short run of the fuzzer (the long one is `make fuzz`), and that the fuzzer sees what it is there to see."""

from __future__ import annotations

import ctypes
import errno
import re
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from builders.build.shards import Step
from builders.catalogue import CORPORA
from builders.corpus import Part
from builders.rows import Rows
from tests.fuzz import __main__ as command
from tests.fuzz import cases, coverage, workers
from tests.fuzz.cases import OUTCOMES, Outcome, run_case, sample_files, write_case

SHORT = 15
"""Cases of a corpus in a run of all tests."""
ARCHIVED = [
    name for name in CORPORA if sample_files(CORPORA[name])[0].suffix in (".zip", ".gz", ".tgz", ".xlsx", ".bz2")
]


@pytest.mark.parametrize("name", CORPORA)
def test_damage_gives_records_rejected_rows_or_a_named_error(name, tmp_path):
    """A case that hangs or ends the process is the long run's to name; damage inside archives must pass checksums."""
    found = set()
    for number in range(SHORT):
        outcome = run_case(name, number, tmp_path)
        assert outcome.what in OUTCOMES, f"python -m tests.fuzz {name} --again {number}"
        assert outcome.memory < workers.MEMORY
        found.add(outcome.what)
    assert name not in ARCHIVED or "records" in found


@pytest.mark.parametrize("name", CORPORA)
def test_a_case_is_the_same_whenever_it_is_made(name, tmp_path):
    made = []
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        files = write_case(CORPORA[name], 7, tmp_path / folder)
        made.append({file: path.read_bytes() for file, path in files.items()})
    assert made[0] == made[1]


def test_readers_that_are_fuzzed_by_coverage_take_any_bytes():
    for read in coverage.readers().values():
        for data in (b"", b"\xff", "題\n著者\n\n本文\n".encode(), b'"a"b,c\n', b"{{a|[[b|c]]\n"):
            read(data)


def test_samples_without_damage_give_records():
    for corpus in CORPORA.values():
        assert cases.outcome_of(corpus, {path.name: path for path in sample_files(corpus)}) == "records"


def test_files_that_hold_nothing_are_the_error_of_a_build():
    tanaka = CORPORA["tanaka"]
    files = {path.name: path for path in sample_files(tanaka)}
    assert cases.outcome_of(replace(tanaka, read=lambda part: iter(())), files) == "named error"


def test_rows_that_are_lost_are_a_fault(tmp_path, monkeypatch):
    monkeypatch.setattr(cases, "steps", lambda *_: iter([Step("rows", 3, {}, (), {})]))
    outcome = run_case("tanaka", 0, tmp_path)
    assert outcome.what == "AssertionError at ?: rows were read, and nothing came of them"


@pytest.mark.parametrize("limit", [errno.EINVAL, errno.EACCES])
def test_an_error_of_the_disk_is_a_fault(tmp_path, monkeypatch, limit):
    def fail(part: Part) -> Iterator[Rows]:
        raise OSError(limit, "no good")

    monkeypatch.setattr(cases, "CORPORA", {"tanaka": replace(CORPORA["tanaka"], read=fail)})
    assert run_case("tanaka", 0, tmp_path).what.startswith("BuildError at ")


def crash(part: Part) -> Iterator[Rows]:
    yield {}["no such key"]


def hang(part: Part) -> Iterator[Rows]:
    time.sleep(60)
    yield from ()


def compute(part: Part) -> Iterator[Rows]:
    while True:
        pass
    yield from ()


def eat(part: Part) -> Iterator[Rows]:
    block = bytearray(workers.MEMORY * 9 // 8)
    block[::4096] = b"x" * len(block[::4096])
    yield from ()


def die(part: Part) -> Iterator[Rows]:
    ctypes.string_at(0)
    yield from ()


FAULTY = {"crash": crash, "hang": hang, "compute": compute, "eat": eat, "die": die}


def add_faulty_corpora() -> None:
    """Corpora with the samples of another one and a reader that does harm."""
    for name, read in FAULTY.items():
        CORPORA[name] = replace(CORPORA["tanaka"], read=read)


class TestFaults:
    @pytest.fixture(autouse=True)
    def faulty(self, monkeypatch):
        monkeypatch.setattr(cases, "CORPORA", dict(CORPORA))
        monkeypatch.setattr(workers, "_work", _work_on_faulty)

    @pytest.mark.parametrize(
        ("name", "what", "limits"),
        [
            ("crash", r"KeyError at shards\.py:\d+: 'no such key'", workers.LIMITS),
            ("hang", "a hang of over 1 s", workers.Limits(wall=1)),
            ("die", r"the process died \(-11\)", workers.LIMITS),
        ],
    )
    def test_a_fault_is_named_and_the_next_case_goes_on(self, name, what, limits):
        found = list(workers.outcomes(name, range(3), workers=1, limits=limits))
        assert [outcome.number for outcome in found] == [0, 1, 2]
        assert all(re.fullmatch(what, outcome.what) for outcome in found)

    def test_a_case_that_computes_for_too_long(self):
        [outcome] = workers.outcomes("compute", range(1), workers=1, limits=workers.Limits(cpu=1, wall=600))
        assert outcome.what == "over 1 s of CPU time" and outcome.seconds > 1

    def test_memory_is_seen(self):
        [outcome] = workers.outcomes("eat", range(1), workers=1)
        assert outcome.memory > workers.MEMORY


def _work_on_faulty(*arguments: object) -> None:
    add_faulty_corpora()
    _REAL_WORK(*arguments)


_REAL_WORK = workers._work


def test_the_table_counts_and_names_what_went_wrong(capsys):
    tally = command.Tally("tanaka")
    for outcome in (
        Outcome(0, "records", 0.5),
        Outcome(1, "named error", 0.1),
        Outcome(2, "records", 0.1, workers.MEMORY + 1),
        Outcome(3, "KeyError at x.py:1: 'a'"),
        Outcome(4, "KeyError at x.py:1: 'a'"),
        Outcome(5, "records", workers.LIMITS.cpu + 1),
    ):
        tally.add(outcome)
    assert command._show([tally]) == 1
    printed = capsys.readouterr().out
    assert "2 x KeyError at x.py:1: 'a'\n    python -m tests.fuzz tanaka --again 3" in printed
    assert "1 x over 1 GB" in printed and "1 x over 10 s of CPU time" in printed
    assert tally.row[1:6] == ["6", "1", "0", "1", "4"]
