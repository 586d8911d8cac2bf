"""What can be made to go wrong on the loopback Hub while it runs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field


class Disconnected(ConnectionError):
    """The connection is to be cut without an answer."""


@dataclass
class Faults:
    """Switches that a test sets on `hub.faults`; as made, nothing is wrong.

    Args:
        refuse_token: every request that carries a token is answered 401, as for a token that was revoked.
        forbid_writing: every request that would change something is answered 403, as for a token that can only read.
        uploads_left: this many more uploads get through; the connection of every later one is cut in the middle. None
            for no limit.
        seconds_per_chunk: pause before each 64 KiB of an upload is read.
        before_commit: called with (repository name, branch) when a commit has been received and not yet applied; may
            raise `Disconnected` or `routes.Refusal`.
        answers: status and body by the name of a request (`routes`), with which all of that name are answered.
    """

    refuse_token: bool = False
    forbid_writing: bool = False
    uploads_left: int | None = None
    seconds_per_chunk: float = 0.0
    before_commit: Callable[[str, str], None] | None = None
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def breaks_upload(self) -> bool:
        """Whether an upload that begins now is to be cut."""
        with self._lock:
            if self.uploads_left is None:
                return False
            self.uploads_left -= 1
            return self.uploads_left < 0
