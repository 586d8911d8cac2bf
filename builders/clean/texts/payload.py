"""The payload of records: the cells that come from the corpus, without the wording of the templates around them.

A record's `instruction` is one fixed text in most tasks, the question itself in some, and a wording around a word in
others. Compared is only what the corpus gave, so that the thirty wordings make no two records alike.
"""

from __future__ import annotations

import re
import string
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from builders.clean.texts.normalize import Payloads, normalize
from builders.corpus import Template

CELLS = ("instruction", "input", "output")
"""The columns that hold cells, in order."""
TASK = "task"


def payloads(records: pa.RecordBatch, templates: Sequence[Template] = ()) -> Payloads:
    """Normalized payload of records, a cell per column of `CELLS`.

    Args:
        records: has the columns of `CELLS`, plain or dictionary-encoded, and `task` where there are templates.
        templates: of the records' config. Records of other tasks, and records that do not read as their template
            would write them, are payload as they stand.
    """
    return normalize(cells(records, templates))


def cells(records: pa.RecordBatch, templates: Sequence[Template] = ()) -> list[pa.Array]:
    """Payload of records as text: per column of `CELLS`, what the corpus gave, its parts joined by line breaks."""
    found = []
    for name in CELLS:
        patterns = {template.name: getattr(template, name) for template in templates}
        column = _plain(_without_texts(records.column(name), [text for text in patterns.values() if _is_text(text)]))
        for task, pattern in patterns.items():
            if not _is_text(pattern) and not _is_column(pattern):
                mask = pc.equal(records.column(TASK), task)
                column = pc.replace_with_mask(column, mask, _extract(column.filter(mask), pattern))
        found.append(column)
    return found


def _without_texts(column: pa.Array, texts: Sequence[str]) -> pa.Array:
    """Empties the cells that are one of some fixed texts."""
    if not texts:
        return column
    if isinstance(column, pa.DictionaryArray):
        return pa.DictionaryArray.from_arrays(column.indices, _without_texts(column.dictionary, texts))
    fixed = pa.array([text.format() for text in texts], column.type)  # {{ is a brace in a pattern
    return pc.if_else(pc.is_in(column, fixed), "", column)


def _plain(column: pa.Array) -> pa.Array:
    if isinstance(column, pa.DictionaryArray):
        column = column.dictionary_decode()
    return column.cast(pa.string())


def _is_text(pattern: str) -> bool:
    """Whether a pattern has no column in it."""
    return all(name is None for _, name, _, _ in string.Formatter().parse(pattern))


def _is_column(pattern: str) -> bool:
    """Whether a pattern is nothing but one column."""
    pieces = list(string.Formatter().parse(pattern))
    return len(pieces) == 1 and not pieces[0][0] and pieces[0][1] is not None


def _extract(texts: pa.Array, pattern: str) -> pa.Array:
    """What stands in the columns of a pattern; a text of which the pattern cannot be read stays as it is."""
    expression, names = _expression(pattern)
    parts = pc.extract_regex(texts, expression)
    joined = pc.binary_join_element_wise(*(pc.struct_field(parts, name) for name in names), "\n")
    return pc.if_else(pc.is_valid(parts), joined, texts)


def _expression(pattern: str) -> tuple[str, list[str]]:
    """A pattern as a regular expression, and the names of its groups."""
    names: list[str] = []
    expression = r"(?s)\A"
    for literal, name, _, _ in string.Formatter().parse(pattern):
        expression += re.escape(literal)
        if name is not None:
            names.append(f"part{len(names)}")
            expression += f"(?P<{names[-1]}>.*?)"
    return rf"{expression}\z", names
