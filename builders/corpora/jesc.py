"""JESC, the Japanese-English Subtitle Corpus: subtitles of films and television, aligned by their time.

One line of the member `raw/raw` of the archive, English first and in small letters:

    wait here until i come back.<TAB>私が戻るまで ここで待っていて。

"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from builders.corpus import Corpus, CountDifference, Part, RemoteFile, Task, whole
from builders.formats.archives import gzip_file, tar_member, tar_member_size
from builders.formats.delimited import LINE, read_delimited
from builders.instructions import translation
from builders.licenses import CC_BY_SA_4
from builders.rows import KEY, Rows, without_blank_cells

ARCHIVE, MEMBER = "raw.tar.gz", "raw/raw"
COLUMNS = ("english", "japanese")
PARTS = 4
"""Of a large archive. It has no index, so each part unpacks what lies before it, which costs a sixteenth of building it
(benchmarks/jesc.py prints both). Building the records of one part in several processes would leave the Parquet, which
is two thirds of the work, to one of them."""
LARGE = 32 << 20
"""Bytes of a member that is worth cutting."""
NO_END = sys.maxsize


def split(files: Mapping[str, Path]) -> list[Part]:
    """Ranges of the member's bytes, of the same size; the last one has no end, as it reads the archive to its own."""
    with gzip_file(files[ARCHIVE], to_end=False) as archive:
        size = tar_member_size(archive, ARCHIVE, MEMBER)
    if size < LARGE:
        return whole(files)
    cuts = [size * number // PARTS for number in range(PARTS)]
    return [Part(f"from-{cut}", dict(files), (cut, end)) for cut, end in zip(cuts, [*cuts[1:], NO_END], strict=True)]


def read(part: Part) -> Iterator[Rows]:
    """Reads the pairs; a key is the line number."""
    file = f"{ARCHIVE}/{MEMBER}"
    to_end = part.span is None or part.span[1] == NO_END
    with (
        gzip_file(part.files[ARCHIVE], to_end=to_end) as archive,
        tar_member(archive, ARCHIVE, MEMBER, to_end=to_end) as stream,
    ):
        for rows in read_delimited(stream, file, COLUMNS, span=part.span):
            keys = pc.cast(rows.batch.column(LINE), pa.string())
            cells = [rows.batch.column(name) for name in COLUMNS]
            batch = pa.RecordBatch.from_arrays([*cells, keys], [*COLUMNS, KEY])
            kept = without_blank_cells(batch, COLUMNS, f"{file} line")
            yield Rows(kept.batch, rows.rejected + kept.rejected)


CORPUS = Corpus(
    name="jesc",
    title="JESC: Japanese-English Subtitle Corpus",
    homepage="https://nlp.stanford.edu/projects/jesc/",
    license=CC_BY_SA_4,
    attribution="Reid Pryzant, Youngjoo Chung, Dan Jurafsky and Denny Britz",
    citation="""@inproceedings{pryzant-etal-2018-jesc,
  title = {{JESC}: {J}apanese-{E}nglish Subtitle Corpus},
  author = {Pryzant, Reid and Chung, Youngjoo and Jurafsky, Dan and Britz, Denny},
  booktitle = {Proceedings of the Eleventh International Conference on Language Resources and Evaluation (LREC 2018)},
  year = {2018},
  url = {https://aclanthology.org/L18-1182/}
}""",
    files=(RemoteFile(ARCHIVE, "https://nlp.stanford.edu/projects/jesc/data/raw.tar.gz"),),
    tasks=(
        Task(
            "translation-jesc",
            translation(),
            paper_count=5_396_204,
            difference=(CountDifference("the paper's parser lost rows to CSV quoting", 0, 2 * 110_000),),
        ),
    ),
    columns={"english": "en", "japanese": "ja"},
    read=read,
    split=split,
)
