"""Writes ALT-Parallel-Corpus-20191206.zip: invented news in the layout of ALT. Run: python samples/alt/make.py"""

from __future__ import annotations

import zipfile
from pathlib import Path

FOLDER = "ALT-Parallel-Corpus-20191206"
# Id, English, Japanese. None: the side has no such line.
SENTENCES = (
    (
        "SNT.10001.1",
        "The new bridge over the harbour was opened on Monday morning.",
        "港にかかる新しい橋が月曜日の朝に開通した。",
    ),
    (
        "SNT.10001.2",
        "About two thousand people walked across it before the first cars were allowed.",
        "最初の車の通行が許可される前に、およそ2000人が橋を歩いて渡った。",
    ),
    (
        "SNT.10001.3",
        '"I have waited for this day for thirty years," said the mayor.',
        "「この日を30年間待っていた」と市長は述べた。",
    ),
    (
        "SNT.10001.4",
        "The old ferry will make its last trip in October.",
        "古いフェリーは10月に最後の航海を行う予定である。",
    ),
    (
        "SNT.10002.1",
        "A small earthquake shook the northern islands on Thursday night.",
        "木曜日の夜、北部の島々で小さな地震があった。",
    ),
    ("SNT.10002.2", "No injuries were reported.", "負傷者は報告されていない。"),
    ("SNT.10002.3", "Trains were stopped for about twenty minutes.", "列車は約20分間運転を見合わせた。"),
    ("SNT.10002.4", "Schools opened as usual the next day.", ""),
    (
        "SNT.10003.1",
        "Researchers have found a new species of frog in a mountain forest.",
        "研究者らが山地の森林で新種のカエルを発見した。",
    ),
    (
        "SNT.10003.2",
        "The frog is smaller than a coin and sings only in the rain.",
        "このカエルは硬貨よりも小さく、雨の中でだけ鳴く。",
    ),
    ("SNT.10003.3", "Its colour changes from green to brown in winter.", "その体色は冬になると緑色から茶色に変わる。"),
    ("SNT.10003.4", "The team plans to return next spring.", None),
    (
        "SNT.10004.1",
        "The home team won the final 3–1 after extra time.",
        "地元チームは延長戦の末、決勝を3対1で制した。",
    ),
    (
        "SNT.10004.2",
        "The goalkeeper, aged only 17, was named player of the match.",
        "わずか17歳のゴールキーパーが最優秀選手に選ばれた。",
    ),
    (
        "SNT.10004.3",
        "Thousands of fans celebrated in the streets until dawn.",
        "何千人ものファンが夜明けまで街頭で祝った。",
    ),
    ("SNT.10005.1", "The city library has lent its millionth book.", "市立図書館の貸し出し冊数が100万冊に達した。"),
    (
        "SNT.10005.2",
        "The borrower, a nine-year-old girl, received a bookshelf as a present.",
        "借りたのは9歳の女の子で、記念に本棚が贈られた。",
    ),
    (
        "SNT.10005.3",
        'The title of the book was "null", a story about a robot.',
        "本の題名は「null」で、ロボットの物語である。",
    ),
    ("SNT.10006.1", "Fuel prices rose for the fifth week in a row.", "燃料価格は5週連続で上昇した。"),
    ("SNT.10006.2", "Taxi companies have asked the government for help.", "タクシー会社は政府に支援を求めている。"),
    ("SNT.10006.3", None, "政府は来週、対策を発表する見通しである。"),
    ("SNT.10006.4", "A decision is expected within the month.", "月内に決定が下される見込みである。"),
    ("SNT.10007.1", "Heavy snow closed the mountain pass for two days.", "大雪のため、峠は2日間にわたって閉鎖された。"),
    ("SNT.10007.2", "Drivers spent the night in a school gymnasium.", "運転手らは学校の体育館で一夜を過ごした。"),
)


def side(column: int) -> str:
    """One member's text."""
    return "".join(f"{row[0]}\t{row[column]}\n" for row in SENTENCES if row[column] is not None)


def members() -> dict[str, str]:
    """Text by member name; the Japanese side is in another order and has one id twice and one line without a TAB."""
    japanese = "".join(reversed(side(2).splitlines(keepends=True)))
    return {
        "data_en.txt": side(1),
        "data_ja.txt": japanese + "SNT.10002.2\tけが人はいなかった。\nSNT.10008.1 タブのない行\n",
        "URL.txt": "URL.10001\thttp://news.example/New_bridge_opened\n",
    }


if __name__ == "__main__":
    with zipfile.ZipFile(Path(__file__).parent / f"{FOLDER}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members().items():
            info = zipfile.ZipInfo(f"{FOLDER}/{name}", (2019, 12, 6, 0, 0, 0))
            archive.writestr(info, text.encode(), zipfile.ZIP_DEFLATED)
