"""Coursera: sides aligned by line, and Japanese words joined again."""

from __future__ import annotations

import zipfile

import pyarrow as pa
import pytest

from builders.corpora.coursera import CORPUS, join_words
from builders.errors import FormatError
from builders.formats.archives import zip_archive
from tests.support.reading import count_records, raw_files_of, read_rows


@pytest.mark.parametrize(
    "separated, joined",
    [
        ("地図 の 歴史 へ ようこそ 。", "地図の歴史へようこそ。"),
        ("演習 で は Python と SQL を 使い ます 。", "演習ではPythonとSQLを使います。"),
        ("Quick Sort は 速い 。", "Quick Sortは速い。"),
        ("列 が 2 つ", "列が2つ"),
        ("1 対 1 で  話す", "1対1で話す"),
        ("only Latin words stay apart", "only Latin words stay apart"),
        ("", ""),
    ],
)
def test_words_are_joined_but_latin_words(separated, joined):
    assert join_words(pa.array([separated])).to_pylist() == [joined]


def write_archive(directory, **sides: str):
    texts = {f"{split}_{side}": "x\n" for split in ("train", "dev", "test") for side in ("en", "ja")} | sides
    with zipfile.ZipFile(directory / "Coursera_En-Ja.zip", "w") as archive:
        for name, text in texts.items():
            split, side = name.split("_")
            archive.writestr(f"Coursera_En-Ja/{split}.{side}.txt", text)


def test_only_train_is_joined(tmp_path):
    write_archive(tmp_path, train_ja="一 つ\n", dev_ja="一 つ\n")
    rows, _ = read_rows(CORPUS, tmp_path)
    assert [(row["key"], row["japanese"]) for row in rows[:2]] == [("train-1", "一つ"), ("dev-1", "一 つ")]


def test_sides_of_different_length_are_an_error(tmp_path):
    write_archive(tmp_path, dev_ja="一\n二\n三\n", dev_en="one\ntwo\n")
    with pytest.raises(FormatError) as error:
        read_rows(CORPUS, tmp_path)
    assert str(error.value) == (
        "Coursera_En-Ja.zip/Coursera_En-Ja/dev.ja.txt, line 3: "
        "3 lines, but Coursera_En-Ja/dev.en.txt has 2: the pairs are aligned by line"
    )


def test_a_missing_split_is_an_error(tmp_path):
    write_archive(tmp_path)
    with zip_archive(tmp_path / "Coursera_En-Ja.zip") as whole:
        kept = {name: whole.read(name) for name in whole.namelist() if "dev.ja" not in name}
    with zipfile.ZipFile(tmp_path / "Coursera_En-Ja.zip", "w") as archive:
        for name, text in kept.items():
            archive.writestr(name, text)
    with pytest.raises(FormatError) as error:
        read_rows(CORPUS, tmp_path)
    assert 'has no member "Coursera_En-Ja/dev.ja.txt"; it has: Coursera_En-Ja/train.en.txt' in str(error.value)


def test_the_real_archive_gives_the_papers_count():
    assert count_records(CORPUS, raw_files_of("coursera")) == {"translation-coursera": 106_332}
