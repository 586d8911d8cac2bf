"""What stands before the first line of a text: headings, numbers, dedications, casts, tables of contents.

The notation marks headings since 2010 (https://www.aozora.gr.jp/annotation/heading.html); older files only indent
them, and many texts begin with what is no heading and no text either. So lines are also told by their form.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from builders.formats.aozora.marks import plain

_DIGITS = "0-9０-９一二三四五六七八九十百〇廿卅壱壹弐参ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩⅪⅫⅰⅱⅲⅳⅴⅵⅶⅷⅸⅹIVXＩＶＸ①-⑳"
_LETTERS = "A-ZＡ-Ｚａ-ｚ甲乙丙丁戊イロハニホヘトいろはにほへと上中下前後序"
_UNIT = (
    "章|節|回|話|場|幕|景|篇|編|部|巻|卷|信|夜|齣|段|囘|項|席|則|号|號|首|輯|集|年|月|日|曲|図|圖|歌|講|課|条|條|簡|報|稿|期|義|種|戦|便|週|例|葉|帖|冊|封|談|伝|問"
    "|の巻|の部|幕目|段目|番目|日目|人目|つ目"
)
# Possessive (`*+`) and atomic (`(?>`): a line of digits can be cut into numbers in many ways, and one is enough.
_NUMBER = (
    rf"(?>(?:第|その|其の?|之|巻の?|卷の?|ノ)?[{_DIGITS}]+(?:[の・ノ之－-][{_DIGITS}]+)*(?:{_UNIT})*"
    rf"|[{_LETTERS}](?:篇|編|巻|卷|の巻|の部|段|章)?)"
)
_OPEN, _CLOSE = r"[（(〔【「『《≪＜<\[［〈]?", r"[）)〕】」』》≫＞>\]］〉]?"
BARE_NUMBER = re.compile(rf"{_OPEN}\s*{_NUMBER}(?:[\s・、]*{_NUMBER})*+\s*{_CLOSE}[．。、.:：]?")
"""A line that is a number and nothing else: 一, （二）, 第三章, その四, 第一幕　第一場."""
NUMBERED = re.compile(rf"{_OPEN}{_NUMBER}{_CLOSE}[\s．、.:：・―─－—-]+[^。！？」]{{1,30}}")
"""A number and a short title: 一　朝, 第二章　再会."""
RUN_IN_NUMBER = re.compile(
    rf"^(?:第[{_DIGITS}]+(?:{_UNIT})\s+|[（(〔\[][{_DIGITS}]+[）)〕\]][\s．、.]*|[{_DIGITS}]+(?:[\s．.]+|、(?![{_DIGITS}])))(?=\S)"
)
"""A number before the first sentence, on its line; 「二、三日」 is none."""
_WORDS = (
    "序|序文|自序|小序|原序|序詞|序詩|序歌|序曲|序章|序説|序論|序言|序幕|序の幕|序に代[へえ]て|序にか[へえ]て"
    "|はしがき|はし書|端書き?|端がき|まえがき|まへがき|前書き?|前がき|前置き?|前説|まえおき|まへおき|前口上|前記"
    "|緒言|緒論|緒|凡例|例言|はじめに|初めに|始めに|はじめ|プロローグ|プロロオグ|プロログ|エピグラフ|口上|発端|發端"
    "|起|承|転|結|本文|題言|題辞|題詞|献辞|獻辭|巻頭言?|解題|解説|(?:作者|著者|訳者)の(?:言葉|ことば)|訳者序|小引|引"
    "|イントロダクション|シノプシス|梗概|あらすじ|あら筋|概説|総説|總説|総論|總論|本論|結論|[上中下前後本續続正]+[篇編巻卷之の段]*"
    "|メモ|ノート|ノオト|断片|斷片|書簡|手紙|春|夏|秋|冬|新年|[『「][^『』「」]+[』」](?:の?(?:序|緒言|序文|跋))"
)
HEADING_WORD = re.compile(rf"{_OPEN}(?:{_WORDS}){_CLOSE}")
CONTENTS = re.compile(rf"{_OPEN}.{{0,6}}(?:目次|目録|もくじ){_CLOSE}|内容(?:[（(].*)?")
CAST = re.compile(
    rf"{_OPEN}(?:(?:.{{0,8}}の|本篇|主なる|主要|おもな)?(?:登場|出場|出演|主な|主要)?(?:する)?(?:人物|人名)|[登出]場者|役割?|役名|配役|人々?|ひと|ヒト|時|とき|所|処|處|場所|ところ|時代|場面|舞台|舞臺|季節)"
    rf"{_CLOSE}(?:[（(].*)?"
)
CAST_LINE = re.compile(r"(?:人|(?:登場|出場)?人物|登場者|配役|役名)[\s：:―─…]+[^。]+")
"""The label of a cast with its first person on the same line."""
STAGE = re.compile(
    r"(?:時|とき|トキ|所|処|處|場所|ところ|トコロ|場|時代|季節|舞台|舞臺|場面|人|(?:登場|出場)?人物|配役|装置"
    r"|第[一二三四五六七八九十]+[幕場])[\s：:―─…]+.+|(?:時|処|處|所|場所|人物)、[^。]+"
)
DATE = re.compile(
    rf"[（(〔]?(?:(?:明治|大正|昭和|平成|慶[応應]|元治|文久|万延|安政|嘉永|西暦|同)?[{_DIGITS}元]+年|[{_DIGITS}]+月[{_DIGITS}]+日)[^。]{{0,20}}"
)
ASIDE = re.compile(r"[―─—－-]+[^。「」]+[―─—－-]+")
"""A subtitle between dashes."""
EDITORIAL = re.compile(r"〔[^〔〕]{1,40}〕")
"""A note of the book's editor, such as 〔冒頭原稿数枚なし〕."""
IN_BRACKETS = re.compile(r"[（(][^（）()]{1,40}[）)]")
SALUTATION = re.compile(
    r"(?:拝啓|拜啓|拝復|拜復|謹啓|前略|復啓|啓上|一筆啓上)[。、]?|.{1,12}(?:様|さま|君|さん|殿|兄|先生|足下)"
)
"""What a letter begins with."""
DEDICATION = re.compile(
    r".{1,40}(?:に|へ)(?:捧ぐ|捧げる|捧げ[るむ]?|献[ずぐ]|献じる|獻ず|贈る|[与與]ふ|与える|呈す|寄す|寄せる|ささぐ|さゝぐ)[。．]?"
    r"|[^\s　]{1,12}(?:に|へ)"
)
SENTENCE = re.compile(r"[。！？!?…、，」』]")
JAPANESE = re.compile(r"[\u3041-\u30ff\u3400-\u9fff]")
DEEP = re.compile(r"［＃(?:天から)?(?:[２-９2-9]|[１1][０-９0-9])字下げ］|\u3000\u3000")
SHORT, LONG, LONGEST = 20, 40, 120
"""Characters: a heading has no more than the first, a paragraph at least the second; a line with more than the third is
none of what is told by its form here."""


