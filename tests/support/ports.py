"""Ports of this machine on which nobody listens."""

from __future__ import annotations

import contextlib
import socket


def free_ports(number: int) -> list[int]:
    """Different ports of 127.0.0.1 that were free a moment ago."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(number)]
        return [server.getsockname()[1] for server in sockets]
