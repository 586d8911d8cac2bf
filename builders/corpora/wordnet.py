"""Japanese WordNet 1.1: the glosses of Princeton WordNet in Japanese, and Japanese words for its concepts (synsets).

One row of each file: definitions and examples are synset, sub-index, English and Japanese; words are synset, word and
source:

    00000001-n<TAB>0<TAB>a small boat for crossing a river<TAB>川を渡るための小さな舟
    00000001-n<TAB>0<TAB>the ferry leaves every hour<TAB>渡し舟は1時間ごとに出る
    00000001-n<TAB>渡し舟<TAB>hand

A word's meaning is EACH definition of its synset, a record each. The paper's count decides that: 173,085 records are
more than the 158,058 pairs of word and synset that release 1.1 has, so definitions cannot have been joined to one text.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from builders.corpus import Corpus, CountDifference, Part, RemoteFile, Task, Template, whole
from builders.errors import FormatError
from builders.formats.archives import gzip_file
from builders.formats.blocks import Held
from builders.formats.delimited import read_delimited
from builders.instructions import WORD_MEANING, translation
from builders.licenses import WORDNET_JA
from builders.rows import KEY, RejectedRow, Rows, stripped, trimmed, unique_keys, without_blank_cells

DEFINITIONS, EXAMPLES, WORDS = "wnjpn-def.tab.gz", "wnjpn-exe.tab.gz", "wnjpn-ok.tab.gz"
GLOSSES = 64 << 20
"""Bytes of a file of glosses, whose keys lie in memory together; the 136,000 definitions take a third of it."""
GLOSS_COLUMNS = ("synset", "index", "english", "japanese")
MEANING = [KEY, "japanese"]
WORD_COLUMNS = ("synset", "word", "origin")
MOST_DEFINITIONS = 32
"""Definitions of one synset, which its every word gets: a gloss has a few parts, a damaged file might have thousands."""
MOST_CHARACTERS = 2_000
"""Of all definitions of one synset; those of a gloss have some hundred."""
WORDS_AT_A_TIME = 10_000


def read(part: Part) -> Iterator[Rows]:
    """Reads three record_types: `definition` and `example` (english, japanese), and `word` (word, definition).

    Keys are synset and sub-index (`00000001-n-0`), for words the word too (`00000001-n-0-渡し舟`).

    Raises:
        FormatError: a synset has more than 32 definitions, or longer ones than a gloss: with them, records would grow as
            the square of the files. Or there are too many of them.
    """
    meanings: dict[str, list[int]] = defaultdict(list)
    lengths: Counter[str] = Counter()
    definitions: list[pa.RecordBatch] = []
    if DEFINITIONS in part.files:
        place = itertools.count()
        for rows in _glosses(part.files[DEFINITIONS], "definition"):
            if WORDS in part.files:
                _add_meanings(rows.batch, place, meanings, lengths)
                definitions.append(rows.batch.select(MEANING))
            yield rows
    if EXAMPLES in part.files:
        yield from _glosses(part.files[EXAMPLES], "example")
    if definitions:
        yield from _words(part.files[WORDS], meanings, pa.Table.from_batches(definitions))


def _add_meanings(
    batch: pa.RecordBatch, place: Iterator[int], meanings: Mapping[str, list[int]], lengths: Counter[str]
) -> None:
    """Notes where the definitions of each synset stand, and how long they are together."""
    sizes = pc.utf8_length(batch.column("japanese"))
    for synset, size in zip(batch.column("synset").to_pylist(), sizes.to_pylist(), strict=True):
        meanings[synset].append(next(place))
        lengths[synset] += size
        if len(meanings[synset]) > MOST_DEFINITIONS:
            raise FormatError(DEFINITIONS, f"synset {synset}", f"more than {MOST_DEFINITIONS} definitions: damaged")
        if lengths[synset] > MOST_CHARACTERS:
            reason = f"definitions of more than {MOST_CHARACTERS:,} characters: damaged"
            raise FormatError(DEFINITIONS, f"synset {synset}", reason)


def _glosses(path: Path, record_type: str) -> Iterator[Rows]:
    """Definitions or examples; a row with an empty cell is a reject."""
    seen: Counter[str] = Counter()
    with gzip_file(path) as stream:
        for rows in read_delimited(Held(stream, path.name, GLOSSES), path.name, GLOSS_COLUMNS):
            cells = {name: trimmed(rows.batch.column(name)) for name in GLOSS_COLUMNS}
            keys = pc.binary_join_element_wise(cells["synset"], cells["index"], "-")
            cells[KEY] = pa.array(unique_keys(keys.to_pylist(), seen), pa.string())
            kept = without_blank_cells(pa.RecordBatch.from_pydict(cells), GLOSS_COLUMNS, path.name, record_type)
            yield Rows(kept.batch, rows.rejected + kept.rejected, record_type)


def _words(path: Path, meanings: Mapping[str, Sequence[int]], definitions: pa.Table) -> Iterator[Rows]:
    """Words with each definition of their synset.

    Args:
        path: the file of words.
        meanings: by synset, where its definitions stand.
        definitions: their keys and texts. As columns they take a quarter of what as many Python texts would.
    """
    seen: Counter[str] = Counter()
    with gzip_file(path) as stream:
        for rows in read_delimited(stream, path.name, WORD_COLUMNS):
            rejected = rows.rejected
            for first in range(0, max(1, rows.batch.num_rows), WORDS_AT_A_TIME):
                words = rows.batch.slice(first, WORDS_AT_A_TIME)
                yield _meanings_of(words, rejected, path.name, meanings, definitions, seen)
                rejected = ()


def _meanings_of(
    batch: pa.RecordBatch,
    rejected: tuple[RejectedRow, ...],
    file: str,
    meanings: Mapping[str, Sequence[int]],
    definitions: pa.Table,
    seen: Counter[str],
) -> Rows:
    """One row for each definition of each word; `rejected` and the words without one are left out."""
    words: list[str] = []
    places: list[int] = []
    left_out = list(rejected)
    for synset, word, origin, line in zip(*(column.to_pylist() for column in batch.columns), strict=True):
        word = stripped(word)
        if not word or synset not in meanings:
            reason = "no definition of its synset" if word else "empty word"
            left_out.append(RejectedRow(f"{file} line {line}", reason, f"{synset}\t{word}\t{origin}"))
            continue
        places += meanings[synset]
        words += [word] * len(meanings[synset])
    found = definitions.take(pa.array(places, pa.int64()))
    glosses, texts = (found.column(name).combine_chunks() for name in MEANING)
    column = pa.array(words, pa.string())
    keys = pc.binary_join_element_wise(glosses, column, "-")
    cells = [column, texts, pa.array(unique_keys(keys.to_pylist(), seen), pa.string())]
    return Rows(pa.RecordBatch.from_arrays(cells, ["word", "definition", KEY]), tuple(left_out), "word")


UNPINNED = (CountDifference("files without a published checksum, which may have been replaced", -2_000, 2_000),)
RELEASE = "https://github.com/bond-lab/wnja/releases/download/v1.1"

CORPUS = Corpus(
    name="wordnet",
    title="Japanese WordNet 1.1",
    homepage="https://bond-lab.github.io/wnja/",
    license=WORDNET_JA,
    attribution=(
        "Japanese Wordnet (v1.1) © 2009-2011 NICT, 2012-2015 Francis Bond and 2016-2024 Francis Bond, "
        "Takayuki Kuribayashi; English definitions and examples from Princeton WordNet"
    ),
    citation="""@inproceedings{bond-etal-2009-enhancing,
  title = {Enhancing the {Japanese} {WordNet}},
  author = {Bond, Francis and Isahara, Hitoshi and Fujita, Sanae and Uchimoto, Kiyotaka and
            Kuribayashi, Takayuki and Kanzaki, Kyoko},
  booktitle = {Proceedings of the 7th Workshop on Asian Language Resources (ALR7)},
  year = {2009},
  url = {https://aclanthology.org/W09-3401/}
}""",
    files=tuple(RemoteFile(name, f"{RELEASE}/{name}") for name in (DEFINITIONS, EXAMPLES, WORDS)),
    tasks=(
        Task(
            "translation-wordnet",
            (
                *translation(record_type="definition", prefix="definition-"),
                *translation(record_type="example", prefix="example-"),
            ),
            paper_count=367_936,
            difference=UNPINNED,
            files=(DEFINITIONS, EXAMPLES),
        ),
        Task(
            "knowledge-wordnet",
            (Template("meaning", WORD_MEANING, "", "{definition}", "word"),),
            paper_count=173_085,
            difference=UNPINNED,
            files=(DEFINITIONS, WORDS),
        ),
    ),
    columns={
        "english": "en",
        "japanese": "ja",
        "word": "any word",
        "definition": "ja",
        "synset": "any",
        "index": "any",
    },
    read=read,
    split=whole,
)
