"""Templates that carry text in a running sentence, and the text they give; all others have none.

The names are those of ja.wikipedia.org (https://ja.wikipedia.org/wiki/Category:テンプレート) with their redirects, in
small letters, a blank for every `_`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator

from builders.formats.wikitext.calendar import after_date, date_of, era_year
from builders.formats.wikitext.countries import COUNTRIES
from builders.formats.wikitext.languages import NAMES, SHORT_NAMES


class Arguments(dict[str, str]):
    """Arguments of a template by name, the unnamed ones by number from `"1"`; one that is not there is "".

    `"0"` is the value of a parser function, which stands behind its colon.

    Args:
        title: of the page the template stands on.
    """

    def __init__(self, title: str = ""):
        super().__init__()
        self.title = title

    def __missing__(self, name: str) -> str:
        return ""


_PREFIX = re.compile(r"(?:template|テンプレート) ?: ?", re.IGNORECASE)
_DOUBTED_STRETCH = re.compile(r".+範囲[2-9]?")

LONGEST_REMEMBERED = 100
"""Characters of a name that is looked up once for all pages; a longer one is damage, and might be a whole page."""

Give = Callable[[Arguments], str]
"""What a template says, from its arguments."""


def text_of(name: str) -> Give | None:
    """What gives the text of a template, by its name as it is written; None for one that has no text.

    The value of a parser function (`formatnum:`, `lc:`) stands behind its colon.
    """
    return _remembered(name) if len(name) <= LONGEST_REMEMBERED else _text_of(name)


def _text_of(name: str) -> Give | None:
    name = _PREFIX.sub("", " ".join(name.replace("_", " ").split()), count=1)
    function, colon, value = name.partition(":")
    if colon:
        give = _FUNCTIONS.get(function.lower())
        return give and (lambda arguments: give(_with_value(arguments, value)))
    if name in COUNTRIES:
        return _constant(COUNTRIES[name])
    key = name.lower()
    if key in _WORDS:
        return _WORDS[key]
    if key.startswith("lang-"):
        return _language(key.removeprefix("lang-"))
    if key.startswith("ipa-"):
        return _pronunciation
    if key.startswith("ipac-"):
        return _sounds
    if _DOUBTED_STRETCH.fullmatch(key):  # a doubt about a stretch of text, which is the first argument
        return _first
    return _first if key in NAMES else None


_remembered = functools.lru_cache(4096)(_text_of)


def _with_value(arguments: Arguments, value: str) -> Arguments:
    # behind the name's colon, templates that have given their text already: `{{formatnum:{{...}}}}`
    arguments["0"] = (value + arguments["0"]).strip()
    return arguments


def _unnamed(a: Arguments) -> Iterator[str]:
    return (value for name, value in a.items() if name.isdecimal() and name != "0")


def _first(a: Arguments) -> str:
    return a["1"]


def _second(a: Arguments) -> str:
    return a["2"]


def _quotation(a: Arguments) -> str:
    """A quotation in a sentence, in quotation marks."""
    text = a["1"]
    return text if not text or text[0] in "「『“" else f"「{text}」"


def _second_or_first(a: Arguments) -> str:
    return a["2"] or a["1"]


def _last(a: Arguments) -> str:
    return list(_unnamed(a))[-1] if a["1"] else ""


def _paragraph(a: Arguments) -> str:
    """A quotation set apart: as a paragraph of its own."""
    text = a["1"] or a["text"] or a["quote"]
    return f"\n\n{text}\n\n" if text else ""


def _language(code: str) -> Give:
    """`{{lang-en|word}}` says the language and the word."""
    short = code.endswith("-short")
    code = code.removesuffix("-short")
    full_name = NAMES.get(code, "")
    name = SHORT_NAMES.get(code, full_name) if short else full_name

    def give(a: Arguments) -> str:
        return f"{name}: {a['1']}" if name and a["1"] else a["1"]

    return give


def _pronunciation(a: Arguments) -> str:
    sounds = a["1"]
    return f"[{sounds}]" if sounds and sounds[0] not in "[/" else sounds


def _sounds(a: Arguments) -> str:
    """Sounds one by one, and words that say what they are: `{{IPAc-en|lang|s|iː}}`."""
    sounds = "".join(
        sound for sound in _unnamed(a) if sound not in ("lang", "pron", "local", "audio", "also", "us", "uk")
    )
    return f"/{sounds}/" if sounds else ""


def _reading(a: Arguments) -> str:
    """Word, reading, and what else stands in the brackets behind a word."""
    inside = "、".join(part for part in (a["2"], a["3"]) if part)
    return f"{a['1']}（{inside}）" if inside else a["1"]


def _foreign_article(a: Arguments) -> str:
    """A link to an article of another language's Wikipedia."""
    return a["label"] or a["1"] or a["2"]


