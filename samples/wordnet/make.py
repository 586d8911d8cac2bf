"""Writes the three files of Japanese WordNet with invented entries. Run: python samples/wordnet/make.py"""

from __future__ import annotations

import gzip
from pathlib import Path

# Synset, sub-index, English, Japanese.
DEFINITIONS = (
    ("00000001-n", "0", "a small boat that carries people across a river", "人を乗せて川を渡る小さな舟"),
    ("00000002-n", "0", "a person who bakes bread for a living", "パンを焼くことを仕事とする人"),
    ("00000003-n", "0", "the time of day when the sun goes down", "一日のうち、太陽が沈む時刻"),
    ("00000003-n", "1", "the light in the sky at that time", "その時刻の空の明るさ"),
    ("00000004-v", "0", "look for something with great care", "注意深く何かを捜す"),
    ("00000005-v", "0", "make clean with water", "水を使ってきれいにする"),
    ("00000005-v", "1 ", "remove by means of water", "水によって取り除く"),
    ("00000006-a", "0", "having little light", "光がわずかしかない"),
    ("00000007-r", "0", "in a way that makes no sound", "音を立てないようなやり方で"),
    ("00000008-n", "0", "a tool for driving nails", "釘を打つための道具"),
    ("00000009-n", "0", "an animal with long ears that hops", "長い耳をもち、跳びはねる動物"),
    ("00000010-n", "0", 'a mark (") put before and after words that someone said', '誰かの言葉の前後に置く記号（"）'),
    ("00000011-n", "0", "null; a value that stands for nothing", "無を表す値"),
    ("00000012-n", "0", "a shop that lends books", "本を貸す店"),
    ("00000013-v", "0", "go up step by step", "一段ずつ上へ行く"),
    ("00000014-n", "0", "a room where food is prepared", "食べ物を用意する部屋"),
    ("00000015-n", "0", "the first meal of the day", "一日の最初の食事"),
    ("00000016-a", "0", "not heavy", "重くない"),
    ("00000017-n", "0", "water that falls from clouds in drops", "雲から粒になって落ちてくる水"),
    ("00000018-n", "0", "a place where trains stop for passengers", "乗客のために列車が止まる場所"),
    ("00000019-v", "0", "put into words of another language", "別の言語の言葉にする"),
    ("00000020-n", "0", "a story told to children at bedtime", "寝る前に子供に聞かせる話"),
    ("00000021-n", "0", "a definition that nobody has translated yet", ""),
)
EXAMPLES = (
    ("00000001-n", "0", "the ferry leaves every hour", "渡し舟は1時間ごとに出る"),
    ("00000003-n", "0", "we came home at sunset", "私たちは日暮れに家に帰った"),
    ("00000004-v", "0", "she searched the attic for the letter", "彼女は屋根裏でその手紙を捜した"),
    ("00000005-v", "0", "wash your hands before dinner", "夕食の前に手を洗いなさい"),
    ("00000006-a", "0", "a dim corridor", "薄暗い廊下"),
    ("00000007-r", "0", "the cat walked silently along the wall", "猫は塀の上を静かに歩いた"),
    ("00000013-v", "0", "he climbed the stone stairs", "彼は石段を登った"),
    ("00000017-n", "0", "the rain lasted all night", "雨は一晩中続いた"),
    ("00000019-v", "0", "translate this letter into English", "この手紙を英語に訳しなさい"),
)
# Synset, word, source of the link.
WORDS = (
    ("00000001-n", "渡し舟", "hand"),
    ("00000001-n", "渡し", "mono"),
    ("00000002-n", "パン職人", "hand"),
    ("00000002-n", "パン屋", "multi"),
    ("00000003-n", "日暮れ", "hand"),
    ("00000003-n", "夕暮れ", "mono"),
    ("00000004-v", "捜す", "hand"),
    ("00000005-v", "洗う", "hand"),
    ("00000005-v", "洗い流す", "multi"),
    ("00000006-a", "薄暗い", "hand"),
    ("00000007-r", "静かに", "hand"),
    ("00000008-n", "金槌", "hand"),
    ("00000008-n", "ハンマー", "mono"),
    ("00000009-n", "兎", "hand"),
    ("00000010-n", "引用符", "hand"),
    ("00000012-n", "貸本屋", "hand"),
    ("00000013-v", "登る", "hand"),
    ("00000014-n", "台所", "hand"),
    ("00000015-n", "朝食", "hand"),
    ("00000016-a", "軽い", "hand"),
    ("00000017-n", "雨", "hand"),
    ("00000018-n", "駅", "hand"),
    ("00000019-v", "訳す", "hand"),
    ("00000020-n", "おとぎ話", "mono"),
    ("00000021-n", "未訳語", "mono"),
    ("00000022-n", "迷い語", "mono"),
    ("00000016-a", "", "mono"),
)


def packed(rows: tuple[tuple[str, ...], ...]) -> bytes:
    """The rows as one gzip file of tab-separated text."""
    return gzip.compress("".join("\t".join(row) + "\n" for row in rows).encode(), mtime=0)


if __name__ == "__main__":
    for name, rows in (("def", DEFINITIONS), ("exe", EXAMPLES), ("ok", WORDS)):
        (Path(__file__).parent / f"wnjpn-{name}.tab.gz").write_bytes(packed(rows))
