"""Things in a file's place that are no file, and servers that lie: a named error, no hang, no full disk."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from builders.corpus import RemoteFile
from builders.download import obtain, transfer
from builders.download.partial import Partial
from builders.download.progress import Bar
from builders.errors import BuildError
from tests.download.corpora import corpus
from tests.download.servers import HttpSite, Page
from tests.support.permissions import unprivileged

FILE = RemoteFile("birds.tsv", "http://birds.invalid/birds.tsv")


def refusal(sources: Path) -> str:
    """The line that says what is wrong with the one file."""
    with pytest.raises(BuildError) as caught:
        obtain(corpus(FILE), sources=sources)
    return str(caught.value).splitlines()[1]


class TestInAFilesPlace:
    @pytest.fixture
    def place(self, tmp_path: Path) -> Path:
        (tmp_path / "birds").mkdir()
        return tmp_path / "birds" / "birds.tsv"

    def test_a_fifo(self, tmp_path: Path, place: Path):
        os.mkfifo(place)
        assert refusal(tmp_path) == "  birds.tsv: a device, a FIFO or a socket, not a file"

    @pytest.mark.parametrize("device", ["/dev/zero", "/dev/tty", "/dev/full"])
    def test_a_device(self, tmp_path: Path, place: Path, device: str):
        place.symlink_to(device)
        assert refusal(tmp_path) == "  birds.tsv: a device, a FIFO or a socket, not a file"

    def test_a_directory(self, tmp_path: Path, place: Path):
        place.mkdir()
        assert refusal(tmp_path) == "  birds.tsv: a directory, not a file"

    def test_links_in_a_circle(self, tmp_path: Path, place: Path):
        place.symlink_to(place.with_name("other"))
        place.with_name("other").symlink_to(place)
        assert refusal(tmp_path) == "  birds.tsv: cannot be read: Too many levels of symbolic links"

    def test_a_corpus_folder_that_is_a_circle(self, tmp_path: Path):
        (tmp_path / "birds").symlink_to(tmp_path / "birds")
        assert refusal(tmp_path) == "  birds.tsv: cannot be read: Too many levels of symbolic links"


DATED = RemoteFile("birds-{date}.xml", "http://birds.invalid/{date}", sha1_list="http://birds.invalid/sums-{date}")


@pytest.mark.parametrize("mode", [0o000, 0o400], ids=["closed", "listed but closed"])
@pytest.mark.parametrize("closed", ["sources", "corpus"])
@pytest.mark.parametrize("file", [FILE, DATED], ids=["plain", "dated"])
def test_a_directory_without_permission(mode: int, closed: str, file: RemoteFile):
    with unprivileged() as sources:
        (sources / "birds").mkdir()
        (sources / "birds" / file.name).write_bytes(b"x")
        (sources if closed == "sources" else sources / "birds").chmod(mode)
        with pytest.raises(BuildError) as caught:
            obtain(corpus(file), sources=sources)
    assert "Permission denied" in str(caught.value) and "Next step: " in str(caught.value)


class TestServers:
    @pytest.fixture
    def partial(self, tmp_path: Path) -> Partial:
        return Partial(tmp_path / "file")

    @pytest.mark.parametrize("length", [True, False], ids=["told", "not told"])
    def test_a_download_that_outgrows_the_expected_size(self, site: HttpSite, tmp_path: Path, length: bool):
        site.pages["/birds.tsv"] = Page(b"x" * 3_000_000, length=length)
        file = replace(FILE, url=f"{site.url}/birds.tsv", size=100_000, sha256="0" * 64)
        with pytest.raises(BuildError, match="birds.tsv: not downloaded: the server sends more than 100,000 bytes"):
            obtain(corpus(file), sources=None, cache=tmp_path)
        assert sorted(path.name for path in (tmp_path / "birds").iterdir()) == ["birds.tsv.lock"]
        assert len(site.requests) == 1

    def test_a_file_that_has_just_the_expected_size(self, site: HttpSite, tmp_path: Path):
        site.pages["/birds.tsv"] = Page(b"x" * 100_000)
        file = replace(FILE, url=f"{site.url}/birds.tsv", size=100_000)
        assert obtain(corpus(file), sources=None, cache=tmp_path)[0].bytes == 100_000

    def test_a_listing_without_end(self, site: HttpSite, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(transfer, "LARGEST_TEXT", 100_000)
        site.pages["/"] = Page(b"x" * 3_000_000, length=False)
        with pytest.raises(transfer.TransferError, match="the server sends more than 100,000 bytes"):
            transfer.read_text(f"{site.url}/")

    @pytest.mark.parametrize(
        "answer",
        [
            b"HTTP/1.1 200 OK\r\nContent-Length: \xb2\r\n\r\nab",
            b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\nab",
            b"HTTP/1.1\r\n\r\nab",
            b"HTTP/1.1 206 Partial\r\nContent-Range: bytes " + b"9" * 5000 + b"-1/2\r\n\r\nab",
            b"HTTP/1.1 200 OK\r\nX: " + b"x" * 2_000_000,
            b"HTTP/1.1 200 OK\r\n" + b"X: x\r\n" * 200_000,
            b"\x00" * 10_000,
            b"",
        ],
        ids=["digit", "long", "no status", "range", "long header", "many headers", "zeros", "nothing"],
    )
    def test_an_answer_that_is_no_http(self, answer: bytes, partial: Partial):
        with answering(answer) as url:
            try:
                transfer.transfer(url, partial, Bar(None, ""))
            except transfer.TransferError as error:
                assert error.reason
            else:
                assert partial.path.read_bytes() == b"ab"


class TestRetryAfter:
    @pytest.mark.parametrize(("asked", "waited"), [("3", 3), ("86400", 30), ("", 1), ("-5", 1), ("soon", 1)])
    def test_a_server_is_given_the_time_it_asks_for_within_limits(
        self, asked: str, waited: float, partial: Partial, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(transfer, "RETRY_POLICY", transfer.RetryPolicy())
        waits: list[float] = []
        monkeypatch.setattr("tenacity.nap.time.sleep", waits.append)
        field = f"Retry-After: {asked}\r\n" if asked else ""
        busy = f"HTTP/1.1 503 Busy\r\n{field}Content-Length: 0\r\n\r\n".encode()
        with answering(busy, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab") as url:
            transfer.transfer(url, partial, Bar(None, ""))
        assert waits == [waited]

    @pytest.fixture
    def partial(self, tmp_path: Path) -> Partial:
        return Partial(tmp_path / "file")


@contextmanager
def answering(*answers: bytes) -> Iterator[str]:
    """A server that answers so, whatever is asked, the last answer again and again; gives its address."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            left = list(answers)
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    try:
                        connection.recv(65536)
                        connection.sendall(left.pop(0) if len(left) > 1 else left[0])
                    except OSError:
                        pass  # the client had enough

        threading.Thread(target=serve, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}/file"
        finally:
            server.shutdown(socket.SHUT_RDWR)
