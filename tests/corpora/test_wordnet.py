"""What is special to Japanese WordNet: three files, words joined with definitions on the synset, its license text."""

from __future__ import annotations

import gzip
from functools import partial
from pathlib import Path

import pytest

from builders.build.plan import plan_configs
from builders.commands.options import SAMPLES
from builders.corpora import wordnet
from builders.corpora.wordnet import CORPUS, DEFINITIONS, EXAMPLES, MOST_CHARACTERS, MOST_DEFINITIONS, WORDS
from builders.download import obtain
from builders.errors import FormatError
from builders.licenses import WORDNET_JA
from tests.support.reading import count_records, raw_files_of, read_rows, records_of

GLOSSES = "1-n\t0\ta small boat\t小さな舟\n1-n\t1 \ta ferry\t渡し舟\n2-v\t0\tto wash\t洗う\n"


def written(directory: Path, **texts: str | bytes) -> Path:
    directory.mkdir(exist_ok=True)
    for name, text in texts.items():
        file = {"definitions": DEFINITIONS, "examples": EXAMPLES, "words": WORDS}[name]
        (directory / file).write_bytes(gzip.compress(text.encode()) if isinstance(text, str) else text)
    return directory


def test_a_word_means_each_definition_of_its_synset(tmp_path):
    folder = written(tmp_path, definitions=GLOSSES, words="1-n\t舟\thand\n2-v\t洗う\tmono\n1-n\t小舟\tmulti\n")
    records = records_of(CORPUS, folder, "knowledge-wordnet")
    assert [(record["id"], record["instruction"], record["output"]) for record in records] == [
        ("wordnet:meaning:1-n-0-舟", "「舟」とはどういう意味ですか？", "小さな舟"),
        ("wordnet:meaning:1-n-1-舟", "「舟」とはどういう意味ですか？", "渡し舟"),
        ("wordnet:meaning:2-v-0-洗う", "「洗う」とはどういう意味ですか？", "洗う"),
        ("wordnet:meaning:1-n-0-小舟", "「小舟」とはどういう意味ですか？", "小さな舟"),
        ("wordnet:meaning:1-n-1-小舟", "「小舟」とはどういう意味ですか？", "渡し舟"),
    ]


def test_definitions_and_examples_are_translated_both_ways(tmp_path):
    folder = written(tmp_path, definitions="1-n\t0\ta boat\t舟\n", examples="1-n\t0\tthe boat left\t舟が出た\n")
    records = records_of(CORPUS, folder, "translation-wordnet")
    assert [(record["id"], record["input"], record["output"]) for record in records] == [
        ("wordnet:definition-ja-en:1-n-0", "舟", "a boat"),
        ("wordnet:definition-en-ja:1-n-0", "a boat", "舟"),
        ("wordnet:example-ja-en:1-n-0", "舟が出た", "the boat left"),
        ("wordnet:example-en-ja:1-n-0", "the boat left", "舟が出た"),
    ]


def test_rows_with_an_empty_cell_are_out_on_both_sides_of_the_join(tmp_path):
    glosses = "1-n\t0\ta boat\t\n2-n\t0\t \t鳥\n3-n\t0\ta cup\t茶碗\n4-n\ta plate\t皿\n"
    words = "1-n\t舟\thand\n3-n\t\thand\n3-n\t茶碗\thand\n9-n\t謎\thand\n3-n\t湯呑\n"
    folder = written(tmp_path, definitions=glosses, words=words)
    assert [row["key"] for row in read_rows(CORPUS, folder, "definition")[0]] == ["3-n-0"]
    assert [row["key"] for row in read_rows(CORPUS, folder, "word")[0]] == ["3-n-0-茶碗"]
    assert {(reject.place, reject.reason) for reject in read_rows(CORPUS, folder, "definition")[1]} == {
        ("wnjpn-def.tab.gz 1-n-0", "empty japanese"),
        ("wnjpn-def.tab.gz 2-n-0", "empty english"),
        ("wnjpn-def.tab.gz line 4", "3 columns instead of 4"),
    }
    assert {(reject.place, reject.reason, reject.raw) for reject in read_rows(CORPUS, folder, "word")[1]} == {
        ("wnjpn-ok.tab.gz line 1", "no definition of its synset", "1-n\t舟\thand"),
        ("wnjpn-ok.tab.gz line 2", "empty word", "3-n\t\thand"),
        ("wnjpn-ok.tab.gz line 4", "no definition of its synset", "9-n\t謎\thand"),
        ("wnjpn-ok.tab.gz line 5", "2 columns instead of 3", "3-n\t湯呑"),
    }


def test_a_row_that_comes_twice_keeps_a_key_of_its_own(tmp_path):
    folder = written(tmp_path, definitions="1-n\t0\ta boat\t舟\n" * 2, words="1-n\t舟\thand\n1-n\t舟\tmono\n")
    assert [row["key"] for row in read_rows(CORPUS, folder, "definition")[0]] == ["1-n-0", "1-n-0.2"]
    assert [row["key"] for row in read_rows(CORPUS, folder, "word")[0]] == [
        *("1-n-0-舟", "1-n-0.2-舟"),
        *("1-n-0-舟.2", "1-n-0.2-舟.2"),
    ]


