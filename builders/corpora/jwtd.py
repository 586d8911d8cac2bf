"""JWTD, the Japanese Wikipedia Typo Dataset: sentences of Wikipedia before and after somebody corrected them.

One line of the member `jwtd_v2.0/train.jsonl` of the archive, its last fields left out:

    {"page": "5012", "title": "灯台", "pre_rev": "31", "post_rev": "47", "pre_text": "灯台は岬のの先にある。",
     "post_text": "灯台は岬の先にある。", "diffs": [{"pre_str": "の", "post_str": "", "category": "insertion_a", …}], …}

`test` and `gold` have lines like those of `train`; `diffs` may be missing in `gold`. Only texts and numbers are read. One
edit of a page may have corrected several sentences: the second has `.2` behind its key.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import PurePosixPath

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from builders.corpus import Corpus, CountDifference, Part, RemoteFile, Task, Template, whole
from builders.errors import FormatError
from builders.formats.archives import gzip_file, tar_members
from builders.formats.json_lines import Decoded, read_typed_lines
from builders.instructions import CORRECT_TYPO
from builders.licenses import CC_BY_SA_3
from builders.rows import KEY, RejectedRow, Rows, blank, unique_keys

ARCHIVE = "jwtd_v2.0.tar.gz"
MEMBERS = ("jwtd_v2.0/train.jsonl", "jwtd_v2.0/test.jsonl", "jwtd_v2.0/gold.jsonl")
COLUMNS = ("mistaken", "correct")
NO_TYPO = "not-typo"
"""The category of a difference that is none of mistake and correction."""


class Line(msgspec.Struct):
    """What is read of a line. The numbers are text in the files known; `diffs` is looked into only where it has to be."""

    page: str | int
    pre_rev: str | int
    post_rev: str | int
    pre_text: str
    post_text: str
    diffs: msgspec.Raw = msgspec.Raw(b"[]")


class Difference(msgspec.Struct):
    """What is read of an element of `diffs`."""

    category: str = ""


def read(part: Part) -> Iterator[Rows]:
    """Reads all members; a key is the member, the page and its two revisions (`train-5012-31-47`)."""
    missing = dict.fromkeys(MEMBERS)
    with gzip_file(part.files[ARCHIVE]) as archive:
        for member, stream in tar_members(archive, ARCHIVE, MEMBERS.__contains__):
            if member not in missing:
                raise FormatError(ARCHIVE, "", f'has the member "{member}" twice')
            del missing[member]
            met: Counter[str] = Counter()
            for lines in read_typed_lines(stream, f"{ARCHIVE}/{member}", Line):
                yield _usable(lines, member, met)
    for member in missing:
        raise FormatError(ARCHIVE, "", f'has no member "{member}"')


def _usable(lines: Decoded[Line], member: str, met: Counter[str]) -> Rows:
    split = PurePosixPath(member).stem
    ids = (f"{split}-{line.page}-{line.pre_rev}-{line.post_rev}" for line in lines.values)
    keys = pa.array(unique_keys(ids, met), pa.string())
    mistaken = pc.utf8_trim_whitespace(pa.array([line.pre_text for line in lines.values], pa.string()))
    correct = pc.utf8_trim_whitespace(pa.array([line.post_text for line in lines.values], pa.string()))
    no_typo = pa.array([_is_no_typo(line.diffs) for line in lines.values], pa.bool_())
    reasons = pc.case_when(
        pc.make_struct(blank(mistaken), blank(correct), pc.equal(mistaken, correct), no_typo),
        "empty pre_text",
        "empty post_text",
        "pre_text and post_text are the same",
        f'its differences are marked as "{NO_TYPO}"',
    )
    batch = pa.RecordBatch.from_arrays([mistaken, correct, keys], [*COLUMNS, KEY])
    rejected = []
    for index in pc.indices_nonzero(pc.is_valid(reasons)).to_pylist():
        place = f"{ARCHIVE}/{member} line {lines.numbers[index]}"
        raw = "\t".join(batch.column(name)[index].as_py() for name in COLUMNS)
        rejected.append(RejectedRow(place, reasons[index].as_py(), raw))
    return Rows(batch.filter(pc.is_null(reasons)), (*lines.rejected, *rejected))


def _is_no_typo(diffs: msgspec.Raw) -> bool:
    """True where all differences are marked as no typos."""
    if NO_TYPO.encode() not in bytes(diffs):
        return False
    try:
        differences = msgspec.json.decode(diffs, type=list[Difference])
    except msgspec.ValidationError:  # of another form: says nothing of the kind
        return False
    return all(difference.category == NO_TYPO for difference in differences)


CORPUS = Corpus(
    name="jwtd",
    title="JWTD: Japanese Wikipedia Typo Dataset 2.0",
    homepage="https://nlp.ist.i.kyoto-u.ac.jp/?%E6%97%A5%E6%9C%AC%E8%AA%9EWikipedia%E5%85%A5%E5%8A%9B%E8%AA%A4%E3%82%8A"
    "%E3%83%87%E3%83%BC%E3%82%BF%E3%82%BB%E3%83%83%E3%83%88",
    license=CC_BY_SA_3,
    attribution="Yu Tanaka, Yugo Murawaki, Daisuke Kawahara and Sadao Kurohashi (Kyoto University); the authors of Wikipedia",
    citation="""@inproceedings{tanaka-etal-2020-building,
  title = {Building a {J}apanese Typo Dataset from {W}ikipedia's Revision History},
  author = {Tanaka, Yu and Murawaki, Yugo and Kawahara, Daisuke and Kurohashi, Sadao},
  booktitle = {Proceedings of the 58th Annual Meeting of the Association for Computational Linguistics: Student Research
               Workshop},
  year = {2020},
  pages = {230--236},
  url = {https://aclanthology.org/2020.acl-srw.31/}
}""",
    files=(
        RemoteFile(
            ARCHIVE,
            f"https://nlp.ist.i.kyoto-u.ac.jp/nl-resource/JWTD/{ARCHIVE}",
            manual_download="the site hands it out through a page that counts downloads; save it with a web browser",
        ),
    ),
    tasks=(
        Task(
            "typo-correction",
            (Template("correction", CORRECT_TYPO, "{mistaken}", "{correct}"),),
            difference=(
                CountDifference("a file without a published checksum, which may have been replaced", -20_000, 20_000),
            ),
        ),
    ),
    columns={"mistaken": "ja mistaken", "correct": "ja correct"},
    read=read,
    split=whole,
    limitations=(
        "Taken from edits of Wikipedia by rules: some correct no mistake, and some leave one. All members are used, the "
        "evaluation data test and gold among them: do not evaluate a model that was trained on it with JWTD, or with "
        "AJIMEE-Bench, which is made from test. Members may share sentences."
    ),
)
