"""What reading a corpus's samples shows to be wrong with its module, so that a slip is told by its cause.

`builders.checks` finds what can be found before anything is read.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from builders.checks import columns_of
from builders.corpus import Corpus, Part
from builders.formats.json_records import REPEATED
from builders.rows import KEY

JAPANESE = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
"""A character of kana or kanji."""
LANGUAGE_SHARE = 0.8
"""Of the texts of a column that is said to hold Japanese, so many do; of one that is said to hold English, so many hold no
Japanese. Columns that are swapped hold next to none."""
REPEATED_SHARE = 0.1
"""Of the rows read, no more are rejected because their key comes again: a sample shows one such row, or two."""


class Samples:
    """What a corpus reads from its samples.

    Args:
        corpus: whose samples.
        parts: the samples, as parts.

    Attributes:
        columns: names of the columns, by record type.
        texts: the texts that are not blank, by column.
        keys: how many rows have each key, by record type.
        rejected: how many rows are rejected for each reason, by record type.
    """

    def __init__(self, corpus: Corpus, parts: Sequence[Part]):
        self.columns: dict[str, list[str]] = {}
        self.texts: dict[str, list[str]] = defaultdict(list)
        self.keys: dict[str, Counter[str]] = defaultdict(Counter)
        self.rejected: dict[str, Counter[str]] = defaultdict(Counter)
        for part in parts:
            for rows in corpus.read(part):
                names = [name for name in rows.batch.schema.names if name != KEY]
                self.columns.setdefault(rows.record_type, names)
                for name in names:
                    self.texts[name] += [text for text in rows.batch.column(name).to_pylist() if text.strip()]
                self.keys[rows.record_type].update(rows.batch.column(KEY).to_pylist())
                self.rejected[rows.record_type].update(row.reason for row in rows.rejected)


def sample_faults(corpus: Corpus, parts: Sequence[Part]) -> list[str]:
    """Names what is wrong with a corpus, one line each; none for a sound one.

    Args:
        corpus: what is looked at.
        parts: its samples.
    """
    samples = Samples(corpus, parts)
    found = [*_columns(corpus, samples), *_templates(corpus, samples), *_rows(samples), *_languages(corpus, samples)]
    return [f"{corpus.name}: {fault}" for fault in found]


def _columns(corpus: Corpus, samples: Samples) -> Iterator[str]:
    given = list(dict.fromkeys(name for names in samples.columns.values() for name in names))
    for name in given:
        if name not in corpus.columns:
            yield f'read gives the column "{name}", which Corpus.columns does not declare'
    for name in corpus.columns:
        if name not in given:
            yield f'Corpus.columns declares the column "{name}", which read does not give; it gives: {", ".join(given)}'


def _templates(corpus: Corpus, samples: Samples) -> Iterator[str]:
    for template in (template for task in corpus.tasks for template in task.templates):
        columns = samples.columns.get(template.record_type)
        if columns is None:
            known = ", ".join(samples.columns) or "none"
            yield (
                f'the template "{template.name}" is made from rows of the type "{template.record_type}"; '
                f"the types that read gives are: {known}"
            )
            continue
        named = columns_of(template.instruction) + columns_of(template.input) + columns_of(template.output)
        for name in dict.fromkeys(named):
            if name not in columns:
                yield (
                    f'the template "{template.name}" names the column "{name}"; '
                    f'rows of the type "{template.record_type}" have: {", ".join(columns)}'
                )


def _rows(samples: Samples) -> Iterator[str]:
    for record_type, keys in samples.keys.items():
        key, count = max(keys.items(), key=lambda pair: pair[1], default=("", 0))
        if count > 1:
            yield f'{count} rows of the type "{record_type}" have the key "{key}": a key names one row'
        rejected = samples.rejected[record_type]
        read = keys.total() + rejected.total()
        if rejected[REPEATED] > REPEATED_SHARE * read:
            yield (
                f'{rejected[REPEATED]} of {read} rows of the type "{record_type}" are rejected because '
                f"{REPEATED}: the key does not tell rows apart"
            )
        elif rejected.total() > read / 2:
            reason, times = rejected.most_common(1)[0]
            yield (
                f'{rejected.total()} of {read} rows of the type "{record_type}" are rejected, {times} of them for '
                f'"{reason}": a sample is for rows that can be used'
            )


def _languages(corpus: Corpus, samples: Samples) -> Iterator[str]:
    for name, kind in corpus.columns.items():
        language, texts = kind.split(" ")[0], samples.texts[name]
        japanese = sum(JAPANESE.search(text) is not None for text in texts)
        fitting = {"ja": japanese, "en": len(texts) - japanese}.get(language, len(texts))
        if fitting < LANGUAGE_SHARE * len(texts):
            yield (
                f'the column "{name}" is declared as "{kind}", but {japanese} of its {len(texts)} texts have '
                "Japanese characters: is it swapped with another?"
            )
