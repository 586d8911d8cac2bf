"""A cut or damaged archive is an error that names it, never half a corpus."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile

import pytest

from builders.errors import FormatError
from builders.formats.archives import gzip_file, tar_member, tar_members, zip_member
from tests.fuzz.containers import tarred


@pytest.fixture
def archive(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("text.txt", "行\n" * 5000)
    return path


def zip_error(path, member="text.txt") -> str:
    with pytest.raises(FormatError) as error, zip_member(path, member) as stream:
        stream.read()
    return str(error.value)


def test_a_member_is_read(archive):
    with zip_member(archive, "text.txt") as stream:
        assert stream.read().decode() == "行\n" * 5000


def test_a_missing_member_is_named_with_those_there(archive):
    assert zip_error(archive, "data.txt") == 'a.zip: has no member "data.txt"; it has: text.txt'


def test_a_cut_zip(archive):
    archive.write_bytes(archive.read_bytes()[:-30])
    assert zip_error(archive) == "a.zip: damaged or cut short (zip: File is not a zip file)"


def test_a_zip_with_a_flipped_byte(archive):
    data = bytearray(archive.read_bytes())
    data[60] ^= 0xFF
    archive.write_bytes(data)
    assert zip_error(archive).startswith("a.zip: damaged or cut short (zip: ")


def test_a_cut_gzip(tmp_path):
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(b"line\n" * 1000)[:-9])
    with pytest.raises(FormatError) as error, gzip_file(path) as stream:
        stream.read()
    assert str(error.value) == (
        "a.gz: damaged or cut short (gzip: Compressed file ended before the end-of-stream marker was reached)"
    )


def test_tar_members_as_a_stream(tmp_path):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name, data in (("raw/other", b"no"), ("raw/raw", b"yes")):
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    with tar_member(io.BytesIO(packed.getvalue()), "a.tar", "raw/raw") as stream:
        assert stream.read() == b"yes"
    with pytest.raises(FormatError) as error, tar_member(io.BytesIO(packed.getvalue()), "a.tar", "raw/none"):
        pass
    assert str(error.value) == 'a.tar: has no member "raw/none"; it has: raw/other, raw/raw'


MEMBERS = {"raw/one": b"1" * 5000, "raw/other": b"no", "./raw/two": b"2" * 5000}


def read_members(path, content: bytes, wanted=("raw/one", "raw/two")) -> dict[str, bytes]:
    path.write_bytes(content)
    with gzip_file(path) as stream:
        return {name: content.read() for name, content in tar_members(stream, path.name, wanted.__contains__)}


def test_wanted_members_of_a_tar_in_their_order(tmp_path):
    found = read_members(tmp_path / "a.tgz", gzip.compress(tarred(MEMBERS)))
    assert list(found.items()) == [("raw/one", b"1" * 5000), ("raw/two", b"2" * 5000)]


def tar_members_error(path, content: bytes) -> str:
    with pytest.raises(FormatError) as error:
        read_members(path, content)
    return str(error.value)


def test_no_wanted_member_names_those_there(tmp_path):
    content = gzip.compress(tarred({"raw/other": b"no", "readme": b""}))
    message = "a.tgz: has none of the members wanted; it has: raw/other, readme"
    assert tar_members_error(tmp_path / "a.tgz", content) == message


def test_a_tar_cut_inside_a_member(tmp_path):
    content = gzip.compress(tarred(MEMBERS)[:9000])
    assert tar_members_error(tmp_path / "a.tgz", content) == "a.tgz: damaged or cut short (tar: unexpected end of data)"


def test_a_wrong_checksum_behind_the_last_member(tmp_path):
    content = bytearray(gzip.compress(tarred(MEMBERS)))
    content[-6] ^= 0xFF
    assert tar_members_error(tmp_path / "a.tgz", bytes(content)).startswith("a.tgz: damaged or cut short (gzip: ")


def test_a_gzip_cut_behind_the_last_member(tmp_path):
    content = gzip.compress(tarred(MEMBERS))[:-8]
    assert tar_members_error(tmp_path / "a.tgz", content).startswith("a.tgz: damaged or cut short (gzip: ")
