"""Tab-delimited bilingual sentence pairs: English and Japanese sentences of Tatoeba, as manythings.org packs them.

One row of the member `jpn.txt`:

    Where is the station?	駅はどこですか。	CC-BY 2.0 (France) Attribution: tatoeba.org #123 (someone) & #456 (another)

Older editions end after the Japanese. There is no quoting: a `"` is a character of the sentence.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from builders.corpus import Corpus, CountDifference, Part, RemoteFile, Task
from builders.formats.archives import zip_member
from builders.formats.delimited import LINE, read_delimited
from builders.instructions import translation
from builders.licenses import CC_BY_2_FR
from builders.rows import KEY, Rows, without_blank_cells

ARCHIVE, MEMBER = "jpn-eng.zip", "jpn.txt"
TEXT_COLUMNS = ("english", "japanese")


def read(part: Part) -> Iterator[Rows]:
    """Reads the pairs; a key is the pair of Tatoeba ids, or `line-<n>` in an edition that does not give them."""
    with zip_member(part.files[ARCHIVE], MEMBER) as stream:
        for rows in read_delimited(stream, f"{ARCHIVE}/{MEMBER}", TEXT_COLUMNS, optional=("attribution",)):
            keys = pc.binary_join_element_wise("line", pc.cast(rows.batch.column(LINE), pa.string()), "-")
            if "attribution" in rows.batch.schema.names:
                keys = pc.coalesce(_tatoeba_ids(rows.batch.column("attribution")), keys)
            batch = rows.batch.drop_columns([LINE]).append_column(KEY, keys)
            kept = without_blank_cells(batch, TEXT_COLUMNS, f"{ARCHIVE}/{MEMBER}")
            yield Rows(kept.batch, rows.rejected + kept.rejected)


def _tatoeba_ids(attribution: pa.StringArray) -> pa.StringArray:
    """`<English id>-<Japanese id>`, null where the attribution does not name both.

    Cut at `#` and at the space behind a number: a regular expression takes three times as long.
    """
    pieces = pc.split_pattern(attribution, "#")
    none = pa.scalar(["", "", ""], pieces.type)
    pieces = pc.if_else(pc.equal(pc.list_value_length(pieces), 3), pieces, none)
    english, japanese = (_first_word(pc.list_element(pieces, place)) for place in (1, 2))
    digits = pc.and_(pc.utf8_is_decimal(english), pc.utf8_is_decimal(japanese))
    return pc.if_else(digits, pc.binary_join_element_wise(english, japanese, "-"), pa.scalar(None, pa.string()))


def _first_word(texts: pa.StringArray) -> pa.StringArray:
    return pc.list_element(pc.split_pattern(texts, " ", max_splits=1), 0)


CORPUS = Corpus(
    name="tab_delimited",
    title="Tab-delimited Bilingual Sentence Pairs (English-Japanese)",
    homepage="http://www.manythings.org/anki/",
    license=CC_BY_2_FR,
    attribution="the contributors of tatoeba.org; selection by manythings.org",
    citation="",
    files=(
        RemoteFile(
            ARCHIVE,
            "http://www.manythings.org/anki/jpn-eng.zip",
            manual_download="the host refuses plain downloaders; save the file with a web browser",
        ),
    ),
    tasks=(
        Task(
            "translation-tab-delimited",
            translation(),
            paper_count=202_398,
            difference=(
                CountDifference(
                    "another edition of the file, which grows by some 12,000 pairs a year", -80_000, 160_000
                ),
                CountDifference("the paper's parser lost row 1 as a header", 0, 2),
            ),
            version=2,
        ),
    ),
    columns={"english": "en", "japanese": "ja", "attribution": "any"},
    read=read,
    limitations="Shares sentences with the Tanaka corpus: both come from Tatoeba.",
)
