"""Writes jpn-eng.zip: invented pairs in the layout of manythings.org. Run: python samples/tab_delimited/make.py"""

from __future__ import annotations

import zipfile
from pathlib import Path

# A byte order mark, a quotation mark that is never closed, words that look like missing values, a CRLF line, a lone
# carriage return inside a sentence; then rows with a column too few, one too many, an empty cell, and an empty line.
PAIRS = (
    ("Stop.", "止まって。"),
    ("Wake up.", "起きて。"),
    ("It's cold today.", "今日は寒い。"),
    ("I like green tea.", "緑茶が好きです。"),
    ("Where is the station?", "駅はどこですか。"),
    ("This umbrella is mine.", "この傘は私のです。"),
    ('He said, "Wait.', "彼は「待って」と言った。"),
    ("null", "ヌル"),
    ("NA", "該当なし"),
    ("None of them came.", "誰も来なかった。"),
    ("We walked along the river.", "私たちは川沿いを歩いた。"),
    ("She plays the violin well.", "彼女はバイオリンが上手だ。"),
    ("The soup is too hot to eat.", "スープは熱すぎて飲めない。"),
    ("My brother lives in Sendai.", "兄は仙台に住んでいる。"),
    ("How much is this apple?", "このりんごはいくらですか。"),
    ("The bus leaves every hour.", "バスは一時間ごとに出る。"),
    ("I forgot to buy some milk.", "牛乳を買うのを忘れた。"),
    ("Do you have anything to write with?", "何か書くものはありますか。"),
    ("The cat hid under the table.", "猫はテーブルの下に隠れた。"),
    ("It has been raining since morning.", "朝から雨が降り続いている。"),
    ("Please call me when you arrive.", "着いたら電話してください。"),
    ("The library is closed on Mondays.", "図書館は月曜日が休みです。"),
    ("I have never seen such a big fish.", "こんなに大きな魚は見たことがない。"),
    ("Can you tell me the way to the post office?", "郵便局への道を教えてくれますか。"),
)


def rows() -> list[str]:
    """The lines of `jpn.txt`."""
    attribution = "CC-BY 2.0 (France) Attribution: tatoeba.org #{} (someone) & #{} (another)"
    lines = [
        f"{english}\t{japanese}\t{attribution.format(9000 + index, 8000 + index)}"
        for index, (english, japanese) in enumerate(PAIRS)
    ]
    lines[2] += "\r"
    lines[3] = lines[3].replace("green tea", "green\rtea")
    lines[4] = lines[4].replace(attribution.format(9004, 8004), "Attribution: unknown")
    lines[5:5] = ["A row with one column", "Four\t四つ\t列が\t多い", "\t英語がない\tnobody", "No Japanese\t \tnobody", ""]
    return lines


if __name__ == "__main__":
    with zipfile.ZipFile(Path(__file__).parent / "jpn-eng.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("jpn.txt"), "\ufeff" + "\n".join(rows()) + "\n")
        archive.writestr(zipfile.ZipInfo("_about.txt"), "Invented sentence pairs.\n")
