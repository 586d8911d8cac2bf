"""The loopback Hub on a port."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request
from werkzeug.wsgi import ClosingIterator

from tests.support.loopback_hub.faults import Disconnected, Faults
from tests.support.loopback_hub.routes import Routes
from tests.support.loopback_hub.store import CHUNK, Store
from tests.support.loopback_hub.traffic import Exchange, Traffic


class _QuietHandler(WSGIRequestHandler):
    """Serves without a line per request on standard error; `Traffic` has them."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


class LoopbackHub:
    """A Hub that listens on 127.0.0.1 while its `with` block runs, one thread per request.

    Args:
        blobs: folder for file contents.
        port: to listen on; 0 for a free one.
        announce: called with every exchange when it is over.

    Attributes:
        store: what it holds; a test may look into it or seed it.
        faults: what goes wrong; see `Faults`.
        traffic: what was asked and answered.
        endpoint: its address, as `HF_ENDPOINT` wants it.
    """

    def __init__(self, blobs: Path, port: int = 0, announce: Callable[[Exchange], None] = lambda exchange: None):
        self.store, self.faults, self.traffic = Store(blobs), Faults(), Traffic(announce)
        self._routes = Routes(self.store, self.faults)
        self._server = make_server("127.0.0.1", port, self._serve, threaded=True, request_handler=_QuietHandler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, name="loopback-hub", daemon=True)
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"

    def _serve(self, environ: dict, start_response) -> Iterable[bytes]:
        request = Request(environ)
        exchange = self.traffic.begin(request.method, request.path, request.headers.get("Range", ""))
        try:
            response = self._routes.answer(request, exchange)
        except Disconnected:
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            raise
        exchange.status = response.status_code
        exchange.received = exchange.received or request.content_length or 0
        while request.stream.read(CHUNK):
            pass  # a client that is refused before it has sent everything would see a broken connection instead
        body = response(environ, start_response)
        return ClosingIterator(self.traffic.counted(body, exchange), getattr(body, "close", None))

    def reset(self) -> None:
        """Back to an empty Hub on which nothing is wrong."""
        self.store.clear()
        self.traffic.clear()
        vars(self.faults).update(vars(Faults()))

    def __enter__(self) -> LoopbackHub:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
