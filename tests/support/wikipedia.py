"""A dump of Wikipedia of a few pages, in as many parts as its streams: a corpus of several shards."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from builders.corpora.wikipedia import DUMP, INDEX
from samples import dumps

CONFIG = "knowledge-wikipedia"
DATE = "20230401"


def write_dump(sources: Path, pages: Sequence[dumps.Page]) -> Path:
    """Writes a multistream dump with its index, five pages a stream.

    Args:
        sources: the source directory; made if need be.
        pages: of the dump.

    Returns:
        The source directory.
    """
    dump, index = dumps.multistream(pages, per_stream=5)
    folder = sources / "wikipedia"
    folder.mkdir(parents=True)
    (folder / DUMP.format(date=DATE)).write_bytes(dump)
    (folder / INDEX.format(date=DATE)).write_bytes(index)
    return sources
