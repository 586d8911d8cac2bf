"""Writes Coursera_En-Ja.zip: invented lectures in the corpus's layout. Run: python samples/coursera/make.py"""

from __future__ import annotations

import zipfile
from pathlib import Path

# The Japanese side of train is separated into tokens by a space, a space of the text is three; the last pairs have an
# empty side.
TRAIN = (
    ("Welcome to this course on the history of maps.", "地図 の 歴史 に 関する この 講座 へ ようこそ 。"),
    ("Let's begin with a simple question.", "簡単 な 質問 から 始め ましょう 。"),
    ("What makes a map useful?", "地図 が 役に立つ の は なぜ でしょう か 。"),
    ("A good map leaves things out.", "良い 地図 は 余計 な もの を 省き ます 。"),
    ("We will use Python and SQL in the exercises.", "演習 で は Python と SQL を 使い ます 。"),
    ("The Quick Sort algorithm is covered next week.", "Quick   Sort アルゴリズム は 来週 扱い ます 。"),
    ("As you can see, there are two columns here.", "ご覧 の よう に 、   ここ に は 列 が 2 つ あり ます 。"),
    ('He called it "the empty quarter".', "彼 は それ を 「 空白 の 一角 」 と 呼び ました 。"),
    ("The first atlas was printed by hand.", "最初 の 地図帳 は 手作業 で 印刷 さ れ ました 。"),
    ("Please pause the video and try it yourself.", "動画 を 止め て 、 自分 で 試し て みて ください 。"),
    ("There is no single right answer.", "正解 は 一つ で は あり ません 。"),
    ("Rivers are drawn in blue by convention.", "川 は 慣例 として 青 で 描か れ ます 。"),
    ("The scale tells you how far things are.", "縮尺 は 距離 を 教え て くれ ます 。"),
    ("In the year 2010, the survey was repeated.", "2010 年 に 、 調査 が もう 一度 行わ れ ました 。"),
    ("Contour lines never cross each other.", "等高線 が 互い に 交わる こと は あり ません 。"),
    ("Think about the last map you used.", "最後 に 使っ た 地図 を 思い出し て ください 。"),
    ("", "この 文 に は 英語 が あり ませ ん 。"),
    ("This sentence has no Japanese.", ""),
)
DEV = (
    ("That's all for today.", "今日はここまでです。"),
    ("Write your answer in the forum.", "答えは掲示板に 書いてください。"),
    ("I'm Alex, and I teach statistics.", "私はAlex、統計を教えています。"),
    ("The mean is null when there is no data.", "データがなければ平均は null です。"),
    ("Good luck with the quiz!", "小テスト、頑張ってください。"),
    ("You need a password to log in.", "ログインにはパスワードが必要です。"),
)
TEST = (
    ("Are there any questions?", "質問はありますか?"),
    ("See you in the next lecture.", "では次の講義でお会いしましょう。"),
    ("This graph shows rainfall by month.", "このグラフは月ごとの降水量を示しています。"),
    ("It rained more in June than in July.", "7月より6月のほうが雨が多く降りました。"),
)


def members() -> dict[str, str]:
    """Text by member path, in the archive's order."""
    texts = {}
    for split, pairs in (("train", TRAIN), ("dev", DEV), ("test", TEST)):
        texts[f"Coursera_En-Ja/{split}.en.txt"] = "".join(f"{english}\n" for english, _ in pairs)
        texts[f"Coursera_En-Ja/{split}.ja.txt"] = "".join(f"{japanese}\n" for _, japanese in pairs)
    return texts


if __name__ == "__main__":
    with zipfile.ZipFile(Path(__file__).parent / "Coursera_En-Ja.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in members().items():
            archive.writestr(zipfile.ZipInfo(path), text)
