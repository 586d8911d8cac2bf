"""One file over real connections that are cut, stalled, redirected, refused, and of files that change meanwhile."""

from __future__ import annotations

import os
import random
import resource
import signal
import socket
import ssl
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import trustme
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builders.download import transfer as transfer_module
from builders.download.partial import Partial
from builders.download.progress import Bar
from builders.download.transfer import TransferError, transfer
from tests.download.servers import HttpSite, Page, ftp_site, http_site

CONTENT = random.Random(1).randbytes(300_000)
OTHER = random.Random(2).randbytes(300_000)
cuts = st.lists(st.integers(0, len(CONTENT)), max_size=4)
on_one_server = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def fetch(url: str, partial: Partial) -> bool:
    with Bar(None, "") as bar:
        return transfer(url, partial, bar)


@pytest.fixture
def partial(tmp_path: Path) -> Partial:
    return Partial(tmp_path / "file")


def failure(url: str, partial: Partial) -> str:
    with pytest.raises(TransferError) as caught:
        fetch(url, partial)
    return caught.value.reason


class TestHttp:
    def test_brings_a_file_in_one_request(self, site: HttpSite, partial: Partial):
        site.pages["/file"] = Page(CONTENT)
        assert fetch(f"{site.url}/file", partial)
        assert partial.path.read_bytes() == CONTENT
        assert site.requests == [("/file", None, 200)]

    def test_brings_an_empty_file(self, site: HttpSite, partial: Partial):
        site.pages["/file"] = Page(b"")
        assert fetch(f"{site.url}/file", partial)
        assert partial.path.read_bytes() == b""

    @on_one_server
    @given(
        cuts=cuts,
        validator=st.sampled_from(["etag", "date", "weak", "now", "none"]),
        ranges=st.sampled_from(["yes", "no"]),
    )
    def test_wherever_it_is_cut_the_file_is_the_original(
        self, site: HttpSite, partial: Partial, cuts: list[int], validator: str, ranges: str
    ):
        site.pages["/file"] = Page(CONTENT, [f"cut {cut}" for cut in cuts], validator, ranges)
        partial.discard()
        fetch(f"{site.url}/file", partial)
        assert partial.path.read_bytes() == CONTENT

    @pytest.mark.parametrize("validator", ["etag", "date"])
    def test_asks_only_for_what_is_missing(self, site: HttpSite, partial: Partial, validator: str):
        site.pages["/file"] = Page(CONTENT, ["cut 1000", "cut 2000"], validator)
        assert not fetch(f"{site.url}/file", partial)
        assert site.requests == [("/file", None, 200), ("/file", "bytes=1000-", 206), ("/file", "bytes=3000-", 206)]

    @pytest.mark.parametrize("validator", ["weak", "now", "none"])
    def test_starts_over_where_the_version_is_not_known(self, site: HttpSite, partial: Partial, validator: str):
        site.pages["/file"] = Page(CONTENT, ["cut 1000"], validator)
        assert fetch(f"{site.url}/file", partial)
        assert site.requests == [("/file", None, 200)] * 2

    @pytest.mark.parametrize("validator", ["etag", "date"])
    @pytest.mark.parametrize("ranges", ["yes", "no", "careless"])
    def test_never_joins_two_versions(self, site: HttpSite, partial: Partial, validator: str, ranges: str):
        site.pages["/file"] = Page(CONTENT, ["cut 1000"], validator)

        def change(_: str) -> None:
            if site.requests:
                site.pages["/file"] = Page(OTHER, [], validator, ranges)

        site.on_request = change
        assert fetch(f"{site.url}/file", partial)
        assert partial.path.read_bytes() == OTHER

    def test_never_joins_bytes_of_another_place(self, site: HttpSite, partial: Partial):
        site.pages["/file"] = Page(CONTENT, ["cut 1000"], ranges="wrong")
        fetch(f"{site.url}/file", partial)
        assert partial.path.read_bytes() == CONTENT
        assert [status for _, _, status in site.requests] == [200, 206, 200]

    def test_starts_over_when_the_file_became_shorter(self, site: HttpSite, partial: Partial):
        site.pages["/file"] = Page(CONTENT, ["cut 1000"])

        def change(_: str) -> None:
            if site.requests:
                site.pages["/file"] = Page(OTHER[:10], ranges="careless")

        site.on_request = change
        fetch(f"{site.url}/file", partial)
        assert partial.path.read_bytes() == OTHER[:10]
        assert [status for _, _, status in site.requests] == [200, 416, 200]

    def test_goes_on_with_what_an_earlier_run_left(self, site: HttpSite, partial: Partial):
        site.pages["/file"] = Page(CONTENT, ["cut 1000", 403])
        assert failure(f"{site.url}/file", partial) == "the server answers 403 Forbidden"
        assert not fetch(f"{site.url}/file", Partial(partial.path.with_name("file")))
        assert site.requests[-1] == ("/file", "bytes=1000-", 206)
        assert partial.path.read_bytes() == CONTENT

    def test_asks_nothing_for_a_whole_file_that_an_earlier_run_left(self, site: HttpSite, partial: Partial):
        site.pages["/file"] = Page(CONTENT)
        fetch(f"{site.url}/file", partial)
        assert not fetch(f"{site.url}/file", partial)
        assert len(site.requests) == 1

    def test_drops_what_came_from_another_address(self, site: HttpSite, partial: Partial):
        site.pages |= {"/old": Page(CONTENT, ["cut 1000", 403]), "/new": Page(OTHER)}
        failure(f"{site.url}/old", partial)
        assert fetch(f"{site.url}/new", partial)
        assert partial.path.read_bytes() == OTHER
        assert site.requests[-1] == ("/new", None, 200)

    @pytest.mark.parametrize("note", [b"", b"{", b"[]", b"null", b"\xff", b'{"url": 1}'])
    def test_drops_what_it_has_no_good_note_of(self, site: HttpSite, partial: Partial, note: bytes):
        site.pages["/file"] = Page(CONTENT, ["cut 1000", 403])
        failure(f"{site.url}/file", partial)
        partial.path.with_name("file.part.json").write_bytes(note)
        assert fetch(f"{site.url}/file", partial)
        assert partial.path.read_bytes() == CONTENT

    def test_tries_again_when_the_server_is_busy(self, site: HttpSite, partial: Partial):
        site.pages["/file"] = Page(CONTENT, [503, 503])
        fetch(f"{site.url}/file", partial)
        assert [status for _, _, status in site.requests] == [503, 503, 200]

    def test_gives_up_when_the_server_stays_busy(self, site: HttpSite, partial: Partial):
        site.pages["/file"] = Page(CONTENT, [503] * 9)
        assert failure(f"{site.url}/file", partial) == "the server answers 503 Service Unavailable"
        assert len(site.requests) == 5

    @pytest.mark.parametrize(("status", "words"), [(403, "403 Forbidden"), (404, "404 Not Found"), (599, "599")])
    def test_a_refusal_is_final(self, site: HttpSite, partial: Partial, status: int, words: str):
        site.pages["/file"] = Page(CONTENT, [status])
        assert failure(f"{site.url}/file", partial) == f"the server answers {words}"
        assert len(site.requests) == 1
        assert partial.size == 0

    def test_does_not_give_up_as_long_as_bytes_come(self, site: HttpSite, partial: Partial):
        site.pages["/file"] = Page(CONTENT, ["cut 1000"] * 20)
        fetch(f"{site.url}/file", partial)
        assert partial.path.read_bytes() == CONTENT
        assert len(site.requests) == 21

    def test_gives_up_where_it_is_always_cut_and_cannot_go_on(self, site: HttpSite, partial: Partial):
        site.pages["/file"] = Page(CONTENT, ["cut 1000"] * 50, ranges="no")
        assert failure(f"{site.url}/file", partial) == "the connection was cut after 1,000 bytes"
        assert len(site.requests) == 10  # five in which bytes came, five in which no new ones came

    def test_a_silent_server_is_no_hang(self, site: HttpSite, partial: Partial):
        site.pages["/file"] = Page(CONTENT, ["stall 1000"])
        assert not fetch(f"{site.url}/file", partial)
        assert partial.path.read_bytes() == CONTENT

    def test_a_silent_server_is_given_up(self, site: HttpSite, partial: Partial, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(transfer_module, "RETRY_POLICY", replace(transfer_module.RETRY_POLICY, tries=1))
        site.pages["/file"] = Page(CONTENT, ["stall 1000"])
        assert failure(f"{site.url}/file", partial) == "the host 127.0.0.1 went silent after 1,000 bytes"

    def test_follows_redirects(self, site: HttpSite, partial: Partial):
        site.pages |= {"/file": Page(redirect=f"{site.url}/moved"), "/moved": Page(CONTENT, ["cut 1000"])}
        fetch(f"{site.url}/file", partial)
        assert partial.path.read_bytes() == CONTENT
        assert site.requests[-1] == ("/moved", "bytes=1000-", 206)

    def test_follows_no_redirect_for_ever(self, site: HttpSite, partial: Partial):
        site.pages["/file"] = Page(redirect=f"{site.url}/file")
        assert failure(f"{site.url}/file", partial) == "Maximum (10) redirects followed (libcurl error 47)"
        assert len(site.requests) == 11

    @pytest.mark.parametrize("way", ["file://", "ftp://127.0.0.1"])
    def test_follows_redirects_to_http_only(self, site: HttpSite, partial: Partial, tmp_path: Path, way: str):
        site.pages["/file"] = Page(redirect=f"{way}{tmp_path}/secret")
        (tmp_path / "secret").write_bytes(b"secret")
        assert "libcurl error 1)" in failure(f"{site.url}/file", partial)
        assert partial.size == 0

    def test_an_unknown_host(self, partial: Partial):
        reason = failure("http://no-such-host.invalid/file", partial)
        assert reason == "the host no-such-host.invalid is not known (no network, or a wrong name)"

    def test_a_host_that_does_not_listen(self, partial: Partial):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        assert failure(f"http://127.0.0.1:{port}/file", partial) == "the host 127.0.0.1 accepts no connection"

    def test_a_full_disk_is_an_error_of_this_machine(self, site: HttpSite, partial: Partial):
        site.pages["/file"] = Page(CONTENT)
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
        try:
            with pytest.raises(OSError, match="File too large"):
                fetch(f"{site.url}/file", partial)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert len(site.requests) == 1

    @pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
    def test_goes_on_after_it_was_stopped(self, site: HttpSite, partial: Partial, how: signal.Signals):
        site.pages["/file"] = Page(CONTENT, ["stall 200000"])
        program = (
            "import sys, pathlib; from builders.download import transfer as t, partial, progress;"
            "t.transfer(sys.argv[1], partial.Partial(pathlib.Path(sys.argv[2])), progress.Bar(None, ''))"
        )
        target = partial.path.with_name("file")
        command = [sys.executable, "-c", program, f"{site.url}/file", str(target)]
        with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
            while partial.size < 100_000:
                assert process.poll() is None
                time.sleep(0.01)
            process.send_signal(how)
            assert process.wait(10) in (-how, 130)
            errors = process.stderr.read().decode()
        assert "KeyboardInterrupt" in errors if how == signal.SIGINT else not errors
        held = partial.size
        assert not fetch(f"{site.url}/file", partial)
        assert site.requests[-1] == ("/file", f"bytes={held}-", 206)
        assert partial.path.read_bytes() == CONTENT


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


class TestHttps:
    @pytest.fixture
    def secure(self, authority: trustme.CA):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(context)
        with http_site(context) as site:
            site.pages["/file"] = Page(CONTENT)
            yield site

    def test_a_trusted_server(
        self, secure: HttpSite, authority: trustme.CA, partial: Partial, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ):
        authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
        fetch(f"{secure.url}/file", partial)
        assert partial.path.read_bytes() == CONTENT

    def test_a_server_that_nobody_vouches_for(
        self, secure: HttpSite, partial: Partial, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.delenv("SSL_CERT_FILE", raising=False)
        assert failure(f"{secure.url}/file", partial).endswith("(libcurl error 60)")
        assert partial.size == 0


class TestFtp:
    @on_one_server
    @given(cuts=cuts)
    def test_wherever_it_is_cut_the_file_is_the_original(
        self, tmp_path_factory: pytest.TempPathFactory, cuts: list[int]
    ):
        root = tmp_path_factory.mktemp("ftp")
        (root / "file").write_bytes(CONTENT)
        partial = Partial(tmp_path_factory.mktemp("got") / "file")
        with ftp_site(root) as site:
            site.cuts = list(cuts)
            fetch(f"{site.url}/file", partial)
        assert partial.path.read_bytes() == CONTENT

    def test_asks_only_for_what_is_missing(self, tmp_path: Path, partial: Partial):
        root = tmp_path / "ftp" / "pub"
        root.mkdir(parents=True)
        (root / "file").write_bytes(CONTENT)
        with ftp_site(root.parent) as site:
            site.cuts = [200_000]
            assert not fetch(f"{site.url}/pub/file", partial)
        held = [int(line.split()[1]) for line in site.asked if line.startswith("REST")]
        assert len(held) == 1 and 0 < held[0] <= 200_000
        assert partial.path.read_bytes() == CONTENT

    def test_never_joins_two_versions(self, tmp_path: Path, partial: Partial):
        root = tmp_path / "ftp"
        root.mkdir()
        (root / "file").write_bytes(CONTENT)
        with ftp_site(root) as site:
            site.cuts = [200_000] + [0] * 9
            failure_reason = failure(f"{site.url}/file", partial)
            (root / "file").write_bytes(OTHER)
            os.utime(root / "file", (2_000_000_000, 2_000_000_000))
            assert fetch(f"{site.url}/file", partial)
        assert failure_reason.startswith("the connection was cut after")
        assert partial.path.read_bytes() == OTHER

    def test_starts_over_where_the_version_is_not_known(self, tmp_path: Path, partial: Partial):
        root = tmp_path / "ftp"
        root.mkdir()
        (root / "file").write_bytes(CONTENT)
        with ftp_site(root, modification_times=False) as site:
            site.cuts = [200_000]
            assert fetch(f"{site.url}/file", partial)
        assert not [line for line in site.asked if line.startswith("REST")]
        assert partial.path.read_bytes() == CONTENT

    @pytest.mark.parametrize("path", ["absent", "absent/file"])
    def test_a_missing_file(self, tmp_path: Path, partial: Partial, path: str):
        with ftp_site(tmp_path) as site:
            assert failure(f"{site.url}/{path}", partial) == "the server has no such file"


@pytest.mark.parametrize("url", ["file:///etc/hostname", "gopher://127.0.0.1/file"])
def test_other_ways_are_not_taken(partial: Partial, url: str):
    assert "libcurl error 1)" in failure(url, partial)
