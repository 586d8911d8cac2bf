"""What is special to SNOW T15 and T23: two workbooks, two kinds of ids, a sheet that is never read."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from openpyxl import Workbook

from builders.corpora.easy_japanese import CORPUS
from builders.errors import FormatError
from tests.support.reading import count_records, raw_files_of, read_rows, records_of

T15, T23 = "T15-2020.1.7.xlsx", "T23-2020.1.7.xlsx"
HEADER = ["ID", "#日本語(原文)", "#やさしい日本語", "#英語(原文)"]


def written(directory: Path, *rows: list, file: str = T15, evaluation: list | None = None) -> Path:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    if evaluation:
        book.create_sheet("評価用").append(evaluation)
    book.save(directory / file)
    return directory


def test_a_row_becomes_three_records(tmp_path):
    written(tmp_path, HEADER, [1, "台風が接近している。", "台風が近づいている。", "a typhoon is coming ."])
    records = [record for task in CORPUS.tasks for record in records_of(CORPUS, tmp_path, task.config)]
    assert [(r["id"], r["instruction"], r["input"], r["output"]) for r in records] == [
        (
            "easy_japanese:ja-en:T15-1",
            "次の日本語を英語に翻訳してください。",
            "台風が接近している。",
            "a typhoon is coming .",
        ),
        (
            "easy_japanese:en-ja:T15-1",
            "次の英語を日本語に翻訳してください。",
            "a typhoon is coming .",
            "台風が接近している。",
        ),
        (
            "easy_japanese:rephrase:T15-1",
            "次の日本語をやさしい日本語に言い換えてください。",
            "台風が接近している。",
            "台風が近づいている。",
        ),
    ]


def test_the_evaluation_sheet_is_never_read(tmp_path):
    row = ["Ab_1", "原文", "易文", "text", "固有"]
    written(tmp_path, [*HEADER, "#固有名詞"], row, file=T23, evaluation=["評価", "評価", "評価", "評価"])
    rows, rejected = read_rows(CORPUS, tmp_path)
    assert [row["key"] for row in rows] == ["T23-Ab_1"]
    assert not rejected


@pytest.mark.parametrize(("column", "name"), [*enumerate(["id", "original", "easy", "english"])])
def test_a_row_with_an_empty_cell_is_rejected(tmp_path, column, name):
    bad = [2, "原文", "易文", "text"]
    bad[column] = None
    rows, rejected = read_rows(CORPUS, written(tmp_path, HEADER, [1, "雨だ。", "雨だ。", "rain ."], bad))
    assert [row["key"] for row in rows] == ["T15-1"]
    assert [reject.reason for reject in rejected] == [f"empty {name}"]


def test_a_workbook_without_the_easy_column_is_an_error(tmp_path):
    with pytest.raises(FormatError) as error:
        read_rows(CORPUS, written(tmp_path, [*HEADER[:2], "やさしい日本語", HEADER[3]], [1, "雨", "雨", "rain"]))
    assert str(error.value) == (
        f'{T15}, sheet "Sheet", row 1: no column is named "#やさしい日本語"; '
        "the columns are: ID, #日本語(原文), やさしい日本語, #英語(原文)"
    )


def test_five_real_rows_of_each_workbook(tmp_path):
    folder = raw_files_of("easy_japanese")
    for file in (T15, T23):
        shutil.copy(folder / f"{file.split('-')[0]}-real5.xlsx", tmp_path / file)
    rows, rejected = read_rows(CORPUS, tmp_path)
    assert [row["key"] for row in rows] == [*(f"T15-{n}" for n in range(1, 6)), *(f"T23-Ab_{n}" for n in range(1, 6))]
    assert rows[0]["english"] == "i can 't tell who will arrive first ."
    assert rows[5]["easy"] == "あなたの具合の良い時にその仕事をしください。"
    assert not rejected


def test_50_000_rows_of_t15_and_the_first_sheet_of_t23():
    folder = raw_files_of("easy_japanese")
    counts = count_records(CORPUS, folder)
    assert counts == {"translation-easy-ja": 2 * (50_000 + 5), "easy-ja": 50_000 + 5}
    rows, rejected = read_rows(CORPUS, folder)
    assert len({row["key"] for row in rows}) == 50_005 and not rejected
    assert sum(row["key"].startswith("T15-") for row in rows) == 50_000
