"""The raw row that a record was made from, found by its key: the corpus is read from its beginning until it comes.

There is no index of raw files, and reading a large dump to its end takes an hour; so a search has an end.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from builders import catalogue
from builders.corpus import Corpus
from builders.errors import BuildError, FormatError
from builders.rows import KEY

if TYPE_CHECKING:
    from builders.build.plan import Obtain

SECONDS = 60.0
"""How long a raw row is looked for."""


class RawRows:
    """Raw rows by their keys; one search at a time.

    Args:
        obtain: the way to the raw files.
    """

    def __init__(self, obtain: Obtain):
        self._obtain, self._present = obtain, dict[str, dict[str, Path]]()
        self._lock = threading.Lock()

    def find(self, source: str, task: str, key: str) -> dict[str, str]:
        """The raw row of a record.

        Args:
            source, task, key: the parts of the record's id.

        Returns:
            Cells by column, as the corpus names its columns; `key` among them.

        Raises:
            BuildError: a raw file is missing or cannot be read, the row is not in them, or time is up.
        """
        corpus = catalogue.corpus_named(source)
        templates = (template for config in corpus.tasks for template in config.templates)
        record_types = {template.record_type for template in templates if template.name == task}
        with self._lock:
            for row in self._matching(corpus, record_types, key):
                return {name: str(value) for name, value in row.items()}
        raise BuildError(
            f'{corpus.name}: the raw files hold no row "{key}".',
            "They are not those that the dataset was built from; name the directory of these with --sources.",
        )

    def _matching(self, corpus: Corpus, record_types: set[str], key: str) -> Iterator[dict[str, object]]:
        until = time.monotonic() + SECONDS
        try:
            for part in corpus.split(self._files(corpus)):
                for rows in corpus.read(part):
                    if rows.record_type in record_types:
                        mask = pc.equal(rows.batch.column(KEY), pa.scalar(key))
                        yield from rows.batch.filter(mask).to_pylist()
                    if time.monotonic() > until:
                        raise BuildError(
                            f"{corpus.name}: the row did not come within {SECONDS:.0f} seconds of reading.",
                            f"`grep` for the key in the raw files; the first rows: python -m builders show {corpus.name}",
                        )
        except FormatError as error:
            raise BuildError(f"{corpus.name}: {error}", "Replace the raw file by a fresh copy.") from error
        except OSError as error:
            raise BuildError(f"{corpus.name}: {error}", "Make the file readable, then try again.") from error

    def _files(self, corpus: Corpus) -> Mapping[str, Path]:
        """The corpus's raw files; they are checked once, at the first search."""
        if corpus.name not in self._present:
            files = self._obtain(corpus)
            self._present[corpus.name] = {file.name: file.path for file in files if file.path is not None}
        return self._present[corpus.name]
