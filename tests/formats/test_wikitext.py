"""Wikitext to plain text: each kind of markup by itself, what real pages do with it, and any text whatsoever."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.formats.wikitext import plain_text

LEFT_OVERS = ("[[", "]]", "{{", "}}", "<ref", "'''", "（）", "()", "「」", "（、", "、）", "__TOC__", "&nbsp;")


@pytest.mark.parametrize(
    ("source", "text"),
    [
        # links
        ("[[海]]と[[日本海|海の名]]", "海と海の名"),
        ("[[海 (曖昧さ回避)|]]と[[#歴史]]", "海と歴史"),
        ("[[:en:Sea|海]]、[[:en:Sea]]、[[:Category:海]]。", "海、Sea。"),
        ("海（[[:en:Sea|英語版]]）は広い。[[en:Sea]]\n[[Category:海]]", "海は広い。"),
        ("[[wikt:海|海]]と[[w:ja:港]]", "海と港"),
        ("[[ファイル:a.jpg|thumb|[[海]]の[[File:b.png|20px]]夕日]]海。[[Image:c.jpg]]", "海。"),
        ("[https://example.org/ 案内]、[https://example.org/]、[//example.org 別]", "案内、別"),
        # templates that speak
        ("{{lang|en|sea}}、{{lang-en|sea}}、{{Lang-de-short|See}}、{{lang-xx|mar}}", "sea、英語: sea、独: See、mar"),
        ("{{en|sea}}{{en}}", "sea"),
        ("{{読み仮名|'''海'''|うみ|{{lang-en-short|sea}}}}は", "海（うみ、英: sea）は"),
        ("{{読み仮名_ruby不使用|海|うみ}}、{{ruby|海|うみ}}、{{ルビ|海|}}", "海（うみ）、海（うみ）、海"),
        ("{{nihongo|Sea|海|umi}}", "Sea（海、umi）"),
        ("{{仮リンク|潮だまり|en|Tide pool}}、{{ill2|渚|en|Shore|label=なぎさ}}", "潮だまり、なぎさ"),
        ("{{interlang|en|Tide|潮}}、{{enlink|Tide pool|en}}", "潮、Tide pool"),
        ("{{IPA|uɱi}}と{{IPA-en|siː||Sea.ogg}}", "[uɱi]と[siː]"),
        ("{{formatnum:1234567.5}}、{{Formatnum:{{nowrap|8450}}}}、{{formatnum:1,2|R}}", "1,234,567.5、8,450、12"),
        ("{{frac|3}}、{{frac|2|3}}、{{frac|1|2|3}}、{{val|1500|e=3|u=m}}", "1/3、2/3、1と2/3、1,500×10³ m"),
        ("{{生年月日と年齢|1971|04|2}}、{{死亡年月日と没年齢|1898|3|5|1962|1|20}}", "1971年4月2日、1962年1月20日（63歳没）"),
        ("{{和暦|2019}}、{{和暦|2000}}", "令和元年、平成12年"),
        ("{{要出典範囲|海は青い|date=2020年}}。{{いつ範囲|昔}}", "海は青い。昔"),
        ("{{color|red|赤}}、{{sup|2}}、{{nowrap|[[海|波]]|}}、{{nowrap|1=a=b}}", "赤、²、波、a=b"),
        ("{{ilq|海を見た}}と{{Cquote|遠い海}}終わり", "「海を見た」と\n遠い海\n終わり"),
        ("{{PAGENAME}}は{{lc:ABC}}{{!}}", "題はabc|"),
        ("{{chem|H|2|O}}、{{chem|SO|4|2-}}、{{chem2|Fe2O3}}、{{chem2|NH4+}}", "H₂O、SO₄²⁻、Fe₂O₃、NH₄⁺"),
        ("{{convert|84.2|km2|sqmi}}、{{convert|5|to|10|km}}、{{val|1.5|0.2|u=m}}", "84.2 km²、5–10 km、1.5±0.2 m"),
        ("{{JPN}}と{{flag|USA}}と{{flag|汐見}}{{jpn}}", "日本とアメリカ合衆国と汐見"),
        ("{{IPAc-en|lang|ˈ|s|iː}}、{{ラテン翻字|ru|more}}、{{mp|1998 KY|26}}", "/ˈsiː/、ラテン文字転写: more、1998 KY₂₆"),
        ("{{math|''k'' {{=}} 2}}、{{sqrt|2}}、{{Template:lang|en|sea}}、{{誰範囲2|海}}", "k = 2、√2、sea、海"),
        ("{{{名|海}}}と{{{無}}}と{{{外|{{{内|川}}}}}}と{{{{{1|}}}}}", "海とと川と"),
        ("{{要出典|範囲=海は青い|date=2020年}}。{{要出典|date=2020年}}", "海は青い。"),
        ("{{flatlist|\n* 海\n* 山\n}}と{{plainlist|\n* 甲\n}}", "海、山と\n・甲"),
        # templates that do not
        ("{{Infobox|a={{lang|en|x}}|b=[[c|d]]\n|e={{{f|}}}}}海{{Sfn|a|p=1}}は{{要出典}}広い{{DEFAULTSORT:うみ}}", "海は広い"),
        ("{{abbr|略|略語のこと}}、{{w|海|うみ}}、{{zh|t=海|s=海}}", "略、うみ、海"),
        ("海 {{efn|注}}は広い <ref name=a/>。", "海は広い。"),
        ("[{{NDLDC|1}} 書名]と[{{x}}]。{{y}}。", "書名と。"),
        ("{{#if:x|y}}{{#tag:ref|z}}海", "海"),
        # comments and tags
        ("海<!-- [[ {{ -->は\n<!-- 行 -->\n広い", "海は広い"),
        ("海<ref>a</ref>は<ref name=b />広<REF group=\"注\">c<br />{{d}}</ref>い", "海は広い"),
        ("<gallery>\nFile:a.jpg|海\n</gallery>海<references/>", "海"),
        ("<math>x^{2_{n}}</math>と<nowiki>[[a]] ''b''</nowiki>", "x^{2_{n} }と[[a]] ''b''"),
        ("<pre>a &rarr; b # c;</pre><code>'''d''' &lt;e&gt;</code>", "a → b # c;d <e>"),
        ("<nowiki># a</nowiki>\n\n<nowiki>;</nowiki>b&amp;lt;", "# a\n;b&lt;"),
        ("10<sup>-3</sup>、CO<sub>2</sub>、m<sup>th</sup>", "10⁻³、CO₂、mth"),
        ("<ruby>海<rp>（</rp><rt>うみ</rt><rp>）</rp></ruby>", "海（うみ）"),
        ("海<br />山<small>小</small><span style=\"x\">川</span> <海> a < b > c", "海\n山小川 <海> a < b > c"),
        # tables
        ("{| class=a\n|-\n| b || c\n{|\n| d\n|}\n|}\n海", "海"),
        ("<table><tr><td><table><tr><td>a</table></td></tr></table>海", "海"),
        # type, magic words, entities
        ("'''海'''と''山''と'''''川'''''と''''谷''''", "海と山と川と'谷'"),
        ("__NOTOC__海__目次強制__ a__b__", "海 a__b__"),
        ("a&nbsp;b&amp;lt;c&#x6D77;&thinsp;d&zwnj;e&unknown;", "a b&lt;c海 de&unknown;"),
        # lines
        ("海は\n広い。\n\n\nthe\nsea", "海は広い。\nthe sea"),
        ("次の通り。\n* 海\n** 川\n# 山\n*: 補い\n; 語\n: 説明\n----\n終わり", "次の通り。\n・海\n・川\n1. 山\n補い\n語\n説明\n終わり"),
        ("海\n== 見出し ==\n山", "海\n山"),
        ("手順。\n# 一\n# 二\n#: 補い\n## 甲\n## 乙\n# 三\n\n# 新", "手順。\n1. 一\n2. 二\n補い\n1. 甲\n2. 乙\n3. 三\n1. 新"),
        ("手順。\n# {{x}}\n# 二\n# （）\n# 四", "手順。\n2. 二\n4. 四"),
        ("<ol><li>甲</li>\n<li>乙</li></ol>丙<ul><li>丁</ul>", "1. 甲\n2. 乙\n丙\n・丁"),
        ("; 語 : 説明\n; 10:30 の便", "語\n説明\n10:30 の便"),
        ("<poem>\n海の\n歌\n</poem>\n終わり", "海の\n歌\n終わり"),
        ("海\r\n\r\n== 見出し ==\r\n山\r川", "海\n山川"),
        (":''この項目では、海について説明しています。山については「[[山]]」をご覧ください。''\n海。", "海。"),
        (":同名の映画については[[海 (映画)]]を参照\n海。\n:詳しくは[[山]]について参照", "海。\n詳しくは山について参照"),
        ("この記事では海を説明し、山については[[山]]を参照。海。", "この記事では海を説明し、山については山を参照。海。"),
        # brackets and commas
        ("海（）、山（、）、川( )、谷（{{lang|en|}}、{{x}}）、丘「」。", "海、山、川、谷、丘。"),
        ("海（、うみ、、{{x}}、 英: {{y}}）", "海（うみ）"),
        ("海（（、）（うみ、））", "海（（うみ））"),
        ("句読点「。」と「、」、中黒（・）", "句読点「。」と「、」、中黒（・）"),
        ("海{{x}}。{{y}}。（山は除く。）川、{{z}}。。。", "海。（山は除く。）川。"),
        ("海。。。", "海。。。"),
        ("島（1971年[[4月2日]] - {{x}}）は、", "島（1971年4月2日 - ）は、"),
        ("{{Otheruses}}\n（{{x}}、）\n* {{y}}\n。", ""),
    ],
)  # fmt: skip
def test_markup(source, text):
    assert plain_text(source, "題") == text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{Infobox\n|a = b\n海は広い。", "海は広い。"),
        ("海（{{lang-en|sea）は広い。", "海（sea）は広い。"),
        ("海}}は]]広い[[山|谷。", "海は広い谷。"),
        ("[[ファイル:a.jpg|thumb|海\n\n山", "山"),
        ("{|\n| a\n\n海", "海"),
        ("海<ref>a は広い。\n山", "海山"),
        ("海<!-- 山\n\n川", "海"),
        ("海（「）は」広い（", "海（「）は」広い（"),
        ("{{lang|en|{{lang|en|sea}}\n海", "海"),
        ('海<ref>a<ref>は広い。\n山<ref name="b"/ >。', "海は広い。山。"),
        ("海<ref>a</ref> は [[山]] <ref>b</ref> より", "海は 山より"),
        ("L'''Amour''と'''海'''", "L'Amourと海"),
        ("-{海}-、-{zh-hans:汉;zh-hant:漢}-、-{R|山}-", "海、汉、山"),
    ],
)
def test_markup_that_is_never_closed(source, text):
    assert plain_text(source) == text


MARKS = st.sampled_from(
    "[[ ]] {{ }} {{{ }}} {| |} | ' '' ''' <!-- --> <ref> </ref> <ref/> <table> </table> <br> <sup> </sup> "
    "（ ） ( ) 「 」 、 。 , : ; * # = == ---- \n \n\n __TOC__ [http://a ] &nbsp; ファイル: File: Category: :en: "
    "lang lang-en 読み仮名 仮リンク Infobox formatnum: 海 うみ sea 1 2".split(" ")
)
WIKITEXT = st.lists(MARKS, max_size=80).map("".join)


@given(WIKITEXT)  # without formulas and entities, which show what they hold
def test_no_markup_is_left_of_any_wikitext(source):
    text = plain_text(source, "題")
    assert not [mark for mark in LEFT_OVERS if mark in text]
    assert text == text.strip() and "\n\n" not in text


@given(st.text(max_size=300))
def test_any_text_is_cleaned_without_an_error(source):
    assert isinstance(plain_text(source, source), str)


@given(st.text(alphabet="海山うみ、。「」abc 12\n", max_size=100))
def test_cleaning_again_changes_nothing(source):
    once = plain_text(source)
    assert plain_text(once.replace("\n", "\n\n")) == once


OPENINGS = ["{{a|", "{{lang|en|", "[[a|", "[[File:a|", "（、", "{|\n", "<table>", "<ref>", "<!--", "[http:", "''"]


@pytest.mark.parametrize("unit", OPENINGS)
def test_memory_grows_with_the_text_and_no_faster(unit):
    """A long row of the same opening mark, with nothing closed."""
    source = unit * ((1 << 17) // len(unit))
    tracemalloc.start()
    plain_text(source)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 200 * len(source)


def test_long_names_of_templates_are_not_kept():
    tracemalloc.start()
    for number in range(20):
        assert plain_text(f"{{{{{number}{'x' * (1 << 20)}}}}}海") == "海"
    kept = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert kept < 2 << 20


@pytest.mark.slow
def test_templates_nested_without_end_vanish():
    depth = 100_000
    assert plain_text("{{lang|en|" * depth + "x" + "}}" * depth + "海") == "海"
    assert plain_text("[[a|" * depth + "x" + "]]" * depth + "海") == "a海"
