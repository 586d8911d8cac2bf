"""Title and author from the lines of a header, whose order is known and whose meaning is not marked.

Line 1 is the title. Among the others are parts (第一巻, 夕顔), the original title, subtitles between dashes, authors,
and people with another role, which their line ends with (上田敏訳), dedications and mottoes (友に捧ぐ, 春は遠い。).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from builders.formats.aozora.work import UnusableWork

TITLE_IN_BRACKETS = re.compile(r"『([^『』]*)』")
_OTHER = (
    "現代語訳|現代語譯|口語訳|翻訳|飜訳|翻譯|共訳|共譯|抄訳|抄譯|全訳|編訳|編譯|監訳|意訳|重訳|補訳|改訳|和訳|訳詩集|訳詩|訳述|訳編"
    "|訳注|訳註|譯註|校訂|校閲|校注|校註|校正|校合|校|注釈|注解|註釈|註解|解説|解題|監修|編纂|編輯|編集|編注|編|増補|補訂|補註|補注|補"
    "|刪定|改訂|改編|翻案|脚色|潤色|筆録|筆記|速記|採録|採集|採譜|聞書|聞き書き|挿絵|挿画|装幀|装画|画|絵|作曲|編曲|閲|選|抄|訳|譯|註|注"
)
_OTHER_APART = "やく|え|へん|ほんやく|構成|構想|文責|記"
_AUTHOR = "編著|編撰|撰述|口述|口演|講演|講述|原作|原著|共著|著作|著述|著|撰|述"
_AUTHOR_APART = "作|さく|文|ぶん|詩|談|話|演|脚本|作詞|ちょ"
# Patterns meet lines of any length: no character can be taken by two repetitions that follow each other, so that the
# time grows as the line does.
_SCRIPT = r"\u3041-\u30ff\u3400-\u9fff"
_FOREIGN = rf"(?:\s[^{_SCRIPT}]*+)?"
# A line that names somebody else than the author; a foreign spelling of the name may follow.
OTHER_ROLE = re.compile(
    rf".*?[^\s・、／　]\s*(?:(?:{_OTHER})|\s(?:{_OTHER_APART}))(?:[・、／\s]*(?:{_OTHER})){{0,4}}{_FOREIGN}"
    r"|(?:translated|edited|illustrated) by .+",
    re.IGNORECASE,
)
AUTHOR_ROLE = re.compile(
    rf"(?P<name>.*?[^\s・、／　])\s*(?:(?:{_AUTHOR})|\s(?:{_AUTHOR_APART}))(?P<foreign>{_FOREIGN})"
)
# Behind the first blank: letters, and nothing Japanese.
ORIGINAL_SPELLING = re.compile(rf"(?P<name>.*[{_SCRIPT}][^\s{_SCRIPT}]*)\s(?=[^{_SCRIPT}]*[^\W\d_])[^{_SCRIPT}]*+")
PUBLISHER = re.compile(r".+(?:新聞社|出版社|出版部|書房|書店|書院|書肆|放送局)")
JAPANESE = re.compile(r"[\u3041-\u309f\u30a1-\u30fa\u3400-\u9fff々〓]")
DASHED = re.compile(r"\s*[―─—－‐–-]+\s*\S.*|\s*(?:…|‥|・・・).*(?:…|‥|・・・)\s*")
SET_APART = re.compile(rf"{DASHED.pattern}|[（(〔].*[）)〕]")
# What stands between title and author and is part of neither: for whom it was written, a motto, a list of its contents.
DEDICATION = re.compile(
    r".*に(?:献|獻|捧|贈|呈)(?:ず|ぐ|げる|る|す|じる)?[)）〕]?|.*[。][)）〕]?|(?:[^―─－—]+[―─－—]){3}.+"
)
PSEUDONYM = re.compile(r"(?:無署名|署名なし|匿名)[（(](.+)[）)]")
KATAKANA_NAME = re.compile(r"[ァ-ヴー]+(?:[・＝=･　][ァ-ヴー]+)+")
_NUMBER = r"[0-9０-９一二三四五六七八九十百〇廿壱弐参ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩIVX]+"
# What is no name: a volume, a part, a preface, a sentence.
PART = re.compile(
    rf"(?:第|その){_NUMBER}.*|{_NUMBER}(?:[巻卷編篇章部回話輯集冊日月年号]|$|\s).*|[上中下前後正続續本別内外初]+[巻卷編篇集の]?|.*の[巻卷]|.*[巻卷篇編章輯]|.*[上中下]|.*第{_NUMBER}\S?"
    r"|(?:[再三四新自原]版?の?)?(?:序|序文|序詞|序章|跋|跋文|後記|目次|凡例|例言|緒言|解説|解題|附録|付録)(?:[／/・　\s].*)?"
    r"|(?:はしがき|まえがき|まへがき|あとがき|後書き?|前書き?)|(?:訳者|著者|編者|作者)の.*|.*(?:社版|全集|選集|詩集|歌集|句集|叢書).*"
    r"|.*(?:に就[いて]て?|について|に寄せて|に代[へえ]て|にかえて|に際して|より|宛|あて|抄|のこと|物語|物語り|小説|戯曲|喜劇|悲劇|[幕場])"
    r"|.*[。！？!?「」『』〔〕：:【】《》].*|[（(〔].*[）)〕]|.*[0-9０-９].*|[^年月日]*[年月日].*[0-9０-９一二三四五六七八九十].*"
)


@dataclass(frozen=True)
class Header:
    """What a header says.

    Args:
        title: line 1 and the part, without brackets around the whole of it.
        author: who wrote it; several are joined by 「、」.
        asides: subtitles between dashes, dedications, mottoes and original titles, for a title that has to be told from
            another.
    """

    title: str
    author: str
    asides: tuple[str, ...] = field(default=())


def parse_header(lines: Sequence[str], known: Collection[str] = ()) -> Header:
    """Reads a header.

    Args:
        lines: its lines, without marks.
        known: names of authors, as `author_of_short_header` finds them; a line that is one of them, right before the
            last author's, names an author too.

    Raises:
        UnusableWork: it names no author.
    """
    title, rest = lines[0], [line for line in lines[1:] if line and not OTHER_ROLE.fullmatch(line)]
    if len(rest) > 1:
        rest = [line for line in rest if not PUBLISHER.fullmatch(line)]
    alone = len(lines) == 2 and len(rest) == 1 and not SET_APART.fullmatch(rest[0])
    names = [place for place, line in enumerate(rest) if alone or _may_be_name(line)]
    if not names:
        names = [place for place, line in enumerate(rest) if _may_be_foreign_name(line)][-1:]
    if not names:
        raise UnusableWork("no author in the header")
    authors = _together(rest, names, known)
    others = [line for place, line in enumerate(rest) if place not in authors]
    parts = [line for line in others if _is_part(line)]
    asides = tuple(line for line in others if line not in parts)
    author = "、".join(_name(rest[place]) for place in authors)
    return Header(_with_parts(title, parts), author, asides)


def author_of_short_header(lines: Sequence[str]) -> str | None:
    """The author of a header that can hold nothing else than title and author; None for any other."""
    if len(lines) != 2 or OTHER_ROLE.fullmatch(lines[1]) or SET_APART.fullmatch(lines[1]):
        return None
    return _name(lines[1])


def _is_part(line: str) -> bool:
    """Whether a line that names nobody belongs to the title."""
    told_apart = DASHED.fullmatch(line) or DEDICATION.fullmatch(line)
    return len(line) == 1 or bool(JAPANESE.search(line) and not told_apart)


def _may_be_name(line: str) -> bool:
    if AUTHOR_ROLE.fullmatch(line) and not DASHED.fullmatch(line):
        return True
    return bool(JAPANESE.search(line)) and not DASHED.fullmatch(line) and not PART.fullmatch(_name(line))


def _may_be_foreign_name(line: str) -> bool:
    """Whether a line without Japanese may name an author; original titles are often in capitals."""
    return not JAPANESE.search(line) and not DASHED.fullmatch(line) and not line.isupper()


def _together(rest: Sequence[str], names: Sequence[int], known: Collection[str]) -> list[int]:
    """Places of the author's line and of those right before it that name authors too."""
    authors = [names[-1]]
    for place in reversed(names[:-1]):
        if place != authors[0] - 1 or not _is_author(rest[place], rest[authors[0]], known):
            break
        authors.insert(0, place)
    return authors


def _is_author(line: str, following: str, known: Collection[str]) -> bool:
    return (
        _name(line) in known
        or AUTHOR_ROLE.fullmatch(line) is not None
        or ORIGINAL_SPELLING.fullmatch(line) is not None
        or all(map(KATAKANA_NAME.fullmatch, (line, following)))
    )


def _name(line: str) -> str:
    """A name without the role behind it and without its foreign spelling; several names as they stand."""
    if "、" in line and ORIGINAL_SPELLING.fullmatch(line):
        return "、".join(_name(name.strip()) for name in line.split("、"))
    for pattern in (ORIGINAL_SPELLING, AUTHOR_ROLE, PSEUDONYM):
        if found := pattern.fullmatch(line):
            line = found[1].strip()
    return line


def _with_parts(title: str, parts: Sequence[str]) -> str:
    for part in parts:
        repeats = len(title) > 1 and (part.startswith(title) or part.endswith(f"\u3000{title}"))
        title = part if repeats or part == title else f"{title}\u3000{part}"
    return TITLE_IN_BRACKETS.sub(r"\1", title) if TITLE_IN_BRACKETS.fullmatch(title) else title
