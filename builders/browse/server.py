"""The HTTP side: addresses, headers, and who may ask. Werkzeug's own server on loopback; its answers are read-only.

A page of the web that is open in the same browser must not read the dataset: it could let a name of its own point to
127.0.0.1 (DNS rebinding), so requests that name another host are refused. Nothing is loaded from elsewhere, and a
record is text, never markup: the content security policy holds even where an escape were forgotten.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
from werkzeug import Request, Response
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.utils import redirect, send_from_directory

from builders.browse.pages import NotThere, Pages
from builders.errors import BuildError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

HOST = "127.0.0.1"
TRUSTED = [HOST, "localhost"]
"""What the Host header may name."""
STATIC = Path(__file__).with_name("static")
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
ADDRESSES = Map(
    [
        Rule("/", endpoint="overview", methods=["GET"]),
        *(
            Rule(f"/{name}", endpoint=name, methods=["GET"])
            for name in ("records", "somewhere", "count", "record", "raw", "rejected", "curated")
        ),
        Rule("/static/<name>", endpoint="static", methods=["GET"]),
    ]
)


class Application:
    """Answers requests about one dataset; a WSGI application.

    Args:
        pages: what is answered.
    """

    def __init__(self, pages: Pages):
        self._pages = pages

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        response = self._answer(Request(environ))
        for name, value in HEADERS.items():
            response.headers[name] = value
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        request.trusted_hosts = TRUSTED
        try:
            _ = request.host  # raises for another host
            endpoint, values = ADDRESSES.bind_to_environ(request.environ).match()
            return self._page(request, endpoint, values)
        except HTTPException as error:
            text = self._problem(request, error.name + ".", error.description or "")
            return Response(text, error.code, mimetype="text/html", headers=_only(error, "Allow"))
        except NotThere as error:
            return Response(self._problem(request, error.problem, error.next_step), 404, mimetype="text/html")
        except BuildError as error:
            return Response(self._problem(request, error.problem, error.next_step), 400, mimetype="text/html")
        except duckdb.Error as error:
            text = self._problem(
                request,
                f"A file of the dataset cannot be read: {error}",
                "Find out which: python -m builders verify DIR",
            )
            return Response(text, 500, mimetype="text/html")

    def _page(self, request: Request, endpoint: str, values: Any) -> Response:
        if endpoint == "static":
            return send_from_directory(STATIC, values["name"], request.environ)
        arguments = {name: value.replace("\r\n", "\n") for name, value in request.args.items()}
        answer: Callable[[dict[str, str]], str] = getattr(self._pages, endpoint)
        if endpoint == "somewhere":
            return redirect(answer(arguments), Response=Response)
        return Response(answer(arguments), mimetype="text/html")

    def _problem(self, request: Request, problem: str, next_step: str) -> str:
        return self._pages.problem(problem, next_step, "fragment" in request.args)


def _only(error: HTTPException, name: str) -> list[tuple[str, str]]:
    return [(key, value) for key, value in error.get_headers() if key == name]


class _Quiet(WSGIRequestHandler):
    """Writes no line for each request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Says nothing."""


def bind(pages: Pages, port: int) -> BaseWSGIServer:
    """A server on loopback that is ready to serve.

    Args:
        pages: what it serves.
        port: 0 for one that is free.

    Raises:
        BuildError: another program has the port, or this one may not have it.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((HOST, port))
        except OSError as error:
            raise BuildError(
                f"Port {port} of {HOST} cannot be used: {error.strerror}.",
                "Name another with --port; 0 takes a free one.",
            ) from error
        listening.listen()
        bound = listening.getsockname()[1]
        # werkzeug would end the program by itself if it met a port in use, so it gets the socket
        return make_server(
            HOST, bound, Application(pages), threaded=True, request_handler=_Quiet, fd=listening.fileno()
        )
