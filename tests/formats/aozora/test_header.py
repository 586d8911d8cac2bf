"""Title and author, told from parts, subtitles, original titles, translators and publishers."""

from __future__ import annotations

import pytest

from builders.formats.aozora.header import author_of_short_header, parse_header
from builders.formats.aozora.work import UnusableWork


@pytest.mark.parametrize(
    ("lines", "title", "author"),
    [
        ("橋|山野一郎", "橋", "山野一郎"),
        ("橋|三木一郎", "橋", "三木一郎"),
        ("橋|一葉", "橋", "一葉"),
        ("橋|十返一", "橋", "十返一"),
        ("橋|――副題――|山野一郎", "橋", "山野一郎"),
        ("橋|―副題―|山野一郎", "橋", "山野一郎"),
        ("橋|……ある町の話……|山野一郎", "橋", "山野一郎"),
        ("川べり物語|夕立|山野一郎", "川べり物語\u3000夕立", "山野一郎"),
        ("川べり物語|第三巻|山野一郎", "川べり物語\u3000第三巻", "山野一郎"),
        ("川べり物語|（四）|山野一郎", "川べり物語\u3000（四）", "山野一郎"),
        ("川べり物語|昭和十五年|山野一郎", "川べり物語\u3000昭和十五年", "山野一郎"),
        ("川べり物語|山野一郎|第三巻", "川べり物語\u3000第三巻", "山野一郎"),
        ("川べり物語|山野一郎|川上三郎訳|下巻", "川べり物語\u3000下巻", "山野一郎"),
        ("川べり物語|訳者のことば|川上三郎", "川べり物語\u3000訳者のことば", "川上三郎"),
        ("川べり物語|序|川上三郎", "川べり物語\u3000序", "川上三郎"),
        ("川べり物語|川べり物語|山野一郎|川上三郎訳", "川べり物語", "山野一郎"),
        ("川べり物語|川べり物語二編叙|山野一郎", "川べり物語二編叙", "山野一郎"),
        ("川べり物語|現代語訳\u3000川べり物語|山野一郎", "現代語訳\u3000川べり物語", "山野一郎"),
        ("川べり物語|後の川べり物語|山野一郎", "川べり物語\u3000後の川べり物語", "山野一郎"),
        ("春|〔春の帽子を〕|山野一郎", "春\u3000〔春の帽子を〕", "山野一郎"),
        ("橋|友人三木二郎に捧ぐ|山野一郎", "橋", "山野一郎"),
        ("橋|（遠い人に贈る）|山野一郎", "橋", "山野一郎"),
        ("橋|この一篇を三木二郎君に献ず|山野一郎", "橋", "山野一郎"),
        ("橋|三木二郎へ。町の言葉で。|山野一郎", "橋", "山野一郎"),
        ("橋|（放送用として。）|山野一郎", "橋", "山野一郎"),
        ("橋|朝―昼―夕方―夜|山野一郎", "橋", "山野一郎"),
        ("橋|朝－昼－夕方－夜|山野一郎", "橋", "山野一郎"),
        ("橋|母に|山野一郎", "橋\u3000母に", "山野一郎"),
        ("橋|朝―昼|山野一郎", "橋\u3000朝―昼", "山野一郎"),
        ("字引|Y|山野一郎", "字引\u3000Y", "山野一郎"),
        ("『蛍籠』|岸辺清", "蛍籠", "岸辺清"),
        ("『蛍籠』序|岸辺清", "『蛍籠』序", "岸辺清"),
        ("『蛍』と『籠』|岸辺清", "『蛍』と『籠』", "岸辺清"),
    ],
)
def test_titles_with_their_parts(lines, title, author):
    header = parse_header(lines.split("|"))
    assert (header.title, header.author) == (title, author)