def _foreign_link(a: Arguments) -> str:
    """As `_foreign_article`, the language first: `{{interlang|en|Title|label}}`."""
    return a["3"] or a["2"]


def _fraction(a: Arguments) -> str:
    if a["3"]:
        return f"{a['1']}と{a['2']}/{a['3']}"
    return f"{a['1']}/{a['2']}" if a["2"] else f"1/{a['1']}" if a["1"] else ""


def _power_of_ten(a: Arguments) -> str:
    return f"×10<sup>{a['1']}</sup>" if a["1"] else ""


def _value(a: Arguments) -> str:
    """A measured value: `{{val|299792458|0.5|u=m/s}}`, with its error."""
    number = _grouped(a["1"]) + (f"±{a['2']}" if a["2"] else "")
    exponent = f"×10<sup>{a['e']}</sup>" if a["e"] else ""
    unit = a["u"] or a["ul"]
    return f"{number}{exponent} {unit}".strip()


_UNITS = {"km2": "km²", "m2": "m²", "cm2": "cm²", "m3": "m³", "km3": "km³", "C": "°C", "F": "°F", "kph": "km/h"}
_BETWEEN = {"to": "–", "-": "–", "–": "–", "and": "–", "x": "×", "by": "×"}


def _converted(a: Arguments) -> str:
    """A length or weight, or two, in the unit it was measured in."""
    number, unit = _grouped(a["1"]), a["2"]
    if unit in _BETWEEN:
        number, unit = f"{number}{_BETWEEN[unit]}{_grouped(a['3'])}", a["4"]
    return f"{number} {_UNITS.get(unit, unit)}".strip()


def _chemical(a: Arguments) -> str:
    """A formula in pieces: `{{chem|SO|4|2-}}`."""
    return "".join(
        f"<sub>{piece}</sub>" if piece.isdecimal() else f"<sup>{piece}</sup>" if _CHARGE.fullmatch(piece) else piece
        for piece in _unnamed(a)
    )


def _chemical_in_one(a: Arguments) -> str:
    """A formula in one piece: `{{chem2|SO4(2-)}}`."""
    charge = _CHARGE_AT_END.search(a["1"])
    formula = a["1"][: charge.start()] if charge else a["1"]
    counted = re.sub(r"(?<=[A-Za-z)\]])[0-9]+", r"<sub>\g<0></sub>", formula)
    return f"{counted}<sup>{charge[0].strip('()')}</sup>" if charge else counted


_CHARGE = re.compile(r"[0-9]*[-+−]")
_CHARGE_AT_END = re.compile(r"(?:\([0-9]*[-+−]\)|[-+−])$")


def _minor_planet(a: Arguments) -> str:
    """`{{mp|1998 KY|26}}`: a designation with its number."""
    return f"{a['1']}<sub>{a['2']}</sub>" if a["2"] else a["1"]


def _root(a: Arguments) -> str:
    return f"√{a['1']}" if a["1"] else ""


def _country(a: Arguments) -> str:
    """A country by its name or code."""
    return COUNTRIES.get(a["1"], a["1"])


def _old_characters(a: Arguments) -> str:
    return f"旧字体: {a['1']}" if a["1"] else ""


def _romanized(a: Arguments) -> str:
    return f"ラテン文字転写: {_last(a)}" if a["1"] else ""


def _grouped(number: str) -> str:
    """`1234567` as `1,234,567`; anything else as it is."""
    match = re.fullmatch(r"([-+−]?)([0-9]+)((?:\.[0-9]+)?)", number.strip())
    return f"{match[1]}{int(match[2]):,}{match[3]}" if match and len(match[2]) < 40 else number


def _format_number(a: Arguments) -> str:
    return a["0"].replace(",", "") if a["1"] == "R" else _grouped(a["0"])


def _listed(a: Arguments) -> str:
    """The items of a list in a row: arguments, or lines that begin with a mark."""
    items = (line.lstrip("*# \t") for value in _unnamed(a) for line in value.split("\n"))
    return "、".join(filter(None, items))


def _block(a: Arguments) -> str:
    """A list of wikitext, which begins on a line of its own wherever its template stands."""
    return f"\n{_last(a)}\n"


def _bulleted(a: Arguments) -> str:
    """The items of a list, an argument each."""
    return "".join(f"\n* {value}" for value in _unnamed(a) if value) + "\n"


def _chinese(a: Arguments) -> str:
    """`{{zh|text}}`, or by script: `{{zh|t=...|s=...}}`."""
    return a["1"] or "、".join(dict.fromkeys(a[name] for name in ("t", "s", "c") if a[name]))


def _title(a: Arguments) -> str:
    return a.title


def _constant(text: str) -> Give:
    return lambda _: text


def _doubted(a: Arguments) -> str:
    """A stretch of text that somebody doubts, where the template names it: `{{要出典|範囲=...}}`."""
    return a["範囲"]


