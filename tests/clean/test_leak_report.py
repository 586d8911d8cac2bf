"""Which records hold which items: in a built dataset, and in any file of records."""

from __future__ import annotations

import json

import pytest
from matplotlib.image import imread

from builders.__main__ import main
from builders.clean import leak_report
from builders.clean.overlap.benchmarks import collect
from builders.errors import BuildError
from builders.tree import report
from tests.support.digests import digests

ITEM = {"question": "図書館は月曜日が休みです。"}
RECORD = {
    "instruction": "次の日本語を英語に翻訳してください。",
    "input": ITEM["question"],
    "output": "It is closed on Mondays.",
}


def write(path, *objects):
    path.write_text("".join(f"{json.dumps(one)}\n" for one in objects), encoding="utf-8")
    return path


@pytest.fixture
def exam(tmp_path):
    return write(tmp_path / "exam.jsonl", ITEM, {"question": "短い"})


def test_a_built_dataset(sample_dataset, exam):
    content = report.load(sample_dataset)
    benchmarks = collect(sample_dataset, content, [str(exam)])
    read = []

    found = leak_report.of_dataset(sample_dataset, content, benchmarks, read.append)

    assert sum(read) == sum(entry.records for entry in content.built.values()) == sum(found.records.values())
    counts = found.counts()
    assert counts["exam", "tab_delimited", leak_report.EXACTLY] == 2
    assert counts["exam", "easy_japanese", leak_report.NEARLY] == 2
    assert counts["aio-dev", "aio", leak_report.ITSELF] == 7
    assert found.items["exam"] == 2 and found.skipped == 1
    (leak,) = [one for one in found.leaks if one.id == "tab_delimited:ja-en:9021-8021"]
    assert (leak.item, leak.column, leak.score) == ("line 1", "input", 1)
    assert leak.found.startswith("図書館は月曜日が休みです")


def test_any_file_of_records(exam, tmp_path):
    records = write(tmp_path / "mine.jsonl", RECORD, RECORD | {"input": "空は青いです。", "id": "own"})

    found = leak_report.of_file(records, [str(exam)], lambda count: None)

    (leak,) = found.leaks
    assert (leak.corpus, leak.id, leak.match) == ("mine", "line 1", leak_report.EXACTLY)
    assert found.records == {"mine": 2}


@pytest.mark.parametrize(
    ("record", "problem"),
    [
        ({"instruction": "", "input": ""}, 'no text in "output". It has: instruction, input.'),
        (RECORD | {"output": 3}, 'no text in "output". It has: instruction, input, output.'),
    ],
)
def test_a_record_that_lacks_a_text(exam, tmp_path, record, problem):
    records = write(tmp_path / "mine.jsonl", record)
    with pytest.raises(BuildError) as error:
        leak_report.of_file(records, [str(exam)], lambda count: None)

    assert error.value.problem == f"{records}, line 1: {problem}"


def test_the_command_writes_table_lines_and_chart(exam, tmp_path, capsys):
    records = write(tmp_path / "mine.jsonl", RECORD)

    assert main(["stats", str(records), "--benchmark", str(exam), "--leaks", str(tmp_path / "leaks")]) == 0

    assert ["exam", "mine", "exactly", "1", "1"] in [line.split() for line in capsys.readouterr().out.splitlines()]
    (line,) = (tmp_path / "leaks" / leak_report.JSONL).read_text("utf-8").splitlines()
    assert json.loads(line)["item"] == "line 1"
    assert imread(tmp_path / "leaks" / leak_report.PNG).ndim == 3


def test_leaks_without_a_benchmark(sample_dataset, tmp_path, capsys):
    assert main(["stats", str(sample_dataset), "--leaks", str(tmp_path)]) == 1
    assert "Name one too, with --benchmark FILE." in capsys.readouterr().err


@pytest.fixture
def look(exam, tmp_path):
    """Looks for the exam's items in a file of records, and writes the leaks into a directory."""
    records = write(tmp_path / "mine.jsonl", RECORD)
    return lambda directory: main(["stats", str(records), "--benchmark", str(exam), "--leaks", str(directory)])


@pytest.mark.parametrize("name", [leak_report.JSONL, leak_report.PNG])
@pytest.mark.parametrize("content", [b'{"a": 1}\n', b"\xff\n", b"\x89PNG\r\n\x1a\n of somebody else"])
def test_leaks_of_others_are_left_alone(look, tmp_path, capsys, name, content):
    leaks = tmp_path / "leaks"
    assert look(leaks) == look(leaks) == 0
    (leaks / name).write_bytes(content)
    before = digests(leaks)

    assert look(leaks) == 1

    assert f"Error: {leaks}/{name} is there already, and this command did not write it." in capsys.readouterr().err
    assert digests(leaks) == before


def test_leaks_that_cannot_be_written(look, tmp_path, capsys):
    (tmp_path / "file").touch()
    assert look(tmp_path / "file" / "leaks") == 1
    assert f"Error: {tmp_path}/file/leaks cannot be written: Not a directory." in capsys.readouterr().err