@pytest.mark.parametrize(
    ("line", "author"),
    [
        ("ジョン・メドウ John Meadow", "ジョン・メドウ"),
        ("林\u3000望", "林\u3000望"),
        ("ジョン・メドウ\u3000John F. Meadow-Hill", "ジョン・メドウ"),
        ("ジョン・メドウ\u3000Meadow, John", "ジョン・メドウ"),
        ("イワン・ルーガ\u3000Иван Луга", "イワン・ルーガ"),
        ("Ａ. メドウ\u3000A. Meadow", "Ａ. メドウ"),
        ("メドウ\u3000ジョン・アンリ", "メドウ\u3000ジョン・アンリ"),
        ("山野一郎著", "山野一郎"),
        ("山野一郎編撰", "山野一郎"),
        ("山野一郎口述", "山野一郎"),
        ("ジェーン・メドウ\u3000さく", "ジェーン・メドウ"),
        ("無署名（山野一郎）", "山野一郎"),
        ("山野一郎（川上三郎）", "山野一郎（川上三郎）"),
        ("山野久作", "山野久作"),
        ("山野録弥", "山野録弥"),
        ("山野一郎、海原しづ", "山野一郎、海原しづ"),
        ("山野一郎・海原しづ", "山野一郎・海原しづ"),
    ],
)
def test_names_without_role_and_foreign_spelling(line, author):
    assert parse_header(["橋", line]).author == author
    assert author_of_short_header(["橋", line]) == author


@pytest.mark.parametrize(
    "role",
    [
        *("川上三郎訳", "川上三郎譯", "川上三郎 訳", "川上三郎抄訳", "川上三郎編訳", "川上三郎訳註", "川上三郎訳・註"),
        *("川上三郎校訂", "川上三郎校訂・編纂", "川上三郎注釈校訂", "川上三郎編", "川上三郎補", "川上三郎刪定"),
        *(
            "川上三郎訳詩集",
            "川上三郎絵",
            "かわかみ三郎\u3000やく",
            "海原しづ\u3000え",
            "The River Man 訳",
            "見本研究会訳",
        ),
        *("ランドル・ヒル絵\u3000Randall Hill", "川上三郎、海原しづ訳", "Translated by KAWAKAMI Saburo", "見本新聞社"),
    ],
)
def test_other_roles_and_publishers_are_no_authors(role):
    header = parse_header(["橋", "THE BRIDGE", "ジョン・メドウ\u3000John Meadow", role])
    assert (header.title, header.author, header.asides) == ("橋", "ジョン・メドウ", ("THE BRIDGE",))


@pytest.mark.parametrize(
    ("lines", "known", "author"),
    [
        ("橋|書簡|山野一郎|川上三郎|岸辺清", {"山野一郎", "川上三郎"}, "山野一郎、川上三郎、岸辺清"),
        ("橋|山野一郎|海原しづ", {"山野一郎"}, "山野一郎、海原しづ"),
        ("橋|夕立|海原しづ", {"山野一郎"}, "海原しづ"),
        ("宣言|ジョン・メドウ|ハンス・ベルク|川上三郎訳|岸辺清訳", set(), "ジョン・メドウ、ハンス・ベルク"),
        ("宣言|クリスマス・ストーリー|ハンス・ベルク\u3000Hans Berg|川上三郎訳", set(), "ハンス・ベルク"),
        (
            "橋|ジョン・メドウ\u3000John Meadow、ハンス・ベルク\u3000Hans Berg|川上三郎訳",
            set(),
            "ジョン・メドウ、ハンス・ベルク",
        ),
    ],
)
def test_several_authors(lines, known, author):
    assert parse_header(lines.split("|"), known).author == author


def test_a_name_in_foreign_letters_only():
    header = parse_header(["イタリア", "August von Hill", "川上三郎訳"])
    assert header.author == "August von Hill"
    with pytest.raises(UnusableWork):
        parse_header(["竜の話", "BEL AND THE DRAGON", "川上三郎訳"])


@pytest.mark.parametrize(
    "lines",
    [
        *("橋", "橋|川上三郎訳", "橋|第一巻|川上三郎訳", "橋|序／目次|川上三郎編訳", "橋|――メドウ――|川上三郎訳"),
        *("全集|―３―|詩集２\u3000中期詩篇", "法律|（昭和二十三年七月十二日法律第百三十六号）"),
    ],
)
def test_a_header_that_names_no_author(lines):
    with pytest.raises(UnusableWork, match="no author in the header"):
        parse_header(lines.split("|"))


@pytest.mark.parametrize("lines", ["橋", "橋|川上三郎訳", "橋|――副題――", "橋|夕立|山野一郎"])
def test_headers_that_may_hold_more_than_an_author(lines):
    assert author_of_short_header(lines.split("|")) is None