def test_definitions_of_one_synset_are_no_more_than_a_gloss_has(tmp_path):
    """Each of them makes a record with each word of the synset: without an end, two files of n lines made n² records."""
    for count, fails in ((MOST_DEFINITIONS, False), (MOST_DEFINITIONS + 1, True)):
        glosses = "".join(f"1-n\t{index}\ta boat\t舟\n" for index in range(count))
        folder = written(tmp_path, definitions=glosses, words="1-n\t舟\thand\n")
        if fails:
            with pytest.raises(FormatError, match="synset 1-n: more than 32 definitions: damaged"):
                count_records(CORPUS, folder)
        else:
            assert count_records(CORPUS, folder)["knowledge-wordnet"] == count


def test_definitions_of_one_synset_are_no_longer_than_a_gloss(tmp_path):
    """Each word of the synset has the text once more: two files of some megabytes made some terabytes."""
    half = "長" * (MOST_CHARACTERS // 2)
    glosses = f"1-n\t0\ta boat\t{half}\n2-n\t0\ta boat\t{half}\n1-n\t1\ta boat\t{half}"
    words = "1-n\t舟\thand\n"
    assert count_records(CORPUS, written(tmp_path, definitions=glosses, words=words))["knowledge-wordnet"] == 2
    with pytest.raises(FormatError, match="synset 1-n: definitions of more than 2,000 characters: damaged"):
        count_records(CORPUS, written(tmp_path, definitions=f"{glosses}長", words=words))


def test_words_are_joined_some_at_a_time(tmp_path, monkeypatch):
    monkeypatch.setattr(wordnet, "WORDS_AT_A_TIME", 2)
    words = "1-n\t舟\thand\n\t\n2-v\t洗う\tmono\n9-n\t謎\thand\n1-n\t小舟\tmulti\n1-n\t舟\n"
    folder = written(tmp_path, definitions=GLOSSES, words=words)
    rows, rejected = read_rows(CORPUS, folder, "word")
    assert [row["key"] for row in rows] == ["1-n-0-舟", "1-n-1-舟", "2-v-0-洗う", "1-n-0-小舟", "1-n-1-小舟"]
    assert [reject.place.split()[-1] for reject in rejected] == ["2", "6", "4"]


def test_without_the_definitions_there_are_no_meanings(tmp_path):
    folder = written(tmp_path, examples="1-n\t0\tthe boat left\t舟が出た\n", words="1-n\t舟\thand\n")
    assert count_records(CORPUS, folder) == {"translation-wordnet": 2}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            gzip.compress(GLOSSES.encode("euc-jp")),
            "wnjpn-def.tab.gz, line 1: not UTF-8 (byte 0xBE at position 20); "
            "the file has another encoding or is damaged",
        ),
        (
            gzip.compress(GLOSSES.encode())[:-12],
            "wnjpn-def.tab.gz: damaged or cut short "
            "(gzip: Compressed file ended before the end-of-stream marker was reached)",
        ),
        (GLOSSES.encode(), "wnjpn-def.tab.gz: damaged or cut short (gzip: Not a gzipped file (b'1-'))"),
    ],
    ids=["another encoding", "cut", "no gzip"],
)
def test_a_bad_file_is_an_error_that_names_it(tmp_path, content, message):
    with pytest.raises(FormatError) as error:
        read_rows(CORPUS, written(tmp_path, definitions=content))
    assert str(error.value) == message


def test_the_real_rows_both_ways():
    folder = raw_files_of("wordnet")
    assert count_records(CORPUS, folder) == {"translation-wordnet": 2 * (151 + 1), "knowledge-wordnet": 1}
    assert [read_rows(CORPUS, folder, record_type)[1] for record_type in ("definition", "example", "word")] == [
        [],
        [],
        [],
    ]


def test_the_license_goes_with_every_copy_word_for_word():
    upstream = (raw_files_of("wordnet") / "LICENSE.wnja.txt").read_text()
    assert [line.rstrip() for line in WORDNET_JA.text.splitlines()] == [
        line.rstrip() for line in upstream.rstrip().splitlines()
    ]


def test_each_config_reads_the_files_it_is_made_from():
    plans = plan_configs([task.config for task in CORPUS.tasks], partial(obtain, sources=SAMPLES))
    assert {plan.config: [list(shard.part.files) for shard in plan.shards] for plan in plans} == {
        "translation-wordnet": [[DEFINITIONS, EXAMPLES]],
        "knowledge-wordnet": [[DEFINITIONS, WORDS]],
    }
    # What must be there, and is checked, is the whole corpus all the same.
    assert {file.name for plan in plans for file in plan.files} == {DEFINITIONS, EXAMPLES, WORDS}


def test_a_config_without_any_of_its_files_has_no_shard(tmp_path):
    folder = written(tmp_path / "wordnet", words="1-n\t舟\thand\n")
    files = obtain(CORPUS, sources=folder.parent, best_effort=True)
    (translations,) = plan_configs(["translation-wordnet"], lambda corpus: files)
    assert translations.shards == ()
