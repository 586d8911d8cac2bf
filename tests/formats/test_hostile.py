"""Files that are made to do harm: each is a named error, in bounded time and memory, and leads nowhere else."""

from __future__ import annotations

import gzip
import io
import struct
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from builders.errors import FormatError
from builders.formats import archives, json_records
from builders.formats.archives import gzip_file, tar_member, zip_archive, zip_member
from builders.formats.delimited import read_delimited
from builders.formats.pubmed import MalformedArticle, parse_article
from builders.formats.spreadsheet import read_sheet
from tests.formats.test_archives import zip_error

MEMORY = 1 << 30
"""Bytes that a process may take for any of these files, the libraries aside."""


def zipped(path: Path, members: list[tuple[str | zipfile.ZipInfo, bytes]], how: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", how) as archive:
        for name, content in members:
            archive.writestr(name, content, how)
    return path


def tarred(*entries: tarfile.TarInfo | tuple[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for entry in entries:
            if isinstance(entry, tarfile.TarInfo):
                tar.addfile(entry)
            else:
                info = tarfile.TarInfo(entry[0])
                info.size = len(entry[1])
                tar.addfile(info, io.BytesIO(entry[1]))
    return packed.getvalue()


def special(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = kind, target
    return entry


def tar_error(content: bytes) -> str:
    with pytest.raises(FormatError) as error, tar_member(io.BytesIO(content), "a.tar", "raw/raw") as stream:
        stream.read()
    return str(error.value)


class TestZip:
    NAMES = ("../text.txt", "/text.txt", "C:\text.txt", "./text.txt", "a/../text.txt", "text.txt/")

    def test_other_ways_to_write_a_name_are_other_names(self, tmp_path):
        path = zipped(tmp_path / "a.zip", [(name, b"no") for name in self.NAMES])
        assert zip_error(path).startswith('a.zip: has no member "text.txt"; it has: ../text.txt, /text.txt, ')
        assert [entry.name for entry in tmp_path.iterdir()] == ["a.zip"]

    def test_a_link_is_the_text_that_it_holds(self, tmp_path):
        link = zipfile.ZipInfo("text.txt")
        link.external_attr = 0o120777 << 16
        with zip_member(zipped(tmp_path / "a.zip", [(link, b"/etc/passwd")]), "text.txt") as stream:
            assert stream.read() == b"/etc/passwd"

    @pytest.mark.filterwarnings("ignore:Duplicate name")
    def test_a_member_that_is_there_twice(self, tmp_path):
        path = zipped(tmp_path / "a.zip", [("text.txt", b"one"), ("text.txt", b"two")])
        assert zip_error(path) == 'a.zip: has more than one member "text.txt"'

    @pytest.mark.parametrize("how", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
    def test_an_unusual_packing(self, tmp_path, how):
        path = zipped(tmp_path / "a.zip", [("text.txt", bytes(10_000_000))], how)
        assert zip_error(path) == f"a.zip/text.txt: packed by method {how}: only deflate (8) is read"

    def test_an_encrypted_member(self, tmp_path):
        path = zipped(tmp_path / "a.zip", [("text.txt", b"text")])
        raw = bytearray(path.read_bytes())
        for at in (6, raw.index(b"PK\1\2") + 8):
            raw[at] |= 1
        path.write_bytes(raw)
        assert zip_error(path) == "a.zip/text.txt: encrypted"

    @pytest.mark.parametrize("reading", ["stream", "whole"])
    def test_a_bomb(self, tmp_path, reading):
        path = zipped(tmp_path / "a.zip", [("text.txt", bytes(100 << 20))])
        with pytest.raises(FormatError, match=r"^a\.zip/text\.txt: unpacks to more than 100 times its size"):
            with zip_archive(path) as archive:
                if reading == "whole":
                    archive.read("text.txt")
                else:
                    with archive.open("text.txt"):
                        pass

    def test_many_small_bombs(self, tmp_path):
        path = zipped(tmp_path / "a.zip", [(f"{number}.txt", bytes(15 << 20)) for number in range(6)])
        with pytest.raises(FormatError, match=r"^a\.zip: unpacks to more than 100 times its size"):
            with zip_archive(path) as archive:
                for name in archive.namelist():
                    archive.read(name)

    def test_a_member_that_is_more_than_its_directory_says(self, tmp_path):
        path = zipped(tmp_path / "a.zip", [("text.txt", b"x" * 5000)])
        raw = bytearray(path.read_bytes())
        for at in (22, raw.index(b"PK\1\2") + 24):
            struct.pack_into("<L", raw, at, 3)
        path.write_bytes(raw)
        assert zip_error(path).startswith("a.zip: damaged or cut short (zip: Bad CRC-32")

    def test_a_member_too_large_for_the_memory(self, tmp_path):
        path = zipped(tmp_path / "a.zip", [("work.txt", bytes(17 << 20))])
        with pytest.raises(FormatError) as error, zip_archive(path) as archive:
            archive.read("work.txt")
        assert str(error.value) == "a.zip/work.txt: unpacks to 17,825,792 bytes: more than 16 MiB are refused"

    def test_thousands_of_members(self, tmp_path):
        path = zipped(tmp_path / "a.zip", [(f"{number:05}.txt", b"") for number in range(20_000)])
        assert zip_error(path).endswith("00006.txt, 00007.txt, ...")

    def test_a_directory_too_large_for_the_memory(self, tmp_path, monkeypatch):
        monkeypatch.setattr(archives, "DIRECTORY", 50_000)
        path = zipped(tmp_path / "a.zip", [(f"{number:05}.txt", b"") for number in range(1000)])
        assert zip_error(path) == "a.zip: its directory has 55,000 bytes: more than 0 MiB are refused"

    def test_names_do_not_reach_the_terminal_as_they_are(self, tmp_path):
        path = zipped(tmp_path / "a.zip", [("\x1b[2J\x07" + "long" * 5000, b"")])
        assert zip_error(path) == f'a.zip: has no member "text.txt"; it has: ?[2J?{("long" * 99)[:55]}...'


class TestGzip:
    @pytest.mark.parametrize("at", [-1, -5])
    def test_a_wrong_checksum_or_length_behind_what_was_read(self, tmp_path, at):
        raw = bytearray(gzip.compress(b"line\n" * 1000))
        raw[at] ^= 1
        path = tmp_path / "a.gz"
        path.write_bytes(raw)
        with pytest.raises(FormatError, match=r"^a\.gz: damaged or cut short \(gzip: "), gzip_file(path) as stream:
            stream.read(10)

    def test_a_bomb(self, tmp_path):
        path = tmp_path / "a.gz"
        path.write_bytes(gzip.compress(bytes(100 << 20)))
        with pytest.raises(FormatError) as error, gzip_file(path) as stream:
            while stream.read(1 << 20):
                pass
        assert str(error.value) == "a.gz: unpacks to more than 100 times its size: no text does, so it is refused"


class TestTar:
    @pytest.mark.parametrize("name", ["../raw/raw", "/raw/raw", "raw/../raw/raw", "raw/raw/"])
    def test_other_ways_to_write_a_name_are_other_names(self, name):
        assert tar_error(tarred((name, b"no"))).startswith('a.tar: has no member "raw/raw"; it has: ')

    @pytest.mark.parametrize(
        "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE]
    )
    def test_links_devices_and_directories(self, kind):
        assert tar_error(tarred(special("raw/raw", kind, "/dev/zero"))) == (
            'a.tar: member "raw/raw" is a link, a device or the like, not a plain file'
        )

    def test_a_member_that_is_there_twice(self):
        assert tar_error(tarred(("raw/raw", b"one"), ("raw/raw", b"two"))) == (
            'a.tar: has more than one member "raw/raw"'
        )

    def test_thousands_of_members_are_walked_once(self):
        class Forward(io.BytesIO):
            def seek(self, *_):
                raise AssertionError("an archive is read forward only: going back means unpacking again")

        entries = [(f"raw/{number}", b"") for number in range(20_000)]
        with tar_member(Forward(tarred(*entries, ("raw/raw", b"yes"))), "a.tar", "raw/raw") as stream:
            assert stream.read() == b"yes"

    def test_a_member_behind_a_large_one_is_not_looked_for_without_end(self, monkeypatch):
        monkeypatch.setattr(archives, "HEADERS", 100_000)
        assert tar_error(tarred(("raw/other", bytes(200_000)), ("raw/raw", b""))).startswith("a.tar: ")

    def test_a_header_that_claims_a_huge_name(self):
        long_name = special("././@LongLink", tarfile.GNUTYPE_LONGNAME)
        raw = bytearray(long_name.tobuf(tarfile.GNU_FORMAT))
        raw[124:136] = b"77777777777\0"
        raw[148:156] = b"%06o\0 " % (sum(raw[:148]) + sum(raw[156:512]) + 256)
        assert tar_error(bytes(raw) + bytes(10_000)).startswith("a.tar: damaged or cut short (tar: ")

    def test_headers_that_stand_for_headers_without_end(self):
        header = special("raw/raw", tarfile.XHDTYPE).tobuf(tarfile.GNU_FORMAT)
        assert tar_error(header * 5000).startswith("a.tar: damaged or cut short (tar: ")


def sheet_with(path: Path, *changes: tuple[bytes, bytes]) -> Path:
    """A workbook of two rows whose sheet is changed."""
    book = Workbook()
    book.active.append(["ID", "text"])
    book.active.append([1, "x"])
    saved = io.BytesIO()
    book.save(saved)
    with zipfile.ZipFile(saved) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            part = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                for old, new in changes:
                    assert old in part
                    part = part.replace(old, new)
            target.writestr(name, part)
    return path


class TestSpreadsheet:
    B2, NO_PLACE = b'<c r="B2"', [(b'<c r="A2"', b"<c"), (b'<c r="B2"', b"<c")]

    @pytest.mark.parametrize(
        "changes",
        [
            [(B2, b'<c r="XFD1048576"')],
            [(B2, b"<c r='XFD1048576'")],
            [(B2, b'<c\n r = "xfd1048576"')],
            [(B2, b'<c r="ZZZZZZZZZZZZ2"')],
            [(B2, b'<c r="B%s"' % (b"9" * 40))],
            [(b'<row r="2"', b'<row r="99999999"'), *NO_PLACE],
            [(b'<row r="2"', b'<row r="1048576"'), (B2, b"<c/>" * 1000 + b"<c"), (b'<c r="A2"', b"<c")],
            [(b'<row r="2"', b'<x r="1"/>' * 5000 + b'<row r="1048576"'), (B2, b"<c/>" * 1000 + b"<c")],
        ],
        ids=["far", "quotes", "blanks", "letters", "digits", "row", "cells without place", "other elements"],
    )
    def test_a_rectangle_that_fits_into_no_memory(self, tmp_path, changes):
        path = sheet_with(tmp_path / "a.xlsx", *changes)
        with pytest.raises(FormatError, match=r"^a.xlsx/xl/worksheets/sheet1.xml: has .* cells are refused$"):
            list(read_sheet(path, {"id": "ID"}))

    def test_a_bomb(self, tmp_path):
        path = sheet_with(tmp_path / "a.xlsx", (b"<sheetData>", b"<sheetData>" + b" " * (100 << 20)))
        with pytest.raises(FormatError, match="unpacks to more than 100 times its size"):
            list(read_sheet(path, {"id": "ID"}))

    def test_a_text_that_many_cells_share_is_not_copied_into_each(self, tmp_path):
        shared = b"<c t='s'><v>0</v></c>"
        path = sheet_with(tmp_path / "a.xlsx", (b"</sheetData>", b"<row>" + shared * 5000 + b"</row></sheetData>"))
        with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as book:
            book.writestr("xl/sharedStrings.xml", b"<sst><si><t>" + b"x" * (1 << 20) + b"</t></si></sst>")
        with pytest.raises(FormatError) as error:
            list(read_sheet(path, {"id": "ID"}))
        assert str(error.value) == "a.xlsx: cells share texts: over 128 MiB, counted for every cell, are refused"

    def test_entities_are_not_expanded(self, tmp_path):
        entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "ha"}">' for n in range(20))
        path = sheet_with(
            tmp_path / "a.xlsx",
            (b"<worksheet", f"<!DOCTYPE x [{entities}]><worksheet".encode()),
            (b"<is><t>x</t></is>", b"<is><t>&e19;</t></is>"),
        )
        try:
            rows = [row for batch in read_sheet(path, {"id": "ID", "text": "text"}) for row in batch.to_pylist()]
            assert len(rows[0]["text"]) < 100
        except FormatError as error:
            assert error.file == "a.xlsx"


class TestText:
    @pytest.mark.parametrize("depth", [255, 1_023])
    def test_json_that_can_be_read_and_not_written(self, depth):
        value = json_records.orjson.loads("[" * depth + "]" * depth)
        [step] = json_records.to_rows([("record 1", value)], "a.json", ["key"], lambda _: [])
        assert step.rejected[0].raw == "(not shown: over 254 levels deep)"

    @pytest.mark.parametrize("reader", [json_records.read_list, json_records.read_lines])
    def test_json_100_000_levels_deep(self, tmp_path, reader):
        path = tmp_path / "a.json"
        path.write_bytes(b"[" * 100_000)
        with pytest.raises(FormatError, match="not valid JSON"):
            list(reader(path))

    def test_json_that_takes_many_times_its_size_in_memory(self, tmp_path, monkeypatch):
        monkeypatch.setattr(json_records, "MOST_VALUES", 1000)
        path = tmp_path / "a.json"
        path.write_bytes(b"[" + b"{}," * 1000 + b"{}]")
        with pytest.raises(FormatError) as error:
            list(json_records.read_list(path))
        assert str(error.value) == "a.json: more than 1,000 values: too large to be read as a whole"

    def test_json_too_large_for_the_memory(self, tmp_path, monkeypatch):
        monkeypatch.setattr(json_records, "LARGEST", 1000)
        path = tmp_path / "a.json"
        path.write_bytes(b"[" + b" " * 1000 + b"]")
        with pytest.raises(FormatError) as error:
            list(json_records.read_list(path))
        assert str(error.value) == "a.json: more than 1,000 bytes: too large to be read as a whole"

    def test_xml_entities_are_not_expanded(self):
        entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "ha"}">' for n in range(20))
        with pytest.raises(MalformedArticle):
            parse_article(f"<!DOCTYPE x [{entities}]><Article a='&e19;'>&e19;</Article>".encode())


PROGRAM = """
import resource, sys
from pathlib import Path
from builders.errors import FormatError
from tests.formats import test_hostile
path, before = Path(sys.argv[2]), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    getattr(test_hostile, sys.argv[1])(path)
except FormatError as error:
    print(error)
assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < test_hostile.MEMORY >> 10
"""


def read_gzip_rows(path: Path) -> None:
    with gzip_file(path) as stream:
        for _ in read_delimited(stream, path.name, ("english", "japanese")):
            pass


def read_json_lines(path: Path) -> None:
    for _ in json_records.read_lines(path):
        pass


@pytest.mark.parametrize("read", ["read_gzip_rows", "read_json_lines"])
def test_a_line_of_200_mb_ends_with_an_error_and_not_with_the_process(tmp_path, read):
    """In a process of its own: a thread that still reads would abort it as it ends."""
    path = tmp_path / "a"
    text = b"one\tline\n" + bytes(200 << 20)
    path.write_bytes(gzip.compress(text, 1) if read == "read_gzip_rows" else b"1\n" + text[9:])
    done = subprocess.run([sys.executable, "-c", PROGRAM, read, str(path)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout in ("a, line 2: longer than 8 MiB, or not text\n",)
