"""Benchmarks that are part of a dataset, files of benchmarks, and what is told of a file that cannot be used."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from builders.clean.overlap.benchmarks import collect
from builders.errors import BuildError
from builders.tree import report

KNOWN = ["jsquad-valid", "jcommonsenseqa-valid", "aio-dev"]


def names(dataset, *files):
    return [benchmark.name for benchmark in collect(dataset, report.load(dataset), [str(file) for file in files])]


def write(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def test_what_the_corpora_bring(sample_dataset):
    assert names(sample_dataset) == KNOWN


def test_parts_of_alt_by_their_lists(sample_dataset, tmp_path):
    lists = [
        write(tmp_path / f"URL-{part}.txt", f"URL.{number}\thttps://example.org\n")
        for part, number in (("dev", 1), ("test", 2))
    ]

    assert names(sample_dataset, *lists) == [*KNOWN, "alt-dev", "alt-test"]


def test_a_file_with_usual_fields(sample_dataset, tmp_path):
    file = write(
        tmp_path / "exam.jsonl", '{"question": "空はなぜ青いのですか。", "answer": "光が散るから。", "level": 3}\n'
    )

    *_, exam = collect(sample_dataset, report.load(sample_dataset), [str(file)])

    (item,) = exam.items
    assert (exam.name, item.question, item.answer) == ("exam", "空はなぜ青いのですか。", "光が散るから。")
    assert len(exam.sha256) == 64


def test_a_file_with_fields_that_are_named(sample_dataset, tmp_path):
    file = write(tmp_path / "exam.jsonl", '{"q": "空はなぜ青いのですか。", "choices": ["光", "水"]}\n')

    *_, exam = collect(sample_dataset, report.load(sample_dataset), [f"{file}:question=q,answer=choices"])

    assert (exam.items[0].question, exam.items[0].answer) == ("空はなぜ青いのですか。", "光\n水")


@pytest.mark.parametrize(
    ("text", "fields", "message"),
    [
        (
            '{"q": "空はなぜ青いのですか。"}\n',
            "",
            "FILE: no field with a usual name. The first line has: q.\nNext step: Name the fields: "
            "--benchmark FILE:question=FIELD,answer=FIELD (roles: question, answer, passage, side).",
        ),
        (
            '{"q": "空はなぜ青いのですか。"}\n',
            ":question=quiz",
            'FILE, line 1: no field "quiz". It has: q.\nNext step: Name the fields that hold the texts of the items.',
        ),
        (
            '{"q": "空はなぜ青いのですか。"}\n',
            ":riddle=q",
            '"riddle" is no role of a field.\nNext step: Use one of: question, answer, passage, side.',
        ),
        (
            "",
            "",
            "This benchmark cannot be read: exam.jsonl: the file is empty.\nNext step: Give a JSON Lines file, an item a line.",
        ),
        (
            '{"question": ""}\n',
            "",
            "FILE holds no item with a text.\nNext step: Name the fields that hold the texts of the items.",
        ),
        (
            "question,answer\n",
            "",
            "This benchmark cannot be read: exam.jsonl, line 1: not valid JSON (unexpected character, "
            "expected a JSON value); the file is cut short or damaged.\nNext step: Give a JSON Lines file, an item a line.",
        ),
    ],
    ids=["no usual field", "no such field", "no such role", "empty", "no text", "no JSON"],
)
def test_a_file_that_cannot_be_used(sample_dataset, tmp_path, text, fields, message):
    file = write(tmp_path / "exam.jsonl", text)
    with pytest.raises(BuildError) as error:
        names(sample_dataset, f"{file}{fields}")

    assert str(error.value).replace(str(file), "FILE") == message


def test_a_file_that_is_not_there(sample_dataset, tmp_path):
    with pytest.raises(BuildError) as error:
        names(sample_dataset, tmp_path / "exam.jsonl")

    assert error.value.problem == f"The benchmark file {tmp_path / 'exam.jsonl'} cannot be used: missing."


@pytest.mark.parametrize("make", [os.mkfifo, Path.mkdir, lambda path: path.symlink_to("/dev/zero")])
@pytest.mark.parametrize("name", ["exam.jsonl", "URL-dev.txt"])
def test_what_is_no_file_is_not_opened(sample_dataset, tmp_path, name, make):
    make(tmp_path / name)
    with pytest.raises(BuildError, match=f"{name} cannot be used: .*, not a file"):
        names(sample_dataset, tmp_path / name)


def test_a_list_of_articles_that_is_no_text(sample_dataset, tmp_path):
    (tmp_path / "URL-dev.txt").write_bytes(b"URL.1\t\xff\n")
    with pytest.raises(BuildError, match=r"URL-dev\.txt: not UTF-8 \(byte 0xFF at position 7\)"):
        names(sample_dataset, tmp_path / "URL-dev.txt")


def test_two_of_one_name(sample_dataset, tmp_path):
    (tmp_path / "other").mkdir()
    files = [
        write(folder / "exam.jsonl", '{"question": "空はなぜ青いのですか。"}\n')
        for folder in (tmp_path, tmp_path / "other")
    ]
    with pytest.raises(BuildError) as error:
        names(sample_dataset, *files)

    assert error.value.problem == 'Two benchmarks have the name "exam".'
