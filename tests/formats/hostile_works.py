"""Hostile works of Aozora Bunko, each of them long: python -m tests.formats.hostile_works"""

from __future__ import annotations

from collections.abc import Iterator

from builders.formats import aozora
from tests.support.hostile import Case, run

UNITS = (
    "［＃", "］", "※", "※［＃", "※［＃「", "※［＃U+", "※［＃1-1-", "※［＃小書き平仮名", "［＃「", "「", "」", "「」", "［＃「「」", "［＃「見出し］", "［＃「」は同行見出し］",
    "見出し］", "［＃同行見出し］", "［＃同行見出し］一", "［＃同行見出し終わり］", "［＃ここから地付き］", "［＃ここで地付き終わり］", "［＃見出し］\n", "［＃改ページ］\n", "［※",
    "《", "》", "《a", "｜", "〔", "〕", "〔a'", "a'", "qu'", "／＼", "／″＼", "あ／＼", "海／″", "一", "第一", "第一　", "（一）", "（一", "一、", "一．", "一　", "1 ", "1の", "I. ",
    "上", "上下", "・", "…", "-", "―", "―一", "　", "\n", "　\n", "。\n", "。", "*\n", "一　朝\n", "朝\n", "朝\n\n", "目次\n", "人物\n", "時　一\n", "（朝）\n", "友に捧ぐ\n", "-----\n", "-----",
    "【記号について】\n", "【", "底本", "著作権は", "著作権者", "クリエイティブ", "クリエイティブ　", "creative ", "creative", "CC",
)  # fmt: skip
"""Repeated, as the body of a work, as its first line, and as its colophon."""
ENDS = ("", "］」〕》")
HEADER_UNITS = (
    " ",
    "a ",
    "海 ",
    "海 a",
    "著 ",
    "訳注",
    "…",
    "年",
    "、",
    "・",
    "第一",
    "一",
    "―",
    "『",
    "』",
    "（",
    "に",
    "ァ・",
    "の",
)
"""Repeated behind a letter in a line of a work's header."""


def cases() -> Iterator[Case]:
    """Yields what is done with works."""
    for unit in UNITS:
        for end in ENDS[: 1 if "\n" in unit else None]:
            # many short lines are much work in Python, and less text tells as much
            part = 4 if "\n" in unit else 2

            def text(size: int, unit: str = unit, end: str = end, part: int = part) -> str:
                return unit * (size // part // len(unit)) + end

            yield f"body {unit!r}...{end!r}", lambda size, text=text: read(f"題\n著者\n\n海\n{text(size)}\n底本：本\n")
            yield f"start {unit!r}...{end!r}", lambda size, text=text: read(f"題\n著者\n\n{text(size)}\n底本：本\n")
            yield f"colophon {unit!r}...{end!r}", lambda size, text=text: read(f"題\n著者\n\n海\n底本：{text(size)}")
    for unit in HEADER_UNITS:

        def line(size: int, unit: str = unit) -> str:
            return "海" + unit * (size // 2 // len(unit)) + "（"

        yield f"header {unit!r}...", lambda size, line=line: read_header(line(size))


def read(work: str) -> None:
    """Reads all of a work."""
    try:
        parts = aozora.split_work(work)
    except aozora.UnusableWork:
        return
    aozora.opening(parts.body, parts.header, 10**9)


def read_header(line: str) -> None:
    """Reads a line as the only one behind the title, and as one of several."""
    aozora.author_of_short_header(("題", line))
    aozora.parse_header(("題", line, "著者"))


if __name__ == "__main__":
    run(cases())
