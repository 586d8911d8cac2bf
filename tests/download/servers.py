"""Real servers on loopback that misbehave on demand: http(s) by the standard library, ftp by pyftpdlib."""

from __future__ import annotations

import hashlib
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.filesystems import AbstractedFS
from pyftpdlib.handlers import FTPHandler
from pyftpdlib.servers import FTPServer


@dataclass
class Page:
    """One file of the http server, and how it is served.

    Args:
        content: the file.
        faults: what goes wrong, one for each request in turn, then nothing: a status code to answer, `cut N` (close the
            connection after N bytes of the body), `stall N` (send N bytes, then nothing more).
        validator: `etag`, `weak`, `date`, `now` (modified in this second) or `none`.
        ranges: `yes`, `no` (always the whole file), `careless` (does not look at If-Range) or `wrong` (another place
            than the one asked for).
        redirect: address that it answers with instead.
        length: whether the length is told; where it is not, the end of the connection ends the file.
    """

    content: bytes = b""
    faults: list[int | str] = field(default_factory=list)
    validator: str = "etag"
    ranges: str = "yes"
    redirect: str = ""
    length: bool = True

    @property
    def fields(self) -> dict[str, str]:
        digest = hashlib.sha1(self.content).hexdigest()
        if self.validator == "date":  # some second of the year 2020, another one for another content
            return {"Last-Modified": f"Wed, 01 Jan 2020 00:{int(digest[:2], 16) % 60:02}:00 GMT"}
        return {"etag": {"ETag": f'"{digest}"'}, "weak": {"ETag": f'W/"{digest}"'}}.get(self.validator, {})


class HttpSite:
    """A running server: `pages` by path, and the `requests` that came: path, `Range`, status."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.requests: list[tuple[str, str | None, int]] = []
        self.on_request = lambda path: None
        self.url = ""
        self.closing = threading.Event()


@contextmanager
def http_site(tls: ssl.SSLContext | None = None) -> Iterator[HttpSite]:
    """Runs a server as long as the block lasts."""
    site = HttpSite()

    class Handler(_Handler):
        pass

    Handler.site = site
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    site.url = f"{'https' if tls else 'http'}://{'localhost' if tls else '127.0.0.1'}:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield site
    finally:
        site.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    site: HttpSite

    def do_GET(self) -> None:
        self.site.on_request(self.path)
        page = self.site.pages.get(self.path)
        fault = page.faults.pop(0) if page and page.faults else ""
        if page is None or isinstance(fault, int):
            return self._answer(fault or 404, {"Content-Length": "0"})
        if page.redirect:
            return self._answer(302, {"Location": page.redirect, "Content-Length": "0"})
        start = self._start(page)
        if start is not None and start >= len(page.content):
            return self._answer(416, {"Content-Range": f"bytes */{len(page.content)}", "Content-Length": "0"})
        fields = page.fields
        if page.validator == "now":
            fields["Last-Modified"] = self.date_time_string()
        if start is not None:
            fields["Content-Range"] = f"bytes {start}-{len(page.content) - 1}/{len(page.content)}"
        body = page.content[start or 0 :]
        if page.length:
            fields["Content-Length"] = str(len(body))
        self._answer(200 if start is None else 206, fields)
        kind, _, count = fault.partition(" ")
        self.wfile.write(body[: int(count)] if kind else body)
        self.wfile.flush()
        if kind == "stall":
            self.site.closing.wait(20)
        self.close_connection = True

    def _start(self, page: Page) -> int | None:
        asked = self.headers["Range"]
        if not asked or page.ranges == "no":
            return None
        if page.ranges != "careless" and self.headers["If-Range"] not in page.fields.values():
            return None
        return int(asked.removeprefix("bytes=").removesuffix("-")) + (page.ranges == "wrong")

    def _answer(self, status: int, fields: dict[str, str]) -> None:
        self.site.requests.append((self.path, self.headers["Range"], status))
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keeps quiet."""


class FtpSite:
    """A running ftp server.

    Args:
        root: where its files are.

    `cuts` has the number of bytes after which each of the next transfers ends, `asked` the commands that came.
    """

    def __init__(self, root: Path):
        self.root, self.url = root, ""
        self.cuts: list[int] = []
        self.asked: list[str] = []


@contextmanager
def ftp_site(root: Path, *, modification_times: bool = True) -> Iterator[FtpSite]:
    """Runs a server as long as the block lasts."""
    site = FtpSite(root)

    class Files(AbstractedFS):
        def open(self, filename: str, mode: str) -> object:
            file = super().open(filename, mode)
            return _CutFile(file, site.cuts.pop(0)) if site.cuts else file

    class Handler(FTPHandler):
        authorizer = DummyAuthorizer()
        abstracted_fs = Files
        use_sendfile = False
        proto_cmds = {
            name: about for name, about in FTPHandler.proto_cmds.items() if modification_times or name != "MDTM"
        }

        def pre_process_command(self, line: str, cmd: str, arg: str) -> None:
            site.asked.append(line)
            super().pre_process_command(line, cmd, arg)

        def log(self, *_: object, **__: object) -> None:
            """Keeps quiet."""

        logline = logerror = log_exception = log

    Handler.authorizer.add_anonymous(str(root))
    server = FTPServer(("127.0.0.1", 0), Handler)
    site.url = f"ftp://127.0.0.1:{server.address[1]}"
    closing = threading.Event()

    def serve() -> None:
        while not closing.is_set():
            server.serve_forever(timeout=0.01, blocking=False)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield site
    finally:
        closing.set()
        thread.join()
        server.close_all()


class _CutFile:
    """A file that cannot be read beyond some bytes: the server closes the data connection there."""

    def __init__(self, file: object, left: int):
        self._file, self._left, self.name = file, left, file.name

    def read(self, count: int) -> bytes:
        if not self._left:
            raise OSError("cut")
        data = self._file.read(min(count, self._left))
        self._left -= len(data)
        return data

    def __getattr__(self, name: str) -> object:
        return getattr(self._file, name)
