"""Tanaka corpus: sentence pairs of Japanese learners of English, kept up to date by Tatoeba and served by EDRDG.

One pair, two lines (https://www.edrdg.org/wiki/Tanaka_Corpus):

    A: 駅まで走った。<TAB>I ran to the station.#ID=1234_5678
    B: 駅 まで 走る{走った}

The A line ends with the ids of the two sentences behind the LAST `#ID=`; an English sentence may hold a `#` itself.
The B line indexes the words of a dictionary and is not read, nor are comments, which begin with `#`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from builders.corpus import Corpus, CountDifference, Part, RemoteFile, Task
from builders.errors import FormatError
from builders.formats.archives import gzip_file
from builders.formats.lines import read_lines
from builders.instructions import translation
from builders.licenses import CC_BY_2_FR
from builders.rows import KEY, RejectedRow, Rows, blank, unique_keys

FILE = "examples.utf.gz"
PAIR = r"^A: (?P<japanese>[^\t]*)\t(?P<english>[^\t]*)#ID=(?P<id>[0-9]+(?:_[0-9]+)?)\s*$"


def read(part: Part) -> Iterator[Rows]:
    """Reads the pairs; a key is the id behind `#ID=` (`1234_5678`).

    Raises:
        FormatError: there is no A line at all.
    """
    seen: Counter[str] = Counter()
    first = 1
    with gzip_file(part.files[FILE]) as stream:
        for lines in read_lines(stream, FILE):
            yield pairs_of(lines, first, seen)
            first += len(lines)
    if not seen:
        raise FormatError(FILE, "", 'no line of the form "A: <Japanese> TAB <English>#ID=<number>"')


def pairs_of(lines: pa.StringArray, first: int, seen: Counter[str]) -> Rows:
    """The pairs of consecutive lines.

    Args:
        lines: whole lines.
        first: number of the first of them, from 1.
        seen: how often each id was met so far; brought up to date here.
    """
    ignored = pc.or_(pc.starts_with(lines, "B: "), pc.or_(pc.starts_with(lines, "#"), blank(lines)))
    fields = pc.extract_regex(lines, PAIR)
    japanese, english, ids = (pc.struct_field(fields, name) for name in ("japanese", "english", "id"))
    good = pc.invert(pc.or_(blank(japanese), blank(english)))
    rejected = tuple(
        RejectedRow(f"{FILE} line {first + index}", _reason(lines[index].as_py()), lines[index].as_py())
        for index in pc.indices_nonzero(pc.invert(pc.or_(good, ignored))).to_pylist()
    )
    keys = pa.array(unique_keys(ids.filter(good).to_pylist(), seen), pa.string())
    batch = pa.RecordBatch.from_arrays(
        [japanese.filter(good), english.filter(good), keys], ["japanese", "english", KEY]
    )
    return Rows(batch, rejected)


def _reason(line: str) -> str:
    """Why a line is no pair."""
    if not line.startswith("A: "):
        return "neither an A: line, nor a B: line, nor a comment"
    japanese, *cells = line.removeprefix("A: ").split("\t")
    if len(cells) != 1:
        return f"{len(cells) + 1} columns instead of 2"
    english, marker, _ = cells[0].rpartition("#ID=")
    if not japanese.strip():
        return "empty japanese"
    return "empty english" if marker and not english.strip() else "no #ID= and number at the end"


CORPUS = Corpus(
    name="tanaka",
    title="Tanaka Corpus",
    homepage="https://www.edrdg.org/wiki/Tanaka_Corpus",
    license=CC_BY_2_FR,
    attribution=(
        "Yasuhito Tanaka, the Electronic Dictionary Research and Development Group, and the contributors of Tatoeba"
    ),
    citation="""@inproceedings{tanaka2001compilation,
  title = {Compilation of a Multilingual Parallel Corpus},
  author = {Tanaka, Yasuhito},
  booktitle = {Proceedings of PACLING 2001},
  year = {2001}
}""",
    files=(RemoteFile(FILE, "ftp://ftp.edrdg.org/pub/Nihongo/examples.utf.gz"),),
    tasks=(
        Task(
            "translation-tanaka",
            translation(),
            paper_count=298_026,
            difference=(CountDifference("the file is made anew every week, its sentences corrected", -20_000, 20_000),),
        ),
    ),
    columns={"english": "en", "japanese": "ja"},
    read=read,
    limitations=(
        "Shares sentences with the tab-delimited pairs (both come from Tatoeba) and with the easy Japanese corpus."
    ),
)
