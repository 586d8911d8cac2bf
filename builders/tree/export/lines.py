"""From batches of records to lines of JSON, a column at a time."""

from __future__ import annotations

import re

import numpy as np
import orjson
import polars as pl
import pyarrow as pa

from builders.schema import TEXTS
from builders.tree.export.formats import BLANK_LINE, KEPT, Form, gap

CONTROLS = 32
"""The characters below this one stand in a string of JSON only as escapes (RFC 8259, section 7), and so do `"` and `\\`."""
_PLACE = re.compile(r"\{(\w+)\}")
COLUMNS = (*TEXTS, "id")
"""The columns of a record that lines are made from; source and license are the same for a whole task config."""


class LineWriter:
    """Makes the lines of one form for one task config.

    Args:
        form: of the lines.
        source, license: of all its records.
    """

    def __init__(self, form: Form, source: str, license: str):
        values = {"id": "{id}", "source": source, "license": license}
        kept = {name: values[name] for name in KEPT} if form.keeps else {}
        pieces = _PLACE.split(orjson.dumps({**form.line, **kept}, option=orjson.OPT_APPEND_NEWLINE).decode())
        places = {"gap": gap(_escape(BLANK_LINE))}
        self._line = pl.concat_str(
            places.get(piece, pl.col(piece)) if number % 2 else pl.lit(piece)  # a split by a pattern with one group
            for number, piece in enumerate(pieces)
        )

    def lines(self, records: pa.RecordBatch) -> memoryview:
        """The lines of some records as UTF-8, each with a line feed.

        Args:
            records: with `COLUMNS`; constant columns may be dictionary-encoded.
        """
        frame = pl.DataFrame({name: _escaped(records.column(name)) for name in COLUMNS})
        lines = frame.select(self._line).to_series().to_arrow(compat_level=pl.CompatLevel.oldest())
        _, offsets, text = lines.buffers()  # the texts of an Arrow array lie one behind the other
        ends = memoryview(offsets).cast("q")
        return memoryview(text)[ends[lines.offset] : ends[lines.offset + len(lines)]]


def _escaped(texts: pa.Array) -> pl.Series:
    """Texts as the insides of strings of JSON.

    Only the control characters that are there are looked for: to find two or three characters takes polars a third of
    the time that it takes to find all, and most columns have none.
    """
    if isinstance(texts, pa.DictionaryArray):
        return _escaped(texts.dictionary).gather(pl.Series(texts.indices))
    content = np.frombuffer(texts.buffers()[-1] or b"", np.uint8)
    characters = ['"', "\\", *map(chr, np.unique(content[content < CONTROLS]))]
    return pl.Series(texts).str.replace_many(characters, [_escape(character) for character in characters])


def _escape(text: str) -> str:
    return orjson.dumps(text).decode()[1:-1]
