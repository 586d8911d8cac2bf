"""Writes jwtd_v2.0.tar.gz: invented corrections in the layout of JWTD. Run: python samples/jwtd/make.py"""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from pathlib import Path

# Page, title, revisions, text before and after, and (before, after, category) of each difference.
TRAIN = (
    ("5012", "灯台", "31", "47", "灯台は岬のの先にある。", "灯台は岬の先にある。", (("の", "", "insertion_a"),)),
    ("5012", "灯台", "31", "47", "夜は白い光りを放つ。", "夜は白い光を放つ。", (("光り", "光", "kanji-conversion_b"),)),
    ("5012", "灯台", "52", "60", "灯台守りは三人だだった。", "灯台守は三人だった。", (("り", "", "insertion_a"), ("だ", "", "insertion_a"))),
    ("613", "紙飛行機", "8", "9", "紙飛行機はよく飛ぶよう尾翼を曲げる。", "紙飛行機はよく飛ぶように尾翼を曲げる。", (("", "に", "deletion"),)),
    ("613", "紙飛行機", "9", "14", "折りり方は何通りもある。", "折り方は何通りもある。", (("り", "", "insertion_a"),)),
    ("77", "水車", "100", "101", "水車は川の流れで回る回る。", "水車は川の流れで回る。", (("回る", "", "insertion_b"),)),
    ("77", "水車", "103", "108", "粉を引くのに使われた。", "粉を挽くのに使われた。", (("引く", "挽く", "kanji-conversion_a"),)),
    ("77", "水車", "108", "111", "今も三基が残っいてる。", "今も三基が残っている。", (("いて", "てい", "transposition"),)),
    ("9001", "風鈴", "4", "6", "風鈴はガラスや鉄で作られり。", "風鈴はガラスや鉄で作られる。", (("り", "る", "substitution"),)),
    ("9001", "風鈴", "6", "7", "夏の風物誌である。", "夏の風物詩である。", (("誌", "詩", "kanji-conversion_a"),)),
    ("9001", "風鈴", "7", "12", "音を\"涼しい\"と感じる人もが多い。", "音を\"涼しい\"と感じる人が多い。", (("も", "", "insertion_a"),)),
    ("240", "時刻表", "20", "22", "1日に4本しかか走らない。", "1日に4本しか走らない。", (("か", "", "insertion_a"),)),
    ("240", "時刻表", "22", "25", "終点までおよそ50分をを要する。", "終点までおよそ50分を要する。", (("を", "", "insertion_a"),)),
    ("240", "時刻表", "25", "26", "駅は無人駅でる。", "駅は無人駅である。", (("", "あ", "deletion"),)),
    ("3310", "藍染め", "70", "71", "布を藍に漬けけて染める。", "布を藍に漬けて染める。", (("け", "", "insertion_a"),)),
    ("3310", "藍染め", "71", "78", "色は漬ける回数で代わる。", "色は漬ける回数で変わる。", (("代わる", "変わる", "kanji-conversion_a"),)),
    ("3310", "藍染め", "78", "79", "水で洗うと色が出る。", "水で洗うと色が出る。", ()),
    ("3310", "藍染め", "79", "80", "", "布は日陰で干す。", (("", "布は日陰で干す。", "others"),)),
    ("3310", "藍染め", "80", "83", "空気に触れると青くなる。", "空気にふれると青くなる。", (("触", "ふ", "not-typo"),)),
)
TEST = (
    ("880", "凧", "11", "13", "凧は風を受けて上ががる。", "凧は風を受けて上がる。", (("が", "", "insertion_a"),)),
    ("880", "凧", "13", "19", "竹と和紙とで作る事がおおい。", "竹と和紙とで作ることが多い。", (("事", "こと", "others"), ("おお", "多", "others"))),
    ("880", "凧", "19", "21", "正月に揚げるる習慣がある。", "正月に揚げる習慣がある。", (("る", "", "insertion_a"),)),
)
GOLD = (
    ("880", "凧", "11", "13", "凧は風を受けて上ががる。", "凧は風を受けて上がる。", None),
    ("415", "石橋", "2", "5", "橋の長さはは三十歩ほどである。", "橋の長さは三十歩ほどである。", None),
    ("415", "石橋", "5", "6", "石は近くの山から運らばれた。", "石は近くの山から運ばれた。", None),
)
CUT_LINE = '{"page": "415", "title": "石橋", "pre_rev": "6",\n'


def line(row: tuple) -> str:
    """One line of a member; gold has no `diffs`."""
    fields = dict(zip(("page", "title", "pre_rev", "post_rev", "pre_text", "post_text"), row[:6], strict=True))
    if row[6] is not None:
        names = ("pre_str", "post_str", "category")
        fields["diffs"] = [
            dict(zip(names, diff, strict=True)) | {"pre_bart_likelihood": -20.5, "post_bart_likelihood": -9.25}
            for diff in row[6]
        ]
        fields["lstm_average_likelihood"] = -2.5
    return json.dumps(fields, ensure_ascii=False) + "\n"


def archive() -> bytes:
    """The tar archive with its three members."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, rows, rest in (("train", TRAIN, ""), ("test", TEST, CUT_LINE), ("gold", GOLD, "")):
            content = ("".join(map(line, rows)) + rest).encode()
            member = tarfile.TarInfo(f"jwtd_v2.0/{name}.jsonl")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return packed.getvalue()


if __name__ == "__main__":
    (Path(__file__).parent / "jwtd_v2.0.tar.gz").write_bytes(gzip.compress(archive(), mtime=0))