def _named(give: Give, names: str) -> dict[str, Give]:
    return {name.strip(): give for name in names.split("|")}


_WORDS: dict[str, Give] = {
    # the text in another font, size or place
    **_named(
        _first,
        """
            nowrap|nobr|small|smaller|big|bigger|larger|large|center|unicode|jis2004フォント|jis90フォント|cp932フォント
            |補助漢字フォント|拡張漢字|mjフォント|nastaliq|script/hebrew|script/arabic|bf|strong|u|underline|mono|kbd|samp
            |code|tt|codett|var|math|mvar|key|key press|inline-block|no col break|visible anchor|vanchor|高線|下げ核
            |ピン音|拼音|iast|縦書き|圏点|傍点|linktext|繁体字|簡体字|sic|lower|upper|nobold|bold|太字|italic|斜体|by
            |overline
            """,
    ),
    **_named(_second, "lang|llang|rtl-lang|color|fontcolor|font color|fontsize|font-size|resize"),
    **_named(_last, "transl|翻字|langwithname|rtl-langwithname"),
    **_named(_romanized, "ラテン翻字"),
    "旧字体": _old_characters,
    "sup": lambda a: f"<sup>{a['1']}</sup>",
    "sub": lambda a: f"<sub>{a['1']}</sub>",
    "chem": _chemical,
    "chem2": _chemical_in_one,
    "mp": _minor_planet,
    **_named(_root, "sqrt|radic"),
    "zh": _chinese,
    # how a word is read
    **_named(
        _reading,
        "読み仮名|読み仮名 ruby不使用|読み|よみ|よみがな|yomigana|ruby|ルビ|ふりがな|振り仮名|振仮名|ruby-ja|nihongo",
    ),
    **_named(_pronunciation, "ipa|ipa2|ipa3|ipac|発音"),
    **_named(_second, "audio|audio-ipa"),
    "lang-zh": _chinese,
    **_named(_doubted, "要出典|要検証|独自研究|いつ|誰|誰2|疑問点|要説明|信頼性要検証"),
    # links to other wikis
    **_named(_foreign_article, "仮リンク|ill|ill2|日本語版にない記事リンク|illm"),
    **_named(_foreign_link, "interlang"),
    **_named(_second_or_first, "w|wikt|snamei|sname"),
    **_named(_first, "enlink|ws|pdflink|abbr|略語|tooltip"),
    **_named(_country, "flag|flagcountry|flagu"),
    # numbers and dates
    **_named(lambda a: _grouped(a["1"]), "num|nts|数値"),
    **_named(_fraction, "frac|分数|sfrac"),
    **_named(_power_of_ten, "e|10^"),
    **_named(_value, "val"),
    **_named(_converted, "convert|cvt"),
    **_named(
        date_of,
        """
            生年月日と年齢|生年月日|birth date and age|birth date|bda|start date|start date and age|end date
            |film date|dts|開始日|release date
            """,
    ),
    **_named(after_date, "死亡年月日と没年齢|death date and age|没年月日と没年齢|dda"),
    "没年齢": lambda a: after_date(a, age_only=True),
    "和暦": era_year,
    **_named(lambda a: f"{a['1']}頃" if a["1"] else "", "circa|c."),
    # quotations and lists
    "ilq": _quotation,
    **_named(_paragraph, "quotation|quote|cquote|squote|blockquote|indent|引用|引用文"),
    **_named(_listed, "hlist|hlist-comma|hlist-slash|flatlist|cslist"),
    **_named(_block, "columns-list|plainlist"),
    **_named(_bulleted, "unbulleted list|ubl|bulleted list"),
    # single characters
    "!": _constant("&#124;"),
    "=": _constant("&#61;"),  # what it stands in is not split there
    "'": _constant("'"),
    **_named(_constant(" "), "nbsp|space|spaces|sp|スペース|全角|thinsp"),
    **_named(_constant(" – "), "spaced ndash|snd|spnd|ndash|–"),
    **_named(_constant("――"), "—|―|――|ダッシュ|mdash|dash|倍角ダッシュ"),
    "~": _constant("〜"),
    **_named(_constant("・"), "・|中黒|dot|bull|bullet|·|*|•|middot"),
    **_named(_constant("\n\n"), "br|break|改行"),
    # the page itself
    **_named(_title, "pagename|fullpagename|subjectpagename|articlepagename|basepagename"),
}  # fmt: skip

_FUNCTIONS: dict[str, Give] = {
    "formatnum": _format_number,
    "lc": lambda a: a["0"].lower(),
    "uc": lambda a: a["0"].upper(),
    "lcfirst": lambda a: a["0"][:1].lower() + a["0"][1:],
    "ucfirst": lambda a: a["0"][:1].upper() + a["0"][1:],
}
