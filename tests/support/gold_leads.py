"""The gold set: pages and the text that a reader of them should get, written by hand (tests/formats/gold/README.md)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

DIRECTORY = Path(__file__).parents[1] / "formats" / "gold"
PAGE, TEXT = "%% ", "%%\n"
MARKUP = (
    *("[[", "]]", "{{", "}}", "{|", "|}", "''", "__", "<ref", "</", "<br", "<!--", "-->", "&lt;", "&nbsp;", "&#"),
    *("|", "ファイル:", "File:", "画像:", "Category:", "（）", "()", "「」", "（、", "、）", "-{", "{{{", "thumb"),
)
"""What no reader sees in a page, unless the page shows it on purpose; then it is in the gold text too."""


@dataclass(frozen=True)
class GoldLead:
    """One page.

    Args:
        group: what it is a case of; the name of its file.
        title: of the page.
        source: wikitext.
        text: what `plain_text` should make of it.
    """

    group: str
    title: str
    source: str
    text: str


@dataclass(frozen=True)
class Score:
    """How near texts come to gold, summed over pages.

    Args:
        common: characters of gold and text that are the same in the same order.
        both: characters of gold and of text together.
        left_overs: marks of markup in the texts that gold does not have.
    """

    common: int = 0
    both: int = 0
    left_overs: int = 0

    @property
    def f1(self) -> float:
        """Character F1: the harmonic mean of the shares of gold found and of text that is gold."""
        return 2 * self.common / self.both if self.both else 1.0

    def __add__(self, other: Score) -> Score:
        return Score(self.common + other.common, self.both + other.both, self.left_overs + other.left_overs)


def read_gold() -> Iterator[GoldLead]:
    """Yields the pages of all groups, in the order of the files."""
    for path in sorted(DIRECTORY.glob("*.txt")):
        for page in ("\n" + path.read_text("utf-8")).split("\n" + PAGE)[1:]:
            title, _, rest = page.partition("\n")
            source, _, text = rest.partition("\n" + TEXT)
            yield GoldLead(path.stem, title, source, text.rstrip("\n"))


def score(text: str, gold: str) -> Score:
    """Compares a text with gold; blank lines between paragraphs are no difference."""
    text = "\n".join(line for line in text.split("\n") if line.strip())
    blocks = SequenceMatcher(None, text, gold, autojunk=False).get_matching_blocks()
    left_overs = sum(max(0, text.count(mark) - gold.count(mark)) for mark in MARKUP)
    return Score(sum(block.size for block in blocks), len(text) + len(gold), left_overs)
