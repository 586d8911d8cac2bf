"""What is special to ALT: the two sides are joined by id."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from builders.corpora.alt import ARCHIVE, CORPUS
from builders.errors import FormatError
from tests.support.reading import count_records, raw_files_of, read_rows

FOLDER = "ALT-Parallel-Corpus-20191206"
PLACE = f"{ARCHIVE}/{FOLDER}"


def written(directory: Path, english: str | bytes, japanese: str | bytes | None) -> Path:
    with zipfile.ZipFile(directory / ARCHIVE, "w") as archive:
        archive.writestr(f"{FOLDER}/data_en.txt", english)
        if japanese is not None:
            archive.writestr(f"{FOLDER}/data_ja.txt", japanese)
    return directory


def test_sides_in_another_order_are_joined_by_id(tmp_path):
    folder = written(tmp_path, "S.1\tOne.\nS.2\tTwo.\nS.3\tThree.\n", "S.3\t三。\r\nS.1\t一。\r\nS.2\t二。\r\n")
    rows, rejected = read_rows(CORPUS, folder)
    assert [(row["key"], row["english"], row["japanese"]) for row in rows] == [
        ("S.1", "One.", "一。"),
        ("S.2", "Two.", "二。"),
        ("S.3", "Three.", "三。"),
    ]
    assert not rejected


def test_rows_without_a_partner_are_rejects_with_their_place(tmp_path):
    english = "S.1\tOne.\nS.2\tTwo.\nS.3\tThree.\nS.4\t \nS.5 no tab\nS.6\tSix.\nS.1\tUno.\n\t?\n"
    japanese = "S.1\t一。\nS.2\t\nS.4\t四。\nS.6\t六。\nS.7\t七。\n"
    rows, rejected = read_rows(CORPUS, written(tmp_path, english, japanese))
    assert [row["key"] for row in rows] == ["S.1", "S.6"]
    assert {(reject.place, reject.reason, reject.raw) for reject in rejected} == {
        (f"{PLACE}/data_ja.txt line 2", "empty japanese", "S.2\tTwo."),
        (f"{PLACE}/data_en.txt line 3", "id only in data_en.txt", "S.3\tThree."),
        (f"{PLACE}/data_en.txt line 4", "empty english", "S.4\t四。"),
        (f"{PLACE}/data_en.txt line 5", "1 columns instead of 2", "S.5 no tab"),
        (f"{PLACE}/data_en.txt line 7", "repeated id", "S.1\tUno."),
        (f"{PLACE}/data_en.txt line 8", "empty id", "\t?"),
        (f"{PLACE}/data_ja.txt line 5", "id only in data_ja.txt", "S.7\t七。"),
    }
    assert len(rejected) == 7


@pytest.mark.parametrize(
    ("japanese", "message"),
    [
        (None, f'{ARCHIVE}: has no member "{FOLDER}/data_ja.txt"; it has: {FOLDER}/data_en.txt'),
        (
            "S.1\t一。\nS.2\t二。\n".encode("utf-16"),
            f"{PLACE}/data_ja.txt, line 1: not UTF-8 (byte 0xFF at position 1); "
            "the file has another encoding or is damaged",
        ),
    ],
    ids=["no Japanese side", "UTF-16"],
)
def test_a_bad_archive_is_an_error_that_names_the_member(tmp_path, japanese, message):
    with pytest.raises(FormatError) as error:
        read_rows(CORPUS, written(tmp_path, "S.1\tOne.\nS.2\tTwo.\n", japanese))
    assert str(error.value) == message


def test_the_real_rows():
    folder = raw_files_of("alt")
    assert count_records(CORPUS, folder) == {"translation-alt": 10}
    assert read_rows(CORPUS, folder)[1] == []