@dataclass(frozen=True)
class Line:
    """One line of a body.

    Args:
        raw: as it stands.
        marked: True where a note says that it is a heading, a caption or a signature.
        heading: what a note says to be a heading at the beginning of this line of text.
    """

    raw: str
    marked: bool = False
    heading: str = ""

    @cached_property
    def text(self) -> str:
        """The line as it is read, without such a heading."""
        return plain(self.raw).removeprefix(self.heading).strip()

    @property
    def has_text(self) -> bool:
        """True where something is to be read, not only ornament."""
        return any(map(str.isalnum, self.text))

    @property
    def is_sentence(self) -> bool:
        """True where it ends a sentence or holds speech."""
        return "。" in self.text or "」" in self.text


def first_of_text(lines: Sequence[Line], header: Sequence[str]) -> int:
    """Number of the first line that is text.

    Args:
        lines: of the body.
        header: lines of the work's header, without marks; the body may repeat them.

    Returns:
        A number of a line; the number of lines where there is no text. Where all lines have the form of headings, as in
        some poems, only what surely is none of the text is passed over.
    """
    repeated = frozenset(map(squeezed, header))
    for by_form in (True, False):
        number = _after_headings(lines, repeated, by_form)
        if number < len(lines):
            return number
    return len(lines)


def squeezed(text: str) -> str:
    """Text without white space, and without ornament before it."""
    return "".join(text.split()).lstrip("●○◎■□◆◇▲△▼▽★☆＊*・※◯")


def _after_headings(lines: Sequence[Line], repeated: frozenset[str], by_form: bool) -> int:
    number = 0
    while number < len(lines):
        line = lines[number]
        text = squeezed(line.text)
        if not line.has_text or line.marked or text in repeated or (by_form and _is_summary(line.text)):
            number += 1
        elif len(line.text) > LONGEST:
            return number
        elif BARE_NUMBER.fullmatch(line.text):
            number += 1
        elif CONTENTS.fullmatch(text) or CAST.fullmatch(text) or (by_form and CAST_LINE.fullmatch(line.text)):
            number = _after_list(lines, number + 1)
        elif by_form and (HEADING_WORD.fullmatch(text) or _has_form_of_heading(lines, number)):
            number += 1
        else:
            return number
    return number


def _after_list(lines: Sequence[Line], number: int) -> int:
    """Number of the first line behind a list: one that is a sentence or a heading, or the first of a new page."""
    while number < len(lines):
        line = lines[number]
        if line.is_sentence or (line.marked and line.has_text) or line.raw.startswith("［＃改"):
            break
        number += 1
    return number


def _is_summary(text: str) -> bool:
    """Whether a line lists contents with strokes between them."""
    return "。" not in text and text.count("／") >= 2


def _has_form_of_heading(lines: Sequence[Line], number: int) -> bool:
    line = lines[number]
    text = line.text
    following = next((lines[after] for after in range(number + 1, len(lines)) if lines[after].has_text), None)
    if NUMBERED.fullmatch(text) and ("、" not in text or DEEP.match(line.raw) or _is_prose(following)):
        return True
    if any(form.fullmatch(text) for form in (STAGE, DATE, ASIDE, EDITORIAL)) or not JAPANESE.search(text):
        return True
    alone = number + 1 == len(lines) or not lines[number + 1].text
    if DEDICATION.fullmatch(text) or IN_BRACKETS.fullmatch(text):
        return alone
    if SALUTATION.fullmatch(text):
        return False
    return len(text) <= SHORT and not SENTENCE.search(text) and _stands_out(line, alone, following)


def _stands_out(line: Line, alone: bool, following: Line | None) -> bool:
    """Whether a short line without a sentence's marks is set apart from what follows it."""
    if following is None:
        return False
    if following.marked or (len(following.text) <= LONGEST and BARE_NUMBER.fullmatch(following.text)):
        return True
    if alone and DEEP.match(line.raw) and not DEEP.match(following.raw):
        return True
    return _is_prose(following) and (
        alone
        or DEEP.match(line.raw) is not None
        or not line.raw.startswith("\u3000")
        and following.raw[0] in "\u3000「"
    )


def _is_prose(line: Line | None) -> bool:
    return line is not None and ("。" in line.text or len(line.text) >= LONG)
