"""Coursera: sides aligned by line, and Japanese tokens put together again."""

from __future__ import annotations

import re
import zipfile

import pyarrow as pa
import pytest

from builders.corpora.coursera import CORPUS, without_spaces_beside_japanese
from builders.errors import FormatError
from builders.formats.archives import zip_archive
from tests.support.reading import count_records, raw_files_of, read_rows


@pytest.mark.parametrize(
    "segmented, text",
    [
        ("地図 の 歴史 へ ようこそ 。", "地図の歴史へようこそ。"),
        ("演習 で は Python と SQL を 使い ます 。", "演習ではPythonとSQLを使います。"),
        ("Quick   Sort は 速い 。", "Quick Sortは速い。"),
        ("amazon . com で 20 % 安い", "amazon.comで20%安い"),
        ("関数 は h ( x ) です", "関数はh(x)です"),
        ("END   OF   FILE と 出る", "END OF FILEと出る"),
        ("MP 3 を 2 つ 、   3 つ", "MP3を2つ、3つ"),
        ("Mr . ,   Ms . の こと", "Mr., Ms.のこと"),
        ("top - level の x _ 1   +   x _ 2", "top-levelのx_1 + x_2"),
        ("", ""),
    ],
)
def test_tokens_are_put_together_and_spaces_of_the_text_stay(tmp_path, segmented, text):
    write_archive(tmp_path, train_ja=f"{segmented or '一'}\n")
    rows, _ = read_rows(CORPUS, tmp_path)
    assert rows[0]["japanese"] == (text or "一")


@pytest.mark.parametrize(
    "line, text",
    [
        ("質問を する 理由なのです", "質問をする理由なのです"),
        ("A B の C D", "A BのC D"),
        ("「 Big Data 」 です", "「Big Data」です"),
        ("ｱｲｳ ＡＢ 々 ー ！ x", "ｱｲｳＡＢ々ー！x"),
        ("amazon.com and h(x) is 20%", "amazon.com and h(x) is 20%"),
        ("“quoted” text", "“quoted” text"),
    ],
)
def test_no_space_stays_beside_a_japanese_character(line, text):
    assert without_spaces_beside_japanese(pa.array([line])).to_pylist() == [text]


def write_archive(directory, **sides: str):
    texts = {f"{split}_{side}": "x\n" for split in ("train", "dev", "test") for side in ("en", "ja")} | sides
    with zipfile.ZipFile(directory / "Coursera_En-Ja.zip", "w") as archive:
        for name, text in texts.items():
            split, side = name.split("_")
            archive.writestr(f"Coursera_En-Ja/{split}.{side}.txt", text)


def test_only_train_is_in_tokens_and_all_splits_lose_spaces_beside_japanese(tmp_path):
    write_archive(tmp_path, train_ja="Big Data の 話\n", dev_ja="Big Data の 話\n", test_ja="Big Data の 話\n")
    rows, _ = read_rows(CORPUS, tmp_path)
    assert [(row["key"], row["japanese"]) for row in rows] == [
        ("train-1", "BigDataの話"),
        ("dev-1", "Big Dataの話"),
        ("test-1", "Big Dataの話"),
    ]


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


def test_the_real_archive_has_no_space_beside_a_japanese_character():
    rows, _ = read_rows(CORPUS, raw_files_of("coursera"))
    japanese = [row["japanese"] for row in rows]
    beside = re.compile(r"[\u2e80-\u9fff\uff00-\uffef] | [\u2e80-\u9fff\uff00-\uffef]")
    assert [text for text in japanese if beside.search(text)] == []
    together = "\n".join(japanese)
    assert all(text in together for text in ("amazon.com", "h(x)", "20%", "END OF FILE"))
    assert all(text not in together for text in ("amazon . com", "h ( x )", "END   OF", "ENDOF"))
