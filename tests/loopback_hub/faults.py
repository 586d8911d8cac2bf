"""What can be made to go wrong on the loopback Hub while it runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass
class Faults:
    """Switches that a test sets on `hub.faults`; as made, nothing is wrong.

    Args:
        refuse_token: every request that carries a token is answered 401, as for a token that was revoked.
        forbid_writing: every request that would change something is answered 403, as for a token that can only read.
        break_upload: from the upload of the file with this many uploads before it on, the connection is cut in the
            middle of every upload; None for never.
        seconds_per_chunk: pause before each 64 KiB of an upload is read.
        before_commit: called with (repository name, branch) when a commit has been received and not yet applied.
    """

    refuse_token: bool = False
    forbid_writing: bool = False
    break_upload: int | None = None
    seconds_per_chunk: float = 0.0
    before_commit: Callable[[str, str], None] | None = None
