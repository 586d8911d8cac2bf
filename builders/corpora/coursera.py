"""Coursera parallel corpus: lecture subtitles, English and Japanese, aligned by line.

One pair, from the members `train.en.txt` and `train.ja.txt` of the archive:

    Welcome back, everyone.
    皆さん 、 お帰りなさい 。

The Japanese side of `train` comes in tokens with one space between them; where the text itself has a space, there are
three. `dev` and `test` are ordinary text, in which a space stands for the end of a subtitle's line. So tokens are put
together again, and in all splits no space stays beside a Japanese character: only those between Latin words do.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from builders.corpus import Corpus, Part, RemoteFile, Task
from builders.errors import FormatError
from builders.formats.archives import zip_member
from builders.formats.blocks import Held
from builders.formats.lines import read_lines
from builders.instructions import translation
from builders.licenses import APACHE_2
from builders.rows import KEY, Rows, without_blank_cells

ARCHIVE = "Coursera_En-Ja.zip"
SPLITS = ("train", "dev", "test")
SEGMENTED = "train"
SPACE_OF_THE_TEXT = "   "
KEPT = "\x1f"
"""What such a space is while those between tokens are taken out; it is in no text."""
_JAPANESE = r"[\x{2E80}-\x{9FFF}\x{F900}-\x{FAFF}\x{FE30}-\x{FE4F}\x{FF00}-\x{FFEF}\x{20000}-\x{3FFFF}]"
# Two patterns, since a character between two spaces belongs to both.
SPACE_BEHIND, SPACE_BEFORE = rf"({_JAPANESE}) +", rf" +({_JAPANESE})"


def read(part: Part) -> Iterator[Rows]:
    """Reads the three splits of the archive; a key is split and line number (`dev-17`)."""
    path = part.files[ARCHIVE]
    for split in SPLITS:
        first = 1
        for english, japanese in _aligned(path, split):
            if split == SEGMENTED:
                japanese = joined_tokens(japanese)
            japanese = without_spaces_beside_japanese(japanese)
            numbers = pc.cast(pa.array(np.arange(first, first + len(english))), pa.string())
            first += len(english)
            keys = pc.binary_join_element_wise(split, numbers, "-")
            batch = pa.RecordBatch.from_arrays([english, japanese, keys], ["english", "japanese", KEY])
            yield without_blank_cells(batch, ["english", "japanese"], ARCHIVE)


def joined_tokens(sentences: pa.StringArray) -> pa.StringArray:
    """Sentences without the spaces between tokens, and with one space where the text has one."""
    for old, new in ((SPACE_OF_THE_TEXT, KEPT), (" ", ""), (KEPT, " ")):
        sentences = pc.replace_substring(sentences, old, new)
    return sentences


def without_spaces_beside_japanese(sentences: pa.StringArray) -> pa.StringArray:
    """Sentences without spaces next to kana, kanji, Japanese punctuation and full-width letters."""
    for pattern in (SPACE_BEHIND, SPACE_BEFORE):
        sentences = pc.replace_substring_regex(sentences, pattern, r"\1")
    return sentences


def _aligned(path: Path, split: str) -> Iterator[tuple[pa.StringArray, pa.StringArray]]:
    """Arrays of the same length from the two sides.

    Raises:
        FormatError: a side is empty or too large, or one has more lines: from where on the pairs are wrong cannot be
            known.
    """
    sides = [f"Coursera_En-Ja/{split}.{language}.txt" for language in ("en", "ja")]
    files = [f"{ARCHIVE}/{side}" for side in sides]
    with zip_member(path, sides[0]) as english, zip_member(path, sides[1]) as japanese:
        texts = [
            pa.concat_arrays([pa.array([], pa.string()), *read_lines(Held(stream, file), file)])
            for stream, file in zip((english, japanese), files, strict=True)
        ]
    if not len(texts[0]):
        raise FormatError(files[0], "", "empty")
    if len(texts[0]) != len(texts[1]):
        raise FormatError(
            files[1],
            f"line {min(map(len, texts)) + 1}",
            f"{len(texts[1]):,} lines, but {sides[0]} has {len(texts[0]):,}: the pairs are aligned by line",
        )
    yield texts[0], texts[1]


CORPUS = Corpus(
    name="coursera",
    title="Coursera Parallel Corpus (En-Ja)",
    homepage="https://github.com/shyyhs/CourseraParallelCorpusMining",
    license=APACHE_2,
    attribution="Haiyue Song, Raj Dabre, Atsushi Fujita and Sadao Kurohashi",
    citation="""@inproceedings{song-etal-2020-coursera,
  title = {Coursera Corpus Mining and Multistage Fine-Tuning for Improving Lectures Translation},
  author = {Song, Haiyue and Dabre, Raj and Fujita, Atsushi and Kurohashi, Sadao},
  booktitle = {Proceedings of the Twelfth Language Resources and Evaluation Conference},
  year = {2020},
  pages = {3640--3649}
}""",
    files=(
        RemoteFile(
            ARCHIVE,
            "https://raw.githubusercontent.com/shyyhs/CourseraParallelCorpusMining/"
            "8217d39fad27aece860c1741910af27c34337c8a/data/Coursera_En-Ja.zip",
            size=3_585_442,
            sha256="c58ac8ec8e0675abb701fc502c9eb2a9dd203a935611323cbdb90320a185b562",
        ),
    ),
    tasks=(Task("translation-coursera", translation(), paper_count=106_332, version=2),),
    columns={"english": "en", "japanese": "ja"},
    read=read,
)
