"""What a user meets whom permissions bind: root, as whom tests often run, may read and write everything."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NOBODY = 65534


@contextmanager
def unprivileged() -> Iterator[Path]:
    """A directory of a user whom permissions bind, as they do not bind root."""
    directory = Path(tempfile.mkdtemp(dir="/tmp"))
    user = os.geteuid()
    try:
        if user == 0:
            os.chown(directory, NOBODY, -1)
            os.seteuid(NOBODY)
        yield directory
    finally:
        os.seteuid(user)
        for path in (directory, *directory.iterdir()):
            path.chmod(0o700)
        shutil.rmtree(directory)
