"""What is special to JMRD: one record per movie over all files, lists in the knowledge, full-width characters."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.corpora.jmrd import CORPUS, half_width
from builders.errors import FormatError
from tests.support.reading import count_records, files_in, raw_files_of, read_rows, records_of


def dialogue(id: str, title: str = "星降る駅の３人", **changed) -> dict:
    knowledge = {
        "タイトル": title,
        "製作年度": "２０１８年",
        "監督名": "北川遥",
        "キャスト名": ["村井透", "Ｋ．サトウＪｒ"],
        "あらすじ": ["舞台は小さな駅。", "３人が終電を逃す。"],
        **changed,
    }
    return {"dialog_id": id, "movie_title": title, "knowledge": knowledge, "dialog": []}


def written(directory: Path, **files: list) -> Path:
    for name, dialogues in files.items():
        (directory / f"{name}.json").write_text(json.dumps(dialogues))
    return directory


def test_a_movie_becomes_a_record(tmp_path):
    [record] = records_of(CORPUS, written(tmp_path, valid=[dialogue("00001")]), "knowledge-jmrd")
    assert record == {
        "instruction": "映画『星降る駅の3人』について教えてください。",
        "input": "",
        "output": "『星降る駅の3人』は2018年の映画です。監督は北川遥、主なキャストは村井透、K.サトウJrです。"
        "あらすじは次のとおりです。\n舞台は小さな駅。3人が終電を逃す。",
        "id": "jmrd:movie:valid-00001",
        "source": "jmrd",
        "task": "movie",
        "license": "CC-BY-SA-4.0",
    }


@pytest.mark.parametrize(
    ("title", "asked"),
    [
        ("星降る駅", "映画『星降る駅』"),
        ("映画星降る駅", "『映画星降る駅』"),
        ("劇場版\u3000星降る駅", "『劇場版\u3000星降る駅』"),
        ("わたしの映画", "映画『わたしの映画』"),
        ("\u3000星降る駅\u200b", "映画『星降る駅』"),
    ],
)
def test_a_title_that_says_movie_is_not_called_one_twice(tmp_path, title, asked):
    [record] = records_of(CORPUS, written(tmp_path, valid=[dialogue("00001", title)]), "knowledge-jmrd")
    assert record["instruction"] == f"{asked}について教えてください。"


def test_titles_that_differ_in_white_space_are_one_movie(tmp_path):
    rows, rejected = read_rows(CORPUS, written(tmp_path, valid=[dialogue("1", "星\u3000"), dialogue("2", "星")]))
    assert [row["key"] for row in rows] == ["valid-2"]
    assert len(rejected) == 1


def test_a_whole_date_is_a_release(tmp_path):
    [row], _ = read_rows(CORPUS, written(tmp_path, valid=[dialogue("00001", 製作年度="２０１２年３月１０日")]))
    assert row["released"] == "2012年3月10日公開"


def test_the_last_dialogue_on_a_movie_counts_in_whatever_file_it_is(tmp_path):
    written(
        tmp_path,
        test=[dialogue("00005", 監督名="五")],
        train=[dialogue("00001", 監督名="一"), dialogue("00002", "灯台守の娘"), dialogue("00003", 監督名="三")],
        valid=[dialogue("00004", "灯台守の娘")],
    )
    assert len(CORPUS.split(files_in(CORPUS, tmp_path))) == 1
    rows, rejected = read_rows(CORPUS, tmp_path)
    assert [(row["key"], row["title"], row["director"]) for row in rows] == [
        ("valid-00004", "灯台守の娘", "北川遥"),
        ("test-00005", "星降る駅の3人", "五"),
    ]
    assert [(reject.place, reject.reason, reject.raw) for reject in rejected] == [
        ("train.json train-00001", "a later dialogue has the same movie", "星降る駅の3人"),
        ("train.json train-00002", "a later dialogue has the same movie", "灯台守の娘"),
        ("train.json train-00003", "a later dialogue has the same movie", "星降る駅の3人"),
    ]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"製作年度": ""}, 'field "製作年度" is empty'),
        ({"監督名": None}, 'field "監督名" is null, not text'),
        ({"キャスト名": []}, 'field "キャスト名" is empty'),
        ({"キャスト名": "村井透"}, 'field "キャスト名" is not a list of texts'),
        ({"あらすじ": [" "]}, 'field "あらすじ" is empty'),
    ],
)
def test_a_dialogue_that_cannot_be_used_does_not_supersede_one_that_can(tmp_path, change, reason):
    rows, rejected = read_rows(CORPUS, written(tmp_path, valid=[dialogue("00001"), dialogue("00002", **change)]))
    assert [row["key"] for row in rows] == ["valid-00001"]
    assert [(reject.place, reject.reason) for reject in rejected] == [("valid.json record 2", reason)]


def test_knowledge_that_is_no_object(tmp_path):
    bad = {**dialogue("00001"), "knowledge": "なし"}
    assert [reject.reason for reject in read_rows(CORPUS, written(tmp_path, valid=[bad]))[1]] == [
        'field "knowledge" is text, not an object'
    ]


@pytest.mark.parametrize(
    ("full", "half"),
    [
        ("Ａ．Ｉ．の２－３話", "A.I.の2-3話"),
        ("１，２００キロの「Ｍａｒｋ．０６」", "1,200キロの「Mark.06」"),
        ("方の銀河系で．．。", "方の銀河系で．．。"),
        ("真田一郎，真田二郎", "真田一郎，真田二郎"),
        ("ＬＩＦＥ，生命の環－", "LIFE，生命の環－"),
        ("ＴＩＭＥ／タイム：ナイト＆デイ（５０％）！？", "TIME／タイム：ナイト＆デイ（50％）！？"),
        ("ミリオネア＄", "ミリオネア＄"),
    ],
)
def test_full_width_digits_and_letters_become_half_width(full, half):
    assert half_width(full) == half


@given(st.text())
def test_half_width_keeps_length_and_all_that_is_not_full_width(text):
    made = half_width(text)
    assert len(made) == len(text)
    assert all(a == b or ord(a) - ord(b) == 0xFEE0 for a, b in zip(text, made, strict=True))
    assert half_width(made) == made


def test_a_file_cut_in_the_middle_is_an_error(tmp_path):
    path = written(tmp_path, valid=[dialogue("00001")], test=[dialogue("00002")]) / "test.json"
    path.write_text(path.read_text()[:30])
    with pytest.raises(FormatError) as error:
        read_rows(CORPUS, tmp_path)
    assert str(error.value) == (
        "test.json, line 1, column 31: not valid JSON (unexpected end of data); the file is cut short or damaged"
    )


def test_one_record_per_movie_of_the_real_valid_file():
    folder = raw_files_of("jmrd")
    titles = {dialogue["movie_title"] for dialogue in json.loads((folder / "valid.json").read_bytes())}
    assert count_records(CORPUS, folder) == {"knowledge-jmrd": len(titles)} == {"knowledge-jmrd": 136}
    rows, rejected = read_rows(CORPUS, folder)
    assert {row["title"] for row in rows} == {half_width(title) for title in titles}
    assert len(rejected) == 200 - 136
    assert {reject.reason for reject in rejected} == {"a later dialogue has the same movie"}
