"""What is special to JESC: English comes first, one member of a tar.gz, no quoting."""

from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path

import pytest

from builders.corpora import jesc
from builders.corpora.jesc import ARCHIVE, CORPUS
from builders.corpus import Part
from builders.errors import FormatError
from builders.formats import blocks
from builders.instructions import EN_TO_JA, JA_TO_EN
from tests.support.reading import count_records, raw_files_of, read_rows, records_of


def tar(text: bytes, member: str = "raw/raw") -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        info = tarfile.TarInfo(member)
        info.size = len(text)
        archive.addfile(info, io.BytesIO(text))
    return packed.getvalue()


def written(directory: Path, content: bytes) -> Path:
    (directory / ARCHIVE).write_bytes(content)
    return directory


def test_english_is_the_first_column(tmp_path):
    text = "the tide is turning.\t潮が変わる。\n"
    folder = written(tmp_path, gzip.compress(tar(text.encode())))
    records = records_of(CORPUS, folder, "translation-jesc")
    assert [(record["instruction"], record["input"], record["output"], record["id"]) for record in records] == [
        (JA_TO_EN, "潮が変わる。", "the tide is turning.", "jesc:ja-en:1"),
        (EN_TO_JA, "the tide is turning.", "潮が変わる。", "jesc:en-ja:1"),
    ]


def test_quotes_and_the_word_null_are_text(tmp_path):
    text = '"stay.\t「いて。\nnull\tヌル\nhe said "no"\t「いや」と\n'
    rows, rejected = read_rows(CORPUS, written(tmp_path, gzip.compress(tar(text.encode()))))
    assert [row["english"] for row in rows] == ['"stay.', "null", 'he said "no"']
    assert not rejected


def test_rows_that_are_no_pairs_are_rejected_with_their_line(tmp_path):
    text = "one.\t一。\nno tab here\n\t三。\nfour.\t \u3000\nfive\t五\tfive\n\nseven.\t七。\n"
    rows, rejected = read_rows(CORPUS, written(tmp_path, gzip.compress(tar(text.encode()))))
    assert [row["key"] for row in rows] == ["1", "7"]
    assert sorted((reject.place, reject.reason, reject.raw) for reject in rejected) == [
        ("raw.tar.gz/raw/raw line 2", "1 columns instead of 2", "no tab here"),
        ("raw.tar.gz/raw/raw line 3", "empty english", "\t三。"),
        ("raw.tar.gz/raw/raw line 4", "empty japanese", "four.\t \u3000"),
        ("raw.tar.gz/raw/raw line 5", "3 columns instead of 2", "five\t五\tfive"),
        ("raw.tar.gz/raw/raw line 6", "empty english", "\t"),
    ]


LINES = b"".join(f"line {number} here.\t{number}行目。\n".encode() for number in range(5000))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            gzip.compress(tar(LINES))[:9000],
            "raw.tar.gz: damaged or cut short "
            "(gzip: Compressed file ended before the end-of-stream marker was reached)",
        ),
        (gzip.compress(tar(LINES)[:99_000]), "raw.tar.gz: damaged or cut short (tar: unexpected end of data)"),
        (gzip.compress(tar(LINES, "raw/readme")), 'raw.tar.gz: has no member "raw/raw"; it has: raw/readme'),
        (tar(LINES), "raw.tar.gz: damaged or cut short (gzip: Not a gzipped file (b'ra'))"),
        (b"", "raw.tar.gz: damaged or cut short (gzip: the file is empty)"),
        (
            gzip.compress(tar("one.\t一。\ntwo.\t二。\n".encode("shift_jis"))),
            "raw.tar.gz/raw/raw, line 1: not UTF-8 (byte 0x88 at position 6); "
            "the file has another encoding or is damaged",
        ),
    ],
    ids=["cut gzip", "cut tar", "no member", "no gzip", "empty", "another encoding"],
)
def test_a_bad_file_is_an_error_that_names_it(tmp_path, content, message):
    with pytest.raises(FormatError) as error:
        read_rows(CORPUS, written(tmp_path, content))
    assert str(error.value) == message


def test_the_real_rows():
    folder = raw_files_of("jesc")
    assert count_records(CORPUS, folder) == {"translation-jesc": 4}
    assert read_rows(CORPUS, folder)[0][0] == {
        "english": "you are back, aren't you, harold?",
        "japanese": "あなたは戻ったのね ハロルド?",
        "key": "1",
    }


def test_parts_give_together_what_the_whole_gives(tmp_path, monkeypatch):
    lines = [f"line {number}.\t{number}行。" if number % 7 else "no pair" for number in range(5_000)]
    path = written(tmp_path, gzip.compress(tar("\n".join(lines).encode()))) / ARCHIVE
    monkeypatch.setattr(blocks, "BLOCK", 1_000)
    [whole] = CORPUS.split({ARCHIVE: path})
    monkeypatch.setattr(jesc, "LARGE", 0)
    parts = CORPUS.split({ARCHIVE: path})

    def keys_and_places(part: Part) -> list[list[str]]:
        found = list(CORPUS.read(part))
        keys = [key for rows in found for key in rows.batch.column("key").to_pylist()]
        return [keys, [row.place for rows in found for row in rows.rejected]]

    pieces = [keys_and_places(part) for part in parts]
    assert len(parts) == jesc.PARTS and all(piece[0] for piece in pieces)
    assert [sum(lists, []) for lists in zip(*pieces, strict=True)] == keys_and_places(whole)


def test_the_last_part_reads_the_checksum(tmp_path, monkeypatch):
    monkeypatch.setattr(jesc, "LARGE", 0)
    packed = bytearray(gzip.compress(tar("one.\t一。\ntwo.\t二。\n".encode())))
    packed[-8] ^= 1
    *_, last = CORPUS.split({ARCHIVE: written(tmp_path, bytes(packed)) / ARCHIVE})
    with pytest.raises(FormatError):
        list(CORPUS.read(last))
