"""Rates of what can be wrong in Aozora's rows, over an archive of real works, by rules that the reader does not share.

    python -m tests.corpora.aozora_rates AozoraTxt_UTF8.zip [--show 200] [--seed 1]

`--show` prints so many rows drawn at random, each with the header and the first lines it was made from, to be read.
"""

from __future__ import annotations

import argparse
import random
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from zipfile import ZipFile

from builders.corpora.aozora import ARCHIVE, CORPUS
from builders.corpus import Part
from builders.rows import RejectedRow

Row = Mapping[str, str]

NUMBER = re.compile(
    r"第?[0-9０-９一二三四五六七八九十]+[章節回話]?(?:[\s．.]|$)|[（(][0-9０-９一二三四五六七八九十]+[）)]"
)
HEADING = re.compile(
    r"(?:序|序文|はしがき|まえがき|目次|人物|登場人物|プロローグ)\n|[^\n。、！？「」…―]{1,12}\n[^\n「]{20,}。"
)
MARKS = ("《", "》", "｜", "［＃", "---", "底本：", "／＼", "／″＼", "※［")
LICENSED = re.compile(
    r"著作権(?:者|継承者)\S{0,20}意思により|でライセンスされています|Creative Commons CC|クリエイティブ・コモンズ"
)


def read_archive(path: Path) -> tuple[list[Row], list[RejectedRow]]:
    """All rows of an archive, and the rejected ones."""
    rows, rejected = [], []
    for step in CORPUS.read(Part("all", {ARCHIVE: path})):
        rows += step.batch.to_pylist()
        rejected += step.rejected
    return rows, rejected


def wrong(rows: Sequence[Row], texts: Mapping[str, str]) -> dict[str, list[str]]:
    """Keys of the rows that look wrong, by what looks wrong.

    Args:
        rows: of the corpus.
        texts: the whole text of each work, by key.
    """
    asked = Counter((row["author"], row["title"]) for row in rows)
    begun = Counter(row["opening"] for row in rows)
    rules = {
        "opening begins with a number": lambda row: NUMBER.match(row["opening"]),
        "opening may begin with a heading": lambda row: HEADING.match(row["opening"]),
        "opening begins with what a note calls a heading": lambda row: _is_marked(row, texts[row["key"]]),
        "marks left": lambda row: any(mark in "".join(row.values()) for mark in MARKS),
        "same question, other answer": lambda row: asked[row["author"], row["title"]] + begun[row["opening"]] > 2,
        "licensed work": lambda row: LICENSED.search(texts[row["key"]][-2_000:]),
        "title lacks the first line": lambda row: not _has_first_line(row, texts[row["key"]]),
    }
    return {name: [row["key"] for row in rows if rule(row)] for name, rule in rules.items()}


def _is_marked(row: Row, text: str) -> bool:
    first = row["opening"].partition("\n")[0]
    return (
        f"［＃「{first}」は" in text and re.search(rf"［＃「{re.escape(first)}」は[大中小]見出し］", text) is not None
    )


def _has_first_line(row: Row, text: str) -> bool:
    first = re.sub(r"《[^》]*》|[｜『』\s]", "", text.removeprefix("\ufeff").lstrip().partition("\n")[0])
    return "［" in first or "〔" in first or first in re.sub(r"[『』\s]", "", row["title"])


def texts_of(path: Path) -> dict[str, str]:
    """The whole text of each work of an archive, by key."""
    with ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.endswith(".txt")]
        return {name[:-4].split("/", 2)[2]: archive.read(name).decode(errors="replace") for name in names}


def main() -> None:
    """Prints the rates, and rows to read."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path)
    parser.add_argument("--show", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rows, rejected = read_archive(options.archive)
    texts = texts_of(options.archive)
    print(f"{len(rows) + len(rejected):,} works, {len(rows):,} rows")
    for reason, count in Counter(row.reason for row in rejected).most_common():
        print(f"{count:8,}  rejected: {reason}")
    for name, keys in wrong(rows, texts).items():
        print(f"{len(keys):8,}  {100 * len(keys) / max(len(rows), 1):6.2f} %  {name}: {', '.join(keys[:3])}")
    for row in random.Random(options.seed).sample(rows, min(options.show, len(rows))):
        raw = _without_notes(texts[row["key"]])
        print(f"\n{row['key']}\n  {row['author']}『{row['title']}』 {row['opening'][:60]!r}\n  raw: {raw}")


def _without_notes(text: str) -> str:
    """The first lines of a text, on one line, without the block of notes on the notation."""
    lines = [
        line for line in re.sub(r"-{20,}.*?-{20,}", "", text, count=1, flags=re.DOTALL).splitlines() if line.strip()
    ]
    return " | ".join(lines[:6])[:160]


if __name__ == "__main__":
    main()
