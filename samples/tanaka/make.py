"""Writes examples.utf.gz: invented pairs in the layout of the Tanaka corpus. Run: python samples/tanaka/make.py"""

from __future__ import annotations

import gzip
from pathlib import Path

# Japanese, English, ids behind #ID=, index line.
PAIRS = (
    (
        "祖母は毎朝、庭の花に水をやります。",
        "My grandmother waters the garden flowers every morning.",
        "900001_910001",
        "祖母 は 毎朝 庭 の 花 に 水をやる{水をやります}",
    ),
    (
        "駅前に新しいパン屋ができた。",
        "A new bakery has opened in front of the station.",
        "900002_910002",
        "駅前 に 新しい パン屋 が 出来る{できた}",
    ),
    (
        "雨が降り出す前に洗濯物を取り込もう。",
        "Let's bring in the laundry before it starts raining.",
        "900003_910003",
        "雨 が 降り出す 前 に 洗濯物 を 取り込む{取り込もう}",
    ),
    ("彼の部屋番号は#12です。", "His room is #12.", "900004_910004", "彼(かれ)[01] の 部屋 番号 は です"),
    (
        "C#で書いた小さなゲームです。",
        "It is a small game written in C#.",
        "900005_910005",
        "で 書く{書いた} 小さな ゲーム です",
    ),
    (
        "この列の番号は#ID=7の形をしている。",
        "The numbers in this row look like #ID=7.",
        "900006_910006",
        "此の{この} 列 の 番号 は",
    ),
    ("「はい」と彼女は言った。", '"Yes," she said.', "900007_910007", "はい と 彼女 は 言う{言った}"),
    ("猫が窓辺で眠っている。", "The cat is sleeping by the window.", "900008_910008", "猫 が 窓辺 で 眠る{眠っている}"),
    ("猫が窓辺で眠っている。", "A cat is asleep on the windowsill.", "900009_910008", "猫 が 窓辺 で 眠る{眠っている}"),
    ("図書館は九時に開きます。", "The library opens at nine.", "900010_910010", "図書館 は 九時 に 開く{開きます}"),
    ("弟は将棋が得意だ。", "My little brother is good at shogi.", "900011_910011", "弟 は 将棋 が 得意 だ"),
    (
        "財布をどこに置いたか思い出せない。",
        "I can't remember where I put my wallet.",
        "900012_910012",
        "財布 を 何処に{どこに} 置く{置いた} か 思い出す{思い出せない}",
    ),
    (
        "山の上は風が強かった。",
        "The wind was strong on top of the mountain.",
        "900013_910013",
        "山 の 上 は 風 が 強い{強かった}",
    ),
    ("値段は半分になりました。", "The price dropped by 50%.", "900014_910014", "値段 は 半分 に 成る{なりました}"),
    (
        "お茶をもう一杯いかがですか。",
        "Would you like another cup of tea?",
        "900015_910015",
        "お茶 を もう 一杯 如何{いかが} ですか",
    ),
    (
        "その橋は百年前に建てられた。",
        "That bridge was built a hundred years ago.",
        "900016_910016",
        "其の{その} 橋 は 百 年前 に 建てる{建てられた}",
    ),
    (
        "電車が遅れたので、会議に間に合わなかった。",
        "My train was late, so I missed the meeting.",
        "900017_910017",
        "電車 が 遅れる{遅れた} ので 会議 に 間に合う{間に合わなかった}",
    ),
    (
        "電車が遅れたので、会議に間に合わなかった。",
        "My train was late, so I missed the meeting.",
        "900017_910017",
        "電車 が 遅れる{遅れた} ので 会議(かいぎ) に 間に合う{間に合わなかった}",
    ),
    (
        "今夜は星がよく見える。",
        "The stars are clearly visible tonight.",
        "900018_910018",
        "今夜 は 星 が 良く{よく} 見える",
    ),
    (
        "null は値がないことを表す。",
        "Null means that there is no value.",
        "900019_910019",
        "は 値 が 無い{ない} 事{こと} を 表す",
    ),
    (
        "この鍵は古い形の番号だけを持つ。",
        "This pair has an id of the old kind.",
        "900020",
        "此の{この} 鍵(かぎ) は 古い 形 の 番号 だけ を 持つ",
    ),
    (
        "庭の柿が赤くなった。",
        "The persimmons in the garden have turned red.",
        "900021_910021",
        "庭 の 柿 が 赤い{赤く} 成る{なった}",
    ),
)
# What is not a pair: comments and removed pairs are passed over, the rest are rejected.
ODD_LINES = (
    "# removed in the spring revision",
    "#A: この文は取り下げられた。\tThis sentence was withdrawn.#ID=900022_910022",
    "A: この行にはタブがありません。This line has no TAB.#ID=900023_910023",
    "A: この行の番号は消えました。\tThis line has lost its number.",
    "A: \tThe Japanese of this pair is missing.#ID=900024_910024",
    "A: この文には英語がない。\t#ID=900025_910025",
    "A: 列が\t三つ\tThree columns.#ID=900026_910026",
    "ここに迷い込んだ一行",
    "",
)


def text() -> str:
    """The file: the pairs, the odd lines after the tenth of them."""
    pairs = [f"A: {japanese}\t{english}#ID={ids}\nB: {index}" for japanese, english, ids, index in PAIRS]
    return "\n".join([*pairs[:10], *ODD_LINES, *pairs[10:]]) + "\n"


if __name__ == "__main__":
    compressed = gzip.compress(text().encode(), mtime=0)
    (Path(__file__).parent / "examples.utf.gz").write_bytes(compressed)
