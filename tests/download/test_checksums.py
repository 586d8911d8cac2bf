"""Digests of files, and lists of them."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from builders.commands.terminal import byte_bars
from builders.download import checksums
from builders.download.checksums import Content, difference, listed, read

KINDS = ("sha256", "sha1", "git blob id")


def test_all_digests_of_one_reading(tmp_path: Path):
    path = tmp_path / "file"
    path.write_bytes("ことば\n".encode() * 100_000)
    commands = {"sha256": ["sha256sum", path], "sha1": ["sha1sum", path], "git blob id": ["git", "hash-object", path]}
    expected = {kind: subprocess.check_output(command, text=True).split()[0] for kind, command in commands.items()}
    assert read(path, KINDS) == Content(1_000_000, expected, path.read_bytes()[:256])


def test_reading_of_a_large_file_shows_a_bar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(checksums, "LARGE", 1_000_000)
    path = tmp_path / "dump.xml.bz2.part"
    path.write_bytes(bytes(3_000_000))
    screen = io.StringIO()
    with byte_bars(Console(file=screen, force_terminal=True, width=100)) as progress:
        read(path, KINDS, "dump.xml.bz2", progress)
        assert not progress.tasks
    assert "checking dump.xml.bz2" in screen.getvalue()


def test_what_differs_is_said():
    content = Content(3, {"sha256": "aa", "git blob id": "bb", "sha1": "cc"}, b"abc")
    assert difference(content, None, {}) == ""
    assert difference(content, 3, {"sha256": "aa", "git blob id": "bb", "sha1": "cc"}) == ""
    assert difference(content, 3_000, {}) == "3 bytes instead of 3,000 (cut short?)"
    assert difference(content, 2, {"sha256": "aa"}) == "3 bytes instead of 2"
    assert difference(content, 3, {"sha256": "ab"}) == "its sha256 is aa instead of ab"
    assert difference(content, 3, {"git blob id": "ab"}) == "its git blob id is bb instead of ab"
    assert difference(content, 3, {"sha256": "aa", "sha1": "ab"}) == "its sha1 is cc instead of ab"
    assert difference(Content(0, {}, b""), None, {}) == "it is empty"


@pytest.mark.parametrize("head", [b"<!DOCTYPE html>", b"\xef\xbb\xbf\n <html lang='en'>", b"<!doctype HTML PUBLIC"])
def test_a_web_page_saved_in_place_of_a_file_is_known(head: bytes):
    assert difference(Content(99, {}, head), 3, {}) == "it is a web page, not the file itself"


@given(st.dictionaries(st.from_regex(r"[a-z.-]{1,20}", fullmatch=True), st.from_regex(r"[0-9a-f]{40}", fullmatch=True)))
def test_a_checksum_file_is_read_back(entries: dict[str, str]):
    entries = {name: digest for name, digest in entries.items() if "latest" not in name}
    text = "".join(f"{digest}  {name}\n" for name, digest in entries.items())
    assert {name: listed(text, name) for name in entries} == entries
    assert listed(text, "UPPER") is None


def test_a_list_of_the_latest_dump_holds_its_dated_names():
    text = f"{'a' * 40}  jawiki-20230401-index.txt.bz2\n{'b' * 40} *jawiki-20230401-pages.xml.bz2\r\n"
    assert listed(text, "jawiki-latest-pages.xml.bz2") == "b" * 40
    assert listed(text, "jawiki-20230501-pages.xml.bz2") is None
