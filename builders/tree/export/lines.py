"""From batches of records to lines of JSON, a column at a time."""

from __future__ import annotations

import re

import orjson
import polars as pl
import pyarrow as pa

from builders.tree.export.formats import KEPT, TEXTS, Form

_ESCAPED = {character: orjson.dumps(character).decode()[1:-1] for character in [*map(chr, range(32)), '"', "\\"]}
"""The characters that a string of JSON cannot hold as they are (RFC 8259, section 7), and what stands for them."""
_PLACE = re.compile(r'"\{(\w+)\}"')
COLUMNS = ("instruction", "input", "output", "id")
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
        self._line = pl.concat_str(_string(piece) if place else pl.lit(piece) for place, piece in _numbered(pieces))

    def lines(self, records: pa.RecordBatch) -> memoryview:
        """The lines of some records as UTF-8, each with a line feed.

        Args:
            records: with `COLUMNS`; constant columns may be dictionary-encoded.
        """
        frame = pl.DataFrame(pl.from_arrow(records)).with_columns(pl.col(pl.Categorical).cast(pl.String))
        lines = frame.select(self._line).to_series().to_arrow(compat_level=pl.CompatLevel.oldest())
        _, offsets, text = lines.buffers()  # the texts of an Arrow array lie one behind the other
        ends = memoryview(offsets).cast("q")
        return memoryview(text)[ends[lines.offset] : ends[lines.offset + len(lines)]]


def _numbered(pieces: list[str]) -> list[tuple[bool, str]]:
    """What a split by a pattern with one group gives: text, name, text, name, ..., text; names are marked."""
    return [(bool(number % 2), piece) for number, piece in enumerate(pieces)]


def _string(name: str) -> pl.Expr:
    """A text as a string of JSON, with its quotes."""
    text = TEXTS[name]() if name in TEXTS else pl.col(name)
    return pl.concat_str(pl.lit('"'), text.str.replace_many([*_ESCAPED], [*_ESCAPED.values()]), pl.lit('"'))
