"""What went over the wire: every request and its answer, with the bytes that were really sent."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass


@dataclass
class Exchange:
    """One request and its answer.

    Args:
        method: of the request.
        path: of the request, without the query.
        span: the request's `Range` header, or "".
        status: of the answer; 0 while there is none.
        received: bytes of the request's body that were read.
        sent: bytes of the answer's body that were handed to the socket, also where the client hung up early.
    """

    method: str
    path: str
    span: str = ""
    status: int = 0
    received: int = 0
    sent: int = 0

    def __str__(self) -> str:
        span = f" [{self.span}]" if self.span else ""
        return f"{self.status} {self.method} {self.path}{span}, {self.received:,} bytes in, {self.sent:,} bytes out"


class Traffic:
    """All exchanges since the start or the last `clear`, oldest first.

    Args:
        announce: called with every exchange when its answer has been sent.
    """

    def __init__(self, announce: Callable[[Exchange], None] = lambda exchange: None) -> None:
        self._announce = announce
        self._exchanges: list[Exchange] = []
        self._lock = threading.Lock()

    def begin(self, method: str, path: str, span: str) -> Exchange:
        """Notes a request that has come in."""
        exchange = Exchange(method, path, span)
        with self._lock:
            self._exchanges.append(exchange)
        return exchange

    def clear(self) -> None:
        """Forgets what was."""
        with self._lock:
            self._exchanges.clear()

    def __iter__(self) -> Iterator[Exchange]:
        with self._lock:
            return iter(list(self._exchanges))

    def of(self, method: str, ending: str = "") -> list[Exchange]:
        """The exchanges with this method whose path has this ending."""
        return [exchange for exchange in self if exchange.method == method and exchange.path.endswith(ending)]

    def counted(self, body: Iterable[bytes], exchange: Exchange) -> Iterator[bytes]:
        """Passes an answer's body on to the socket and counts it in `exchange.sent`."""
        try:
            for chunk in body:
                yield chunk
                exchange.sent += len(chunk)
        finally:
            self._announce(exchange)
