"""What is special to JWTD: three members of a tar, edits that corrected several sentences, lines that correct nothing."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from pathlib import Path

import pytest

from builders.corpora.jwtd import ARCHIVE, CORPUS, MEMBERS
from builders.errors import FormatError
from builders.instructions import CORRECT_TYPO
from tests.support.reading import read_rows, records_of

LINE = {
    "page": "5012",
    "title": "灯台",
    "pre_rev": "31",
    "post_rev": "47",
    "pre_text": "灯台は岬のの先にある。",
    "post_text": "灯台は岬の先にある。",
    "diffs": [{"pre_str": "の", "post_str": "", "pre_bart_likelihood": -21.22, "category": "insertion_a"}],
    "lstm_average_likelihood": -2.27,
}
WITHOUT_DIFFS = {name: value for name, value in LINE.items() if name != "diffs"}
NO_TYPO = {"pre_str": "岬", "post_str": "崎", "category": "not-typo"}


def packed(train=(LINE,), test=(LINE,), gold=(WITHOUT_DIFFS,)) -> bytes:
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        for name, lines in zip(MEMBERS, (train, test, gold), strict=True):
            if lines is not None:
                content = "".join(json.dumps(line) + "\n" for line in lines).encode()
                info = tarfile.TarInfo(name)
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
    return tar.getvalue()


def written(directory: Path, content: bytes) -> Path:
    (directory / ARCHIVE).write_bytes(gzip.compress(content))
    return directory


def test_the_text_before_is_the_input_and_the_text_after_the_output(tmp_path):
    record, *_ = records_of(CORPUS, written(tmp_path, packed()), "typo-correction")
    assert record == {
        "instruction": CORRECT_TYPO,
        "input": "灯台は岬のの先にある。",
        "output": "灯台は岬の先にある。",
        "id": "jwtd:correction:train-5012-31-47",
        "source": "jwtd",
        "task": "correction",
        "license": "CC-BY-SA-3.0",
    }


def test_a_key_says_the_member_and_tells_sentences_of_one_edit_apart(tmp_path):
    same = {**LINE, "pre_text": LINE["post_text"]}  # takes its number, so that another rule shifts no key
    numbers = {**LINE, "page": 5012, "pre_rev": 31, "post_rev": 47}
    rows, _ = read_rows(CORPUS, written(tmp_path, packed(train=(LINE, same, LINE), test=(LINE, numbers))))
    assert [row["key"] for row in rows] == [
        "train-5012-31-47",
        "train-5012-31-47.3",
        "test-5012-31-47",
        "test-5012-31-47.2",
        "gold-5012-31-47",
    ]


def test_lines_without_a_correction_are_rejected_with_their_place(tmp_path):
    train = (
        {**LINE, "pre_text": " "},
        {**LINE, "post_text": ""},
        {**LINE, "pre_text": f"{LINE['post_text']}\u3000"},
        {**LINE, "diffs": [NO_TYPO, NO_TYPO]},
        {**LINE, "diffs": [NO_TYPO, *LINE["diffs"]]},
        {**LINE, "diffs": "not-typo"},
        {**LINE, "pre_text": None},
    )
    rows, rejected = read_rows(CORPUS, written(tmp_path, packed(train=train)))
    assert [row["key"] for row in rows][:2] == ["train-5012-31-47.5", "train-5012-31-47.6"]
    assert sorted((row.place, row.reason) for row in rejected) == [
        (f"{ARCHIVE}/{MEMBERS[0]} line 1", "empty pre_text"),
        (f"{ARCHIVE}/{MEMBERS[0]} line 2", "empty post_text"),
        (f"{ARCHIVE}/{MEMBERS[0]} line 3", "pre_text and post_text are the same"),
        (f"{ARCHIVE}/{MEMBERS[0]} line 4", 'its differences are marked as "not-typo"'),
        (f"{ARCHIVE}/{MEMBERS[0]} line 7", "Expected `str`, got `null` - at `$.pre_text`"),
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (packed(gold=None), f'{ARCHIVE}: has no member "{MEMBERS[2]}"'),
        (packed(test=()), f"{ARCHIVE}/{MEMBERS[1]}: empty"),
        (packed()[:700], f"{ARCHIVE}: damaged or cut short (tar: unexpected end of data)"),
    ],
    ids=["no gold", "empty member", "cut"],
)
def test_an_archive_that_is_not_whole_is_an_error(tmp_path, content, message):
    with pytest.raises(FormatError) as error:
        read_rows(CORPUS, written(tmp_path, content))
    assert str(error.value) == message


def test_a_member_that_comes_twice_is_an_error(tmp_path):
    tar = io.BytesIO(packed())
    with tarfile.open(fileobj=tar, mode="a") as archive:
        archive.addfile(tarfile.TarInfo(MEMBERS[1]), io.BytesIO())
    with pytest.raises(FormatError) as error:
        read_rows(CORPUS, written(tmp_path, tar.getvalue()))
    assert str(error.value) == f'{ARCHIVE}: has the member "{MEMBERS[1]}" twice'
