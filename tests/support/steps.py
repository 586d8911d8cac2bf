"""How much work something is, counted in steps and not in seconds."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType

from builders.errors import FormatError


def steps_of(read: Callable[[], object]) -> int:
    """Lines of Python that are run, and calls, until the reading ends."""
    count = 0

    def line(frame: FrameType, event: str, argument: object) -> Callable[..., object]:
        nonlocal count
        count += 1
        return line

    def call(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.settrace(line)
    sys.setprofile(call)
    try:
        read()
    except (FormatError, ValueError):  # of pieces that make the whole file unreadable
        pass
    finally:
        sys.setprofile(None)
        sys.settrace(None)
    return count
